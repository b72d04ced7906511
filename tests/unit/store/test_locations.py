"""Keys of a run, there and back."""

from __future__ import annotations

import pytest

from spark_pdf.errors import UsageError
from spark_pdf.store.locations import RunLocations, bundle_archive, rolled_pack, run_of, shared_by

RUN = RunLocations("2026-11-23.a_b")


def test_keys_are_those_of_the_protocol() -> None:
    run = "2026-11-23.a_b"
    assert RUN.run_json == f"_runs/{run}/run.json"
    assert bundle_archive("0a1b") == "_bundles/0a1b.zip"
    assert RUN.wave(2) == f"_runs/{run}/waves/2.json"
    assert RUN.plan(2) == f"_runs/{run}/waves/2-plan.json"
    assert RUN.task(2, 31) == f"_runs/{run}/tasks/2-31.parquet"
    assert RUN.result("0a") == f"_runs/{run}/result-0a.json"
    assert RUN.commit(0) == f"_runs/{run}/commit-0.json"
    assert RUN.pack(2, 31, "0123456789abcdef", 4) == f"packs/{run}/2-31-0123456789abcdef-4.zip"
    assert RUN.document("2026/a", 0) == f"documents/all/{run}/2026/a.pdf"
    assert RUN.document("a", 2) == f"documents/ca/{run}/a.pdf"


def test_parse_is_the_inverse() -> None:
    assert RUN.parse_task(RUN.task(2, 31)) == (2, 31)
    assert RUN.parse_wave(RUN.wave(7)) == 7
    assert RUN.parse_wave(RUN.plan(7)) is None
    assert RUN.parse_commit(RUN.commit(3)) == 3
    assert RUN.parse_pack(RUN.pack(2, 31, "0123456789abcdef", 4)) == (2, 31, "0123456789abcdef", 4)
    for parse in (RUN.parse_task, RUN.parse_wave, RUN.parse_commit, RUN.parse_pack):
        assert parse("strange") is None
        assert parse(RunLocations("other").task(1, 1)) is None


@pytest.mark.parametrize("fan_out", [0, 1, 2, 4])
def test_every_key_names_its_run(fan_out: int) -> None:
    run = RunLocations("ab")  # could be taken for a fan-out
    keys = [run.run_json, run.archive("0a1b"), run.wave(1), run.plan(1), run.task(0, 1), run.commit(1)]
    keys += [run.pack(0, 1, "00000000", 1), run.document("x/y", fan_out), run.document("y", fan_out)]
    assert {run_of(key) for key in keys} == {"ab"}
    assert any(run.document("x/y", fan_out).startswith(folder + "/") for folder in run.document_folders(fan_out))


@pytest.mark.parametrize(
    "key", ["manifest/ab/x.parquet", "_runs/_probe-1", "documents/x.pdf", "packs/x.zip", "a/b/c/d"]
)
def test_strangers_belong_to_no_run(key: str) -> None:
    assert run_of(key) is None


@pytest.mark.parametrize("run_id", ["", ".", "..", "a/b", "-a", "_a", ".a", "a.", "a b", "a" * 101, "ä", "a\n"])
def test_run_ids_that_are_no_part_of_a_key(run_id: str) -> None:
    with pytest.raises(UsageError, match="not a run id"):
        RunLocations(run_id)


def test_a_pack_is_named_at_random() -> None:
    with pytest.raises(ValueError, match="hex"):
        RUN.pack(0, 0, "attempt-1", 0)


def test_packs_that_runs_share_say_whose_they_are() -> None:
    key = rolled_pack("name-20261126-", "00000000")
    assert key == "rolled/name-20261126/0-0-00000000-0.zip"
    assert (shared_by(key), shared_by(f"s3://bucket/x/{key}"), run_of(key)) == ("name-20261126", "name-20261126", None)
    assert shared_by(RUN.pack(1, 1, "00000000", 1)) == shared_by("s3://b/rolled/r/packs/r/1-1-0-0.zip") == ""
    for prefix in ("", "-", "a/b"):
        with pytest.raises(UsageError):
            rolled_pack(prefix, "00000000")
