"""Where the `ffpga` command begins: what it asks of its surroundings, before anything is imported that does."""

import logging
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO


class _Output(TextIOWrapper):
    """The standard output, which remembers that it could not be written. What a terminal has no sign for is a code."""

    failure: OSError | None = None

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self.failure = error
            raise

    @classmethod
    def around(cls, stream: TextIO) -> "_Output":
        """Takes a stream's place."""
        options = {"line_buffering": stream.line_buffering, "write_through": stream.write_through}  # type: ignore[attr-defined]
        encoding = stream.encoding
        return cls(stream.detach(), encoding, "backslashreplace", **options)  # type: ignore[attr-defined]


def main() -> None:
    """Runs the command; status 1 and a line on stderr where its output cannot be written."""
    from ffpga_hw.flow.environment import environment  # it needs no Amaranth

    os.environ.update(environment())
    if sys.stderr is not None:
        sys.stderr.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if sys.stdout is None:  # the caller closed it
        _run()
        return
    sys.stdout = sys.__stdout__ = out = _Output.around(sys.stdout)  # type: ignore[misc]
    try:
        try:
            _run()
        finally:
            out.flush()
    except (OSError, SystemExit):
        if out.failure is None:
            raise
        with suppress(OSError, AttributeError):
            print(f"ffpga: cannot write the output ({out.failure.strerror})", file=sys.stderr, flush=True)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, out.fileno())  # for what is left, so that Python can end
        sys.exit(1)


def _run() -> None:
    from .app import app

    told = logging.StreamHandler()  # to stderr: what a library has to say, such as where it builds something
    told.setFormatter(logging.Formatter("ffpga: %(message)s"))
    logger = logging.getLogger("ffpga")
    logger.addHandler(told)
    logger.setLevel(logging.INFO)

    app(prog_name="ffpga")
