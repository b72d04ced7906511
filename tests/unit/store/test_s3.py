"""What goes wrong between us and an S3 server, and what is sent to it."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from spark_pdf.config import StoreOptions
from spark_pdf.errors import AccessDenied, ConfigError, NotFound, StoreError, UnsafeStoreError, UnsupportedError
from spark_pdf.store import ObjectStore, open_store, resolve
from tests.s3_fixtures import KEY_VARIABLE, SECRET_VARIABLE, Fault, FaultProxy, Request, S3Server

pytestmark = pytest.mark.s3


@pytest.fixture
def behind(s3_server: S3Server, s3_bucket: str, fault_proxy: FaultProxy) -> ObjectStore:
    """A store whose requests pass through the proxy."""
    return open_store(f"{s3_bucket}/out", s3_server.options(fault_proxy.endpoint), patience=20)


def first(method: str, fault: Fault, times: int = 1) -> object:
    """Break the first requests with that method."""
    left = [times]

    def broken(request: Request) -> Fault | None:
        if request.method == method and left[0]:
            left[0] -= 1
            return fault
        return None

    return broken


@pytest.mark.parametrize("fault", ["slow_down", "lost_request", "lost_answer"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_create_whose_answer_is_lost_is_still_ours(
    behind: ObjectStore, fault_proxy: FaultProxy, fault: Fault, times: int
) -> None:
    fault_proxy.fault = first("PUT", fault, times)  # type: ignore[assignment]
    assert behind.create("k", b"mine " + secrets.token_bytes(16))
    assert not behind.create("k", b"theirs")


@pytest.mark.parametrize("fault", ["slow_down", "lost_request", "lost_answer"])
def test_a_create_that_lost_the_race_knows_it(
    behind: ObjectStore, fault_proxy: FaultProxy, s3_server: S3Server, fault: Fault
) -> None:
    behind.write("k", b"theirs")
    fault_proxy.fault = first("PUT", fault)  # type: ignore[assignment]
    assert not behind.create("k", b"mine")
    assert behind.read("k") == b"theirs"


def test_reading_back_may_fail_too(behind: ObjectStore, fault_proxy: FaultProxy) -> None:
    left = {"PUT": 1, "GET": 2}

    def broken(request: Request) -> Fault | None:
        if left.get(request.method, 0):
            left[request.method] -= 1
            return "lost_answer"
        return None

    fault_proxy.fault = broken
    assert behind.create("k", b"mine")
    assert left == {"PUT": 0, "GET": 0}


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "DELETE", "POST"])
@pytest.mark.parametrize("fault", ["slow_down", "lost_request", "lost_answer"])
def test_everything_else_is_tried_again(
    behind: ObjectStore, fault_proxy: FaultProxy, method: str, fault: Fault
) -> None:
    fault_proxy.fault = first(method, fault)  # type: ignore[assignment]
    behind.write("k", b"0123")
    assert behind.read("k") == b"0123"
    assert behind.read_range("k", 1, 2) == b"12"
    info = behind.head("k")
    assert info is not None
    assert info.size == 4
    assert [one.key for one in behind.list()] == ["k"]
    behind.delete(["k", "l"])
    assert behind.head("k") is None


@pytest.mark.parametrize("query", ["uploads", "partNumber=", "uploadId="])
@pytest.mark.parametrize("fault", ["slow_down", "lost_request", "lost_answer"])
def test_a_multipart_object_survives_faults(
    behind: ObjectStore, fault_proxy: FaultProxy, query: str, fault: Fault
) -> None:
    left = [1]

    def broken(request: Request) -> Fault | None:
        _, _, asked = request.path.partition("?")
        if left[0] and request.method in ("PUT", "POST") and query in asked:
            left[0] -= 1
            return fault
        return None

    fault_proxy.fault = broken
    data = secrets.token_bytes(1 << 20)
    with behind.writer("big", part_bytes=5 << 20) as writer:
        for _ in range(12):
            writer.write(data)
    assert left == [0]
    assert behind.read("big") == data * 12


def test_a_store_that_never_answers_fails_in_time(behind: ObjectStore, fault_proxy: FaultProxy) -> None:
    fault_proxy.fault = lambda request: "slow_down"
    store = open_store(behind.uri, behind._options, patience=0.3)
    for action in (lambda: store.read("k"), lambda: store.create("k", b"1"), lambda: store.write("k", b"1")):
        with pytest.raises(StoreError, match=r"s3://.*k"):
            action()


def test_probe_refuses_a_store_that_ignores_conditions(behind: ObjectStore, fault_proxy: FaultProxy) -> None:
    fault_proxy.fault = lambda request: "ignore_condition"
    with pytest.raises(UnsafeStoreError, match="succeeded twice"):
        behind.probe()
    fault_proxy.fault = lambda request: None
    assert list(behind.list()) == []


def test_an_unreachable_store_is_one_sentence(s3_bucket: str, s3_server: S3Server) -> None:
    store = open_store(s3_bucket, s3_server.options("http://127.0.0.1:9"), patience=0.5)
    with pytest.raises(StoreError, match="cannot be reached") as raised:
        store.probe()
    assert "\n" not in str(raised.value)


def test_an_absent_bucket_is_named(s3_server: S3Server) -> None:
    with pytest.raises(NotFound, match="no bucket s3://there-is-none"):
        open_store("s3://there-is-none/x", s3_server.options()).read("k")
    with pytest.raises(StoreError, match="no bucket s3://there-is-none"):
        open_store("s3://there-is-none/x", s3_server.options()).probe()


@pytest.mark.parametrize(
    "change",
    [
        {"secret_access_key": f"env:{KEY_VARIABLE}"},
        {"access_key_id": f"env:{SECRET_VARIABLE}"},
        {"access_key_id": None, "secret_access_key": None, "anonymous": True},
    ],
)
def test_wrong_credentials_are_denied_and_not_shown(
    s3_server: S3Server, s3_bucket: str, change: dict[str, object]
) -> None:
    options = s3_server.options().model_copy(update=change)
    store = open_store(s3_bucket, options)
    for action in (store.probe, lambda: store.read("k"), lambda: list(store.list())):
        with pytest.raises(AccessDenied, match=s3_bucket) as raised:
            action()
        shown = f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__suppress_context__}"
        assert s3_server.secret_key not in shown
        assert shown.endswith("True")


def test_content_type_tags_and_encryption_are_sent(
    s3_server: S3Server, s3_bucket: str, fault_proxy: FaultProxy
) -> None:
    options = s3_server.options(fault_proxy.endpoint)
    store = open_store(s3_bucket, options.model_copy(update={"sse": "AES256"}))
    store.create("a", b"1", content_type="application/pdf", tags={"class": "invoice", "kept for": "10 years"})
    with store.writer("b", content_type="application/zip", tags={"class": "pack"}, part_bytes=5 << 20) as writer:
        for _ in range(6):
            writer.write(bytes(1 << 20))
    open_store(s3_bucket, options.model_copy(update={"sse": "aws:kms", "kms_key_id": "key-1"})).write("c", b"1")
    sent = {
        request.path.rsplit("/", 1)[1].partition("?")[0]: request.headers
        for request in fault_proxy.requests
        if "x-amz-server-side-encryption" in request.headers
    }
    assert sent["a"]["x-amz-server-side-encryption"] == "AES256"
    assert sent["b"]["x-amz-server-side-encryption"] == "AES256"
    assert sent["c"]["x-amz-server-side-encryption"] == "aws:kms"
    assert sent["c"]["x-amz-server-side-encryption-aws-kms-key-id"] == "key-1"
    client, bucket = s3_server.client(), s3_bucket.removeprefix("s3://")
    assert client.head_object(Bucket=bucket, Key="a")["ContentType"] == "application/pdf"
    assert client.head_object(Bucket=bucket, Key="b")["ContentType"] == "application/zip"
    tags = client.get_object_tagging(Bucket=bucket, Key="a")["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"class": "invoice", "kept for": "10 years"}
    assert client.get_object_tagging(Bucket=bucket, Key="b")["TagSet"] == [{"Key": "class", "Value": "pack"}]


def test_credentials_come_from_a_profile(
    s3_server: S3Server, s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials").write_text(
        f"[billing]\naws_access_key_id={s3_server.access_key}\naws_secret_access_key={s3_server.secret_key}\n"
    )
    (tmp_path / "config").write_text("[profile billing]\nregion=us-east-1\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    options = StoreOptions(endpoint=s3_server.endpoint, profile="billing")
    store = open_store(s3_bucket, options)
    store.probe()
    assert list(store.unfinished() or ()) == []
    with pytest.raises(UnsupportedError, match="no AWS profile 'other'"):
        open_store(s3_bucket, StoreOptions(endpoint=s3_server.endpoint, profile="other"))


def test_credentials_come_from_the_environment(
    s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secret_key)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.endpoint)
    open_store(s3_bucket).probe()


def test_explicit_keys_do_not_mix_with_the_environment(
    s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "another")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    open_store(s3_bucket, s3_server.options(), patience=2).probe()


def test_no_credentials_at_all_is_one_sentence(
    s3_server: S3Server, s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AccessDenied, match="no AWS credentials were found"):
        open_store(s3_bucket, StoreOptions(endpoint=s3_server.endpoint))


def test_one_key_without_the_other_is_a_config_error(s3_server: S3Server, s3_bucket: str) -> None:
    with pytest.raises(ConfigError, match="both access_key_id and secret_access_key"):
        open_store(s3_bucket, s3_server.options().model_copy(update={"secret_access_key": None}))


def test_unfinished_uploads_are_found_and_discarded(s3_server: S3Server, s3_bucket: str) -> None:
    store = open_store(f"{s3_bucket}/out", s3_server.options())
    client, bucket = s3_server.client(), s3_bucket.removeprefix("s3://")
    for key in ("out/packs/r/0-0-a.zip", "other/packs/r/0-0-a.zip"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    (found,) = store.unfinished("packs") or ()
    assert found.key == "packs/r/0-0-a.zip"
    store.discard(found)
    store.discard(found)
    assert list(store.unfinished() or ()) == []
    assert [one["Key"] for one in client.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [
        "other/packs/r/0-0-a.zip"
    ]


def test_threads_share_a_store(s3_server: S3Server, s3_bucket: str) -> None:
    store = open_store(s3_bucket, s3_server.options())
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(20):
                store.write(f"{number}/{turn}", f"{number} {turn}".encode())
                assert store.read(f"{number}/{turn}") == f"{number} {turn}".encode()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_resolved_options_reach_another_process_whole(s3_server: S3Server, s3_bucket: str) -> None:
    resolved = resolve(s3_server.options())
    assert s3_server.secret_key not in repr(resolved)
    open_store(s3_bucket, resolved).probe()


def test_a_forked_child_is_told_so_rather_than_left_waiting(s3_server: S3Server, s3_bucket: str) -> None:
    program = """
import os, signal, sys
from spark_pdf.config import StoreOptions
from spark_pdf.store import open_store
keys = {"access_key_id": sys.argv[3], "secret_access_key": sys.argv[4]}
options = StoreOptions(endpoint=sys.argv[1], region="us-east-1", **keys)
store = open_store(sys.argv[2], options)
if os.fork() == 0:  # before the first use
    store.write("a", b"1")
    os._exit(0)
assert os.wait()[1] == 0
assert store.read("a") == b"1"
if os.fork() == 0:
    signal.alarm(20)
    for attempt in (store, open_store(sys.argv[2] + "/other", options)):
        try:
            attempt.read("a")
        except Exception as error:
            print(type(error).__name__, error, flush=True)
    os._exit(0)
os.wait()
"""
    arguments = [s3_server.endpoint, s3_bucket, f"env:{KEY_VARIABLE}", f"env:{SECRET_VARIABLE}"]
    ran = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    lines = ran.stdout.splitlines()
    assert len(lines) == 2
    assert all(line.startswith("UnsupportedError") and "forked" in line for line in lines)
