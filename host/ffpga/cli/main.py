"""Where the `ffpga` command begins: what it asks of its surroundings, before anything is imported that does."""

import os
import sys
from contextlib import suppress

from ffpga_hw.flow.environment import environment


def main() -> None:
    """Runs the command; status 1 and a line on stderr where its output cannot be written."""
    os.environ.update(environment())
    out = sys.stdout
    for stream in (out, sys.stderr):
        if stream is not None:
            # A terminal that has no µ shows its code.
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    from .app import app

    try:
        try:
            app(prog_name="ffpga")
        finally:
            if out is not None:
                out.flush()
    except OSError as error:
        if not _broken():
            raise
        with suppress(OSError, AttributeError):
            print(f"ffpga: cannot write the output ({error.strerror})", file=sys.stderr, flush=True)
        sys.exit(1)


def _broken() -> bool:
    """Whether the standard output takes nothing; what is left for it is then dropped, so that Python can end."""
    out = sys.__stdout__
    if out is None:
        return False
    try:
        out.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, out.fileno())
        os.close(nowhere)
        return True
    return False
