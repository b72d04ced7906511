"""What goes wrong in a trial: one function each, which drives the trial to its committed end.

Each takes a `Trial`, injects its fault at a random point, asks for the same run_id until the run is committed, and
returns the result. `FAULTS` has them by name, with the sentence that docs/reliability.md says of each.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil

from tests.chaos.trial import RECORDS, TASKS, Trial
from tests.s3_fixtures import Fault, Request

Result = dict[str, Any]
FAULTS: dict[str, tuple[str, Callable[[Trial], Result]]] = {}


def fault(sentence: str) -> Callable[[Callable[[Trial], Result]], Callable[[Trial], Result]]:
    """Register a fault under its function's name."""

    def register(function: Callable[[Trial], Result]) -> Callable[[Trial], Result]:
        FAULTS[function.__name__] = sentence, function
        return function

    return register


def _somewhere(trial: Trial) -> int:
    """A number of finished tasks at which to strike."""
    return trial.rng.randrange(TASKS)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


@fault("an executor's JVM is killed")
def executor_killed(trial: Trial) -> Result:
    driver = trial.submit()
    trial.at(driver, _somewhere(trial))
    _kill(trial.world.executors()[: trial.rng.choice([1, 1, 2])])
    return trial.settle(driver)


@fault("a Python worker is killed, up to four times")
def python_worker_killed(trial: Trial) -> Result:
    driver = trial.submit()
    for _ in range(trial.rng.randint(1, 4)):
        trial.at(driver, _somewhere(trial))
        workers = trial.world.python_workers()
        _kill(workers and [trial.rng.choice(workers)])
    return trial.settle(driver)


# A record that is met for the first time does what follows; whoever makes the file first is that first time.
_FIRST = """import errno, os
def first():
    try:
        os.close(os.open({marker!r}, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True
def draw(pdf, record):
    pdf.add_page()
    pdf.set_font("sans", size=12)
    pdf.cell(text=record["name"])
    if record["id"] == {record}{condition}:
{action}
"""


def _misbehave(trial: Trial, record: int, action: str, *, once: bool) -> None:
    code = _FIRST.format(
        marker=str(trial.folder / "first"),
        record=record,
        condition=" and first()" if once else "",
        action="\n".join(f"        {line}" for line in action.splitlines()),
    )
    trial.write_bundle({"template.py": code})


@fault("a worker runs out of memory, by the kernel's hand or by a limit of its own")
def out_of_memory(trial: Trial) -> Result:
    by_limit = "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**29, -1))\nbytearray(2**40)"
    killed = "os.kill(os.getpid(), 9)"
    _misbehave(trial, trial.rng.randrange(RECORDS), trial.rng.choice([by_limit, killed]), once=True)
    return trial.settle()


@fault("the driver is killed, up to three times in a row")
def driver_killed(trial: Trial) -> Result:
    for _ in range(trial.rng.randint(1, 3)):
        driver = trial.submit()
        point = _somewhere(trial)
        if point == 0:
            time.sleep(trial.rng.random() * 2)  # before the first task: pinning, counting, planning
        trial.at(driver, trial.tasks_done() + point)
        driver.kill()
    return trial.settle()


@fault("the driver is killed while it commits")
def driver_killed_in_commit(trial: Trial) -> Result:
    driver = trial.submit()
    trial.at(driver, TASKS)
    time.sleep(trial.rng.random() * 1.5)
    driver.kill()
    return trial.settle()


@fault("a slow task has a twin by speculation")
def speculation(trial: Trial) -> Result:
    _misbehave(trial, trial.rng.randrange(RECORDS), "import time\ntime.sleep(20)", once=True)
    return trial.settle()


@fault("an executor is stopped until it is given up for dead, and goes on as a zombie")
def zombie(trial: Trial) -> Result:
    driver = trial.submit()
    trial.at(driver, _somewhere(trial))
    stopped = [*trial.world.executors()[:1], *trial.world.python_workers()[:1]]
    for process in stopped:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
    wake = threading.Timer(18, lambda: [_continue(process) for process in stopped])
    wake.start()
    try:
        return trial.settle(driver)
    finally:
        wake.join()  # the zombie writes before what is there is checked
        time.sleep(2)


def _continue(process: psutil.Process) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGCONT)


@fault("the S3 server is killed and comes back")
def store_restarted(trial: Trial) -> Result:
    driver = trial.submit()
    trial.at(driver, _somewhere(trial))
    trial.world.s3.kill()
    time.sleep(trial.rng.random() * 4)
    trial.world.s3.start()
    return trial.settle(driver)


def _storm(trial: Trial, kinds: list[Fault], rate: float, most: int) -> Result:
    """Some requests go wrong, at random, until there were enough of them."""
    lock, left, rng = threading.Lock(), most, trial.rng

    def broken(request: Request) -> Fault | None:
        nonlocal left
        with lock:
            if left and f"/{trial.bucket}" in request.path and rng.random() < rate:
                left -= 1
                return rng.choice(kinds)
        return None

    trial.world.proxy.fault = broken
    try:
        return trial.settle(tries=10)
    finally:
        trial.world.proxy.fault = lambda request: None


@fault("one request in ten is answered with 500 or 503 SlowDown")
def errors(trial: Trial) -> Result:
    return _storm(trial, ["slow_down", "server_error"], 0.1, 60)


@fault("one request in ten is lost: reset, dropped, or answered with half an answer")
def resets(trial: Trial) -> Result:
    return _storm(trial, ["reset", "lost_request", "truncated_answer"], 0.1, 40)


@fault("requests stall for seconds")
def stalls(trial: Trial) -> Result:
    return _storm(trial, ["stall"], 0.1, 12)


@fault("the answers of requests that succeeded are lost, or requests arrive twice")
def lost_answers(trial: Trial) -> Result:
    return _storm(trial, ["lost_answer", "sent_twice"], 0.15, 60)


@fault("of all that makes the run visible, every second answer is lost")
def commit_requests_lost(trial: Trial) -> Result:
    lock, count = threading.Lock(), 0

    def broken(request: Request) -> Fault | None:
        nonlocal count
        commits = ("/_delta_log/", "/_commits/", "/commit-", "/tasks/", "/waves/", "/w/")
        if request.method == "PUT" and f"/{trial.bucket}" in request.path and any(c in request.path for c in commits):
            with lock:
                count += 1
                return "lost_answer" if count % 2 and count < 40 else None
        return None

    trial.world.proxy.fault = broken
    try:
        return trial.settle(tries=10)
    finally:
        trial.world.proxy.fault = lambda request: None


@fault("the manifest's commit succeeds, and its answer is lost")
def commit_answer_lost(trial: Trial) -> Result:
    result = trial.settle(trial.submit(seam="commit_answer_lost"))
    assert trial.errors == ["CommitStateUnknown"], f"{trial}: {trial.errors}"
    return result


@fault("the driver's clock runs backwards")
def clock_backwards(trial: Trial) -> Result:
    return trial.settle(trial.submit(seam="clock_backwards"))


@fault("the machine's disk is full (local engine)")
def disk_full(trial: Trial) -> Result:
    trial.engine = "local"
    trial.config_file = trial.write_config(local={"processes": 1})
    result = trial.settle(trial.submit(seam="disk_full"))
    assert trial.errors, f"{trial}: nobody noticed"
    return result


@fault("two drivers have one run_id at the same time")
def two_drivers(trial: Trial) -> Result:
    first = trial.submit(0)
    if trial.rng.random() < 0.5:
        trial.at(first, _somewhere(trial))
    second = trial.submit(1)
    found = [trial.outcome(first), trial.outcome(second)]
    return next((result for result in found if result), None) or trial.settle()


@fault("two runs append to one table at the same time, one is vacuumed around")
def two_runs(trial: Trial) -> Result:
    other = f"{trial.run_id}-other"
    first, second = trial.submit(0), trial.submit(1, run_id=other)
    results = [trial.outcome(first), trial.outcome(second)]
    for number, run_id in enumerate([trial.run_id, other]):
        for _ in range(5):
            if results[number] is None:
                results[number] = trial.outcome(trial.submit(run_id=run_id))
    assert results[1] is not None, f"{trial}: {trial.errors}"
    result = results[0]
    assert result is not None, f"{trial}: {trial.errors}"
    return result


@fault("the source changes between kill and resume; it is refused until it is what it was")
def source_changed(trial: Trial) -> Result:
    driver = trial.submit()
    trial.at(driver, 1 + _somewhere(trial) // 2)
    driver.kill()
    folder = trial.folder / "records"
    kept = {path: (path.read_bytes(), path.stat()) for path in sorted(folder.iterdir())}
    trial.write_records(changed=True)
    before = len(trial.errors)
    answer = trial.outcome(trial.submit())
    if answer is None:  # else the run was over when the driver was killed
        assert trial.errors[before] in ("RunPinned", "TaskConflict"), f"{trial}: {trial.errors}"
    for path, (data, stat) in kept.items():
        path.write_bytes(data)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return trial.settle()


@fault("a record ends its process each time: by a fault in memory, by eating it, by an endless call into C")
def killing_record(trial: Trial) -> Result:
    record = trial.rng.randrange(RECORDS)
    segfault = "import ctypes\nctypes.string_at(0)"
    eats = "os.kill(os.getpid(), 9)"
    endless = "sum(range(10**13))"
    _misbehave(trial, record, trial.rng.choice([segfault, eats, endless]), once=False)
    trial.killed = frozenset([str(record)])
    trial.config_file = trial.write_config(
        limits={"seconds_per_document": 1, "failed_fraction": 0.5}, preflight={"records": 0}
    )
    return trial.settle()
