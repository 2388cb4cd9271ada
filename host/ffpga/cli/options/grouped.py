"""Options that belong together: a command takes them as one argument."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

Command = Callable[..., None]


def grouped(
    argument: str, make: Callable[..., Any], options: Mapping[str, tuple[Any, Any]]
) -> Callable[[Command], Command]:
    """Gives a command some options in place of one keyword argument.

    Parameters
    ----------
    argument : str
        Of the command; in `--help` the options stand at its place.
    make
        Makes it from the options' values, given by name.
    options
        By name: type, with `typer.Option`, and default.
    """
    kind = inspect.Parameter.KEYWORD_ONLY
    added = [inspect.Parameter(name, kind, default=default, annotation=of) for name, (of, default) in options.items()]

    def decorate(function: Command) -> Command:
        @wraps(function)
        def wrapped(**given: Any) -> None:
            made = make(**{name: given.pop(name) for name in options})
            function(**{argument: made}, **given)

        own = inspect.signature(function).parameters.values()
        parameters = [one for held in own for one in (added if held.name == argument else [held])]
        wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {one.name: one.annotation for one in parameters}
        return wrapped

    return decorate
