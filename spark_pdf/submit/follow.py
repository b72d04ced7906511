"""Start a run on a platform, and follow it to its end.

In: a config, the platform's name, a run_id. Out: what the run itself said, or an error with its exit code. Submitting
a run that is active follows it; one that has ended well is told as it ended; any other is tried again, and resumes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from spark_pdf.config import Config
from spark_pdf.errors import AccessDenied, PlatformUnreachable, RunEndedElsewhere, RunPinned, UsageError
from spark_pdf.store.locations import RunLocations
from spark_pdf.submit.attempts import Attempt, Attempts, Ending
from spark_pdf.submit.platforms import JobSpec, JobState, Platform, Request, open_platform
from spark_pdf.submit.staging import Staged, check_reachable, open_staging, stage, staging_uri
from spark_pdf.template.loading import load_bundle

_GOES_ON = "the job goes on, and the same command follows it again"

Say = Callable[[str], None]

_UNANSWERED = 20
"""Looks in a row that the platform leaves without an answer, before following is given up."""

_RESULT_PATIENCE = 4
"""Looks for a result after the platform has said that the job ended: it was written before, but elsewhere."""


def dry_run(config: Config, platform: str, run_id: str) -> Request:
    """The request that would be sent, without touching the staging store or the platform."""
    RunLocations(run_id)
    check_reachable(config)
    place = staging_uri(config)
    archived = open_platform(platform, config).archived and config.submit.environment == "archive"
    archive = f"{place}/environments/<hash>.tar.gz" if archived else None
    staged = Staged(f"{place}/jobs/<hash>/render_documents.py", f"{place}/configs/<hash>.yaml", archive)
    spec = JobSpec(config, run_id, 1, "0" * 32, staged, f"{place}/runs/{run_id}/1-result.json")
    return open_platform(platform, config).request(spec)


def submit(
    config: Config,
    platform: str,
    run_id: str,
    *,
    wait: bool = True,
    cancel: bool = False,
    say: Say = lambda text: None,
    sleep: Callable[[float], None] | None = None,
) -> Ending | None:
    """Start the run, or find it started, and follow it. None: it is not waited for.

    `cancel`: an interrupt (Ctrl-C) cancels the job. Raises `RunEndedElsewhere` with the run's own exit code.
    """
    RunLocations(run_id)
    opened = open_platform(platform, config)
    attempts = Attempts(open_staging(config), run_id)
    submission = _Submission(config, platform, run_id, opened, attempts, say, sleep or time.sleep)
    attempt = submission.ensure_started()
    if isinstance(attempt, Ending):
        return attempt
    return submission.follow(attempt, cancel) if wait else None


@dataclass
class _Submission:
    """One call of `submit`: what its steps share."""

    config: Config
    platform_name: str
    run_id: str
    platform: Platform
    attempts: Attempts
    say: Say
    sleep: Callable[[float], None]
    _said: str = field(default="", init=False)
    _unanswered: int = field(default=0, init=False)

    def ensure_started(self) -> Attempt | Ending:
        """The run's active attempt, started if there is none; or how it has ended, if well."""
        check_reachable(self.config)
        bundle = load_bundle(self.config.template, self.config.store_options(self.config.template))
        pin = f"{self.config.pinned_hash()} {bundle.hash}"
        latest = self.attempts.latest()
        if latest is None:
            return self._start(self.attempts.claim(1, self.platform_name, pin))
        if latest.pin != pin:
            raise RunPinned(
                f"run {self.run_id} was submitted before, and the config or the template bundle changed since; use a "
                "new run_id, or restore what changed"
            )
        if latest.platform != self.platform_name:
            return self._elsewhere(latest)
        if latest.job_id is None:
            return self._start(latest)
        ending = self.attempts.ending(latest.number)
        if ending is not None and ending.exit_code == 0:
            self.say(f"run {self.run_id} has ended already; nothing to do")
            return ending
        if ending is None:
            state = self.platform.look(latest.job_id)
            if state.phase == "active":
                self.say(f"run {self.run_id} is active as {latest.job_id}; following it")
                return latest
            self.say(f"{latest.job_id} is {state.word} and has left no result{_why(state)}; starting the run again")
        return self._start(self.attempts.claim(latest.number + 1, self.platform_name, pin))

    def _elsewhere(self, latest: Attempt) -> Attempt | Ending:
        ending = self.attempts.ending(latest.number)
        if ending is None:
            raise UsageError(
                f"run {self.run_id} was submitted to {latest.platform} as {latest.job_id}, and has left no result yet; "
                f"follow it by `submit {latest.platform}`, or use a new run_id"
            )
        if ending.exit_code == 0:
            return ending
        return self._start(self.attempts.claim(latest.number + 1, self.platform_name, latest.pin))

    def _start(self, attempt: Attempt) -> Attempt:
        if attempt.job_id is not None:  # somebody else has claimed and started it meanwhile
            return attempt
        staged = stage(self.config, archived=self.platform.archived, say=self.say)
        result = self.attempts.result_uri(attempt.number)
        spec = JobSpec(self.config, self.run_id, attempt.number, attempt.token, staged, result)
        job_id = self.platform.find(spec) or self.platform.start(self.platform.request(spec))
        self.attempts.started(attempt, job_id)
        self.say(f"run {self.run_id} is started as {job_id}")
        return replace(attempt, job_id=job_id)

    def follow(self, attempt: Attempt, cancel: bool) -> Ending:
        """Look until it ends, for `submit.minutes` at most."""
        job_id, submit = attempt.job_id or "", self.config.submit
        try:
            for _ in range(max(1, int(submit.minutes * 60 / submit.poll_seconds))):
                state = self._look(job_id)
                if state is not None and state.phase != "active":
                    return self._ended(attempt, state)
                self.sleep(submit.poll_seconds)
        except KeyboardInterrupt:
            if cancel:
                self.platform.cancel(job_id)
                self.say(f"{job_id} is cancelled")
            else:
                self.say(f"{job_id} goes on; the same command follows it again, --cancel would have stopped it")
            raise
        after = f"{job_id} is still {self._said} after {submit.minutes} minutes (submit.minutes)"
        raise RunEndedElsewhere(f"{after}; {_GOES_ON}")

    def _look(self, job_id: str) -> JobState | None:
        """The job's state, told if it is another; None if the platform cannot be asked, for a while."""
        try:
            state = self.platform.look(job_id)
        except PlatformUnreachable as error:
            self._unanswered += 1
            if self._unanswered >= _UNANSWERED:
                raise PlatformUnreachable(f"{error}; {_GOES_ON}") from None
            self.say(f"{error}; asking again")
            return None
        except AccessDenied as error:  # credentials of an hour, and a job of a night
            raise AccessDenied(f"{error}; {_GOES_ON}") from None
        self._unanswered = 0
        if state.word != self._said:
            self._said = state.word
            self.say(state.word + (f"; logs: {state.logs}" if state.logs else ""))
        return state

    def _ended(self, attempt: Attempt, state: JobState) -> Ending:
        ending = self.attempts.ending(attempt.number)
        for _ in range(_RESULT_PATIENCE):
            if ending is not None:
                break
            self.sleep(min(self.config.submit.poll_seconds, 2.0))
            ending = self.attempts.ending(attempt.number)
        where = f"; logs: {state.logs}" if state.logs else ""
        if ending is None:
            # Killed from outside, out of memory, or never begun: only the platform knows.
            raise RunEndedElsewhere(
                f"{attempt.job_id} is {state.word} and the run has left no result{_why(state)}{where}; the same "
                "command goes on where it stopped"
            )
        if ending.exit_code:
            raise RunEndedElsewhere(f"{ending.message}{where}", exit_code=ending.exit_code)
        return ending


def _why(state: JobState) -> str:
    """The platform's reason, behind a colon."""
    return f": {state.reason}" if state.reason else ""
