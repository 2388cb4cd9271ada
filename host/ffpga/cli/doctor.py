"""The command `ffpga doctor`."""

import typer
from rich.markup import escape
from rich.table import Table

from ..doctor import examine
from ..look.console import console, write_json
from .options.command import command
from .options.shared import Json


@command
def doctor_command(json: Json = None) -> None:
    """Show which tools are present, their versions, and what a missing one is needed for.

    Status 1 where something essential is missing; what is not essential is needed only for what the table says.
    """
    found = examine()
    write_json(json, {"tools": [one.as_dict() for one in found]})
    table = Table(show_edge=False)
    for name in ("tool", "version", "needed for"):
        table.add_column(name, overflow="fold")
    for one in found:
        missing = "[bold red]missing[/]" if one.tool.essential else "[yellow]missing[/]"
        table.add_row(one.tool.name, one.version or f"{missing}: {escape(one.tool.remedy)}", one.tool.needed)
    console.print(table)
    gone = [one.tool.name for one in found if one.version is None and one.tool.essential]
    if gone:
        console.print(f"[bold red]essential and missing:[/] {', '.join(gone)}")
        raise typer.Exit(1)
