"""How a command ends: what a user can mend is one line and a status."""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

import typer

from ...errors import FfpgaError, lacking
from ...files import check_outputs


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Makes a command end with one line on stderr and status 2 where the user erred, 130 on Ctrl-C.

    What its options say that it will write is looked at before it begins: see `files.Output`.
    """
    options = inspect.signature(function).parameters

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            check_outputs((option.annotation, kwargs.get(name)) for name, option in options.items())
            function(*args, **kwargs)
        except (FfpgaError, ValueError, TypeError) as error:
            if not isinstance(error, FfpgaError) and not _from_configuration(error):
                raise
            print(f"ffpga: {error}", file=sys.stderr)
            raise typer.Exit(2) from None
        except ImportError as error:
            if (said := lacking(error, "this command")) is None:
                raise
            print(f"ffpga: {said}", file=sys.stderr)
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            print("ffpga: interrupted", file=sys.stderr)
            raise typer.Exit(130) from None

    return wrapped


def _from_configuration(error: BaseException) -> bool:
    """Whether an error was raised by the checks of configuration and registers: those name value and rule."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = trace.tb_frame.f_globals.get("__name__", "") if trace is not None else ""
    return name in [f"ffpga_golden.{module}" for module in ("config", "fields", "registers", "protocol")]
