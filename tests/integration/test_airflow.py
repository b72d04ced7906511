"""What tests/environments/airflow holds, run by its own pytest, with its output in ours."""

from __future__ import annotations

import pytest

from tests.airflow_fixtures import FOLDER, Airflow


@pytest.mark.timeout(500)
def test_on_a_real_airflow(airflow: Airflow) -> None:
    own = ["-c", str(FOLDER / "pytest.ini"), "--rootdir", str(FOLDER), "--confcutdir", str(FOLDER)]
    done = airflow.run(["-m", "pytest", "-q", "--durations=10", *own, str(FOLDER)], seconds=480)
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-20_000:]
