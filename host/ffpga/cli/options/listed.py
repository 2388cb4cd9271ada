"""Groups of commands that are imported when one of them is asked for: a list of commands needs their lines alone."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup

from . import flags
from .examples import epilog

#: Words for help, of the groups and of each command: click keeps what the first one who asks it allows.
HELP = {"help_option_names": ["-h", "--help"]}


class Command(NamedTuple):
    """Where a command is, and what the list of commands says of it: the beginning of its docstring."""

    module: str  #: in `ffpga.cli`; the function is called like the command, `synth_check_command`
    line: str


class _Commands(Mapping[str, Any]):
    """The commands of a group, each imported when it is asked for, then the groups in it."""

    def __init__(self, listed: Mapping[str, Command], group: str, groups: Mapping[str, Any]) -> None:
        self._listed, self._group, self._groups = listed, group, groups

    def __getitem__(self, name: str) -> Any:
        return _imported(self._listed[name], name, self._group) if name in self._listed else self._groups[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._listed
        yield from self._groups

    def __len__(self) -> int:
        return len(self._listed) + len(self._groups)


@cache
def _imported(one: Command, name: str, group: str) -> Any:
    function = getattr(import_module(f"ffpga.cli.{one.module}"), f"{name.replace('-', '_')}_command")
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    shown = epilog(f"{group}{name}")
    alone.command(name, cls=flags.Command, epilog=shown, context_settings=HELP)(function)
    return typer.main.get_command(alone)


def group_of(listed: Mapping[str, Command], group: str = "") -> type[TyperGroup]:
    """The class of a group of these commands, for `typer.Typer(cls=...)`.

    Parameters
    ----------
    listed : mapping
        By name, in the order in which they are shown.
    group : str
        What is typed before a command's name, with a space behind it.
    """

    class Group(flags.Group):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            groups = dict(self.commands)
            self.commands = _Commands(listed, group, groups)  # type: ignore[assignment]
            self._lines = {name: flags.Command(name, short_help=one.line) for name, one in listed.items()} | groups

        def list_commands(self, ctx: Any) -> list[str]:
            return [*self.commands]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            """What help and completion show of it."""
            return self._lines.get(cmd_name)

        def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
            """What runs."""
            name, found, rest = super().resolve_command(ctx, args)
            return name, found if found is None else self.commands[found.name or ""], rest

    return Group
