"""The stored figures of each board's own network, and of some others, and what a new run may differ from them by.

`stored.json` holds, for each of `BUILDS`, some of the figures that `synth.build` returns, or null where no run has been
stored yet. `ffpga synth-check` compares with them and writes new ones.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ffpga_golden import NetworkConfig

from ..boards.board import Board
from ..boards.table import BOARDS

PATH = Path(__file__).with_name("stored.json")

#: Figures that are stored, in this order.
STORED = ("seed", "cells", "bram", "dsp", "spram", "fmax_mhz")

#: Kept beside them where the run has them: they say whether a new run's bitstream is the stored one.
ORIGIN = ("bitstream_sha256", "tools")

#: By how much cells may grow and the clock may fall; block RAMs, multipliers and SPRAMs may not grow at all.
TOLERANCE = 0.05

#: Seed of placement where none is stored.
SEED = 1


@dataclass(frozen=True)
class Build:
    """A network on a board, behind a line, of which figures are kept."""

    name: str
    board: Board
    config: NetworkConfig


def _builds() -> dict[str, Build]:
    """Every board's own network; and on the smallest chip the other line, and what other networks add to the core."""
    own = [Build(name, made, made.preset) for name, made in BOARDS.items()]
    small = BOARDS["icebreaker"]
    slow = small.slower or small
    recurrent = replace(small.preset, layers=(64, 64), fields=(), recurrent=True)
    others = [
        Build("icebreaker-spi", small.with_line("spi"), small.preset),
        Build("icebreaker-few-bits", slow, replace(small.preset, few_bits=True)),
        Build("icebreaker-recurrent", slow, recurrent),
    ]
    return {build.name: build for build in (*own, *others)}


#: By name; a board's own network has the board's name.
BUILDS = _builds()


@dataclass(frozen=True)
class Fault:
    """A figure that is worse than it may be."""

    build: str
    figure: str
    stored: float
    found: float
    against: str = "stored"  #: what the other one is

    @property
    def percent(self) -> float:
        """By how much it differs."""
        return 100 * (self.found / self.stored - 1) if self.stored else float("inf")

    def __str__(self) -> str:
        found = f"found {self.found:,}, {self.percent:+.1f} %"
        return f"{self.build}: {self.figure} {self.against} {self.stored:,}, {found}"


def load(path: Path | None = None) -> dict[str, dict[str, Any] | None]:
    """The table, from `PATH` if nobody says otherwise: for every build its figures, or None.

    Raises
    ------
    ValueError
        It does not have every build with every figure.
    """
    path = path or PATH
    try:
        table = json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} must be a table of figures: {error}") from None
    if not isinstance(table, dict) or table.keys() != BUILDS.keys():
        raise ValueError(f"{path} must have {', '.join(BUILDS)}, and null for one without figures")
    for name, figures in table.items():
        if figures is not None and not (isinstance(figures, dict) and {*figures} - {*ORIGIN} == {*STORED}):
            raise ValueError(f"{path} must have {', '.join(STORED)} of {name}, or null")
    return table


def store(build: Build, figures: dict[str, Any], path: Path | None = None) -> None:
    """Writes a run's figures into the table, in place of the build's former ones.

    Raises
    ------
    ValueError
        The figures are of another board, line or network, or too slow for the board's clock.
    OSError
        The table cannot be written.
    """
    check_request(build, figures)
    clock = build.board.clock_hz / 1e6
    if figures["fmax_mhz"] < clock:
        raise ValueError(
            f"fmax_mhz must be at least {clock:g}, the clock of {build.board.name}, to be stored, "
            f"not {figures['fmax_mhz']}: try another --seed"
        )
    kept = {name: figures[name] for name in (*STORED, *ORIGIN) if name in figures}
    table = {**load(path), build.name: kept}
    lines = (f" {json.dumps(name)}: {json.dumps(table[name])}" for name in BUILDS)
    (path or PATH).write_text("{\n" + ",\n".join(lines) + "\n}\n")


def check_request(build: Build, figures: dict[str, Any]) -> None:
    """ValueError where figures are not of a build's board, line and network."""
    board = build.board
    missing = [name for name in ("board", "configuration", *STORED) if name not in figures]
    if missing:
        raise ValueError(f"figures must have {', '.join(missing)}: take the figures.json of ffpga synth")
    line = figures.get("line", "uart")
    if line != board.line:
        raise ValueError(f"figures must be of the line {board.line}, not {line}, to be those of {build.name}")
    if figures["board"] != board.name:
        raise ValueError(f"figures must be of {board.name}, not {figures['board']}")
    clock = board.clock_hz / 1e6
    if figures.get("target_mhz", clock) != clock:
        raise ValueError(
            f"figures must be of {clock:g} MHz, not {figures['target_mhz']:g}, to be those of {build.name}"
        )
    if figures["configuration"] != json.loads(build.config.to_json()):
        raise ValueError(f"figures must be of the network of {build.name} ({build.config}), not of another one")


def compare(build: Build, stored: dict[str, Any], found: dict[str, Any]) -> list[Fault]:
    """The figures of a run that are worse than they may be, beside the stored ones."""
    cells, fmax = 1 + TOLERANCE, 1 - TOLERANCE
    faults = [
        Fault(build.name, name, stored[name], found[name])
        for name in ("cells", "bram", "dsp", "spram")
        if found[name] > stored[name] * (cells if name == "cells" else 1)
    ]
    clock = build.board.clock_hz / 1e6
    if found["fmax_mhz"] < stored["fmax_mhz"] * fmax:
        faults.append(Fault(build.name, "fmax_mhz", stored["fmax_mhz"], found["fmax_mhz"]))
    elif found["fmax_mhz"] < clock:
        faults.append(Fault(build.name, "fmax_mhz", clock, found["fmax_mhz"], against="clock"))
    return faults


def origin(stored: dict[str, Any], found: dict[str, Any]) -> str:
    """Whether a run's bitstream is the stored one, in words; empty where one of them has no `ORIGIN`.

    The same design, seed and tools give the same bytes; another bitstream is no fault.
    """
    if not all(name in figures for name in ORIGIN for figures in (stored, found)):
        return ""
    if stored["bitstream_sha256"] == found["bitstream_sha256"]:
        return "the stored bitstream"
    tools = "the same" if stored["tools"] == found["tools"] else "other"
    return f"another bitstream than the stored one, by {tools} tools"


def stored_clock(board: Board, config: NetworkConfig) -> Board:
    """The board with its slower clock, where the network's figures are stored with that; else as it is."""
    slower = [build.board for build in BUILDS.values() if (build.board, build.config) == (board.slower, config)]
    return slower[0] if slower else board


def default_seed(board: Board, config: NetworkConfig) -> int:
    """Seed of placement where nobody says otherwise: the stored one, of what is stored."""
    table = load()
    found = [table[build.name] for build in BUILDS.values() if (build.board, build.config) == (board, config)]
    return SEED if not found or found[0] is None else found[0]["seed"]
