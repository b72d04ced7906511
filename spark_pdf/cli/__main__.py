"""Entry point of `spark-pdf`: runs a command and turns its end into an exit code.

0 done; 1 failed; 2 usage; 3 too many documents failed; 4 commit state unknown; 130 interrupted. An error is one
sentence in red on stderr; `--debug` shows where it came from.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import threading
import traceback
from types import FrameType

from spark_pdf.cli.direct import render_arguments
from spark_pdf.errors import CommitStateUnknown, SparkPdfError
from spark_pdf.render.collecting import collector_held_back

INTERRUPTED = 130
_INTERRUPTED = "interrupted; the same --run-id again goes on where a run stopped"


def main() -> None:
    """Run the command line and exit."""
    code = run(sys.argv[1:])
    if render_arguments(sys.argv[1:]):
        gc.freeze()  # at exit Python would look through all modules for garbage: a tenth of a document's time
    if code:  # Databricks takes even `sys.exit(0)` for a failure
        sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command; its exit code."""
    logging.getLogger("spark_pdf").addHandler(logging.NullHandler())
    debug = "--debug" in arguments
    interrupt = _Interrupt()
    kept = [argument for argument in arguments if argument != "--debug"]
    try:
        document = render_arguments(kept)
        code = _render(*document) if document else _typed(kept)
        if code == INTERRUPTED:  # how newer versions of typer tell
            _say(_INTERRUPTED)
        return code if isinstance(code, int) else 0
    except SparkPdfError as error:
        if interrupt.seen and not isinstance(error, CommitStateUnknown):
            return _failed(error, _INTERRUPTED, INTERRUPTED, debug)
        return _failed(error, str(error), error.exit_code, debug)
    except BrokenPipeError:
        # Whoever read our output has enough. Python would complain again when it flushes stdout at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyboardInterrupt, Exception) as error:
        # typer's own exceptions are known by what they can do: where they live differs between its versions.
        if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "Abort" or interrupt.seen:
            return _failed(error, _INTERRUPTED, INTERRUPTED, debug)
        show, own_code = getattr(error, "show", None), getattr(error, "exit_code", None)
        if show is not None and isinstance(own_code, int):
            show()
            return own_code
        return _failed(error, f"{_unexpected(error)} (--debug shows more; please report it)", 1, debug)
    finally:
        interrupt.forget()


def _render(bundle: str, data: str | None, target: str | None, as_json: bool) -> int:
    """One document. The collector would look through more and more modules a hundred times, and find nothing."""
    with collector_held_back():
        from spark_pdf.cli.documents import render_document

        render_document(bundle, data, target, as_json)
    return 0


def _typed(arguments: list[str]) -> object:
    """All commands, as typer reads them; what it returns."""
    try:
        from spark_pdf.cli.app import app
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        _say(f"spark-pdf needs '{error.name}', which is not installed: pip install 'spark-pdf[cli]'")
        return 2
    return app(arguments, prog_name="spark-pdf", standalone_mode=False)


class _Interrupt:
    """Remembers Ctrl-C, which libraries swallow: DuckDB makes a RuntimeError of it, others an error of theirs."""

    def __init__(self) -> None:
        self.seen = False
        self._before = signal.getsignal(signal.SIGINT)
        self._watches = (
            self._before is signal.default_int_handler and threading.current_thread() is threading.main_thread()
        )
        if self._watches:
            signal.signal(signal.SIGINT, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.seen = True
        signal.default_int_handler(number, frame)

    def forget(self) -> None:
        """Signals go where they went before."""
        if self._watches:
            signal.signal(signal.SIGINT, self._before)


def _unexpected(error: BaseException) -> str:
    """A bug's type and place. Its message may quote anything, a secret included, so only `--debug` shows that."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = next((frame for frame in reversed(frames) if "spark_pdf" in frame.filename), frames[-1])
    file = ours.filename.rpartition("spark_pdf")[2].lstrip("/\\")
    return f"this should not happen: {type(error).__name__} at {file}:{ours.lineno}"


def _failed(error: BaseException, message: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    _say(message)
    return code


def _say(message: str) -> None:
    """One sentence on stderr, red on a terminal."""
    red, plain = ("\x1b[31m", "\x1b[0m") if sys.stderr.isatty() and "NO_COLOR" not in os.environ else ("", "")
    print(f"{red}spark-pdf: {message}{plain}", file=sys.stderr)


if __name__ == "__main__":
    main()
