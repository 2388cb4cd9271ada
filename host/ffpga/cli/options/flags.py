"""Options that are there or not: `--help` shows no type for them, since nothing is typed after them."""

from typing import Any

from typer.core import TyperCommand, TyperGroup, TyperOption


class _Flags:
    """Takes `<bool>` from the flags of a command, `--help` too."""

    def get_params(self, ctx: Any) -> list[Any]:
        """All options and arguments."""
        found = super().get_params(ctx)  # type: ignore[misc]
        for parameter in found:
            if isinstance(parameter, TyperOption) and parameter.is_flag and parameter.metavar is None:
                parameter.metavar = ""
        return found


class Command(_Flags, TyperCommand):
    """A command."""


class Group(_Flags, TyperGroup):
    """A command that has others below it."""
