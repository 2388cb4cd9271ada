"""The commands `ffpga doctor` and `ffpga devices`: what there is, of tools and of boards."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ..contact.asking import ask_board
from ..doctor import examine
from ..driver.serial_port import BAUD, pyserial
from ..errors import FfpgaError
from ..look.console import console, write_json
from .options.command import command
from .options.shared import Baud, Json


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


@command
def devices_command(
    *,
    port: Annotated[list[str] | None, typer.Option(help="ask here, too, or at a URL of pyserial")] = None,
    baud: Baud = BAUD,
    json: Json = None,
) -> None:
    """List the serial ports and what answers there; status 1 where nothing does.

    Every port that no other program has is sent some bytes: what is no ffpga board may wonder at them.
    """
    found = [_asked(name, title, baud) for name, title in _ports(port or [])]
    write_json(json, {"baud": baud, "ports": found})
    if not found:
        console.print("no serial port: connect a board, or name one with --port")
        raise typer.Exit(1)
    table = Table("target", "adapter", "what answers")
    for one in found:
        table.add_row(f"serial:{one['port']}", one["adapter"], one["device"] or f"[dim]{one['error']}[/]")
    console.print(table)
    if not any(one["device"] for one in found):
        raise typer.Exit(1)


def _ports(more: list[str]) -> list[tuple[str, str]]:
    """Name and title of each port, each once."""
    pyserial()
    from serial.tools import list_ports

    known = {one.device: one.description for one in list_ports.comports()}
    titles = {**{name: "" for name in more}, **known}
    return [(name, "" if title in (None, "n/a") else title) for name, title in sorted(titles.items())]


def _asked(port: str, title: str, baud: int) -> dict[str, Any]:
    said: dict[str, Any] = {"port": port, "adapter": title, "device": None, "error": None}
    try:
        answer = ask_board(f"serial:{port}", baud, timeout=0.2, patience=2)
        return {**said, "device": str(answer), "configuration": answer.block.hex()}
    except FfpgaError as error:
        text = str(error)
        return {**said, "error": "nothing answers" if "is silent" in text else text}
