"""Place and route: one seed after the other until the design is as fast as the board's clock."""

import json
import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..boards.board import Board
from . import timing, tools

#: Seeds that are tried where nobody asks for one, at most.
TRIES = 4

#: Part of the board's clock that another seed may make up for, since placements differ by as much; see `place`.
HOPELESS = 0.9

#: Seconds after which place and route is given up: a Gowin's takes minutes.
PLACING_LIMIT = 3600.0

#: Arcs that a router routes, of some 20,000, without one wire less to go, after which it never ends.
ENDLESS = 200_000

#: Where the fastest of several placements is meanwhile.
_ASIDE = "fastest"

#: Called when a placement is too slow, and another seed is tried: the seed, its MHz (0: it cannot be routed), the next.
Missed = Callable[[int, float, int], None]


class Endless(tools.ToolFailure):
    """A placement cannot be routed: the router goes around in circles."""


class Watch:
    """Follows a router.

    Parameters
    ----------
    seed : int
    on_said : callable
        Gets the seed, and the last that nextpnr said.
    """

    def __init__(self, seed: int, on_said: Callable[[int, str], None]) -> None:
        self._seed, self._on_said = seed, on_said
        self._since, self._least = 0, math.inf

    def __call__(self, said: str) -> None:
        """Endless where it has tried for long, and no fewer wires are left than before."""
        self._on_said(self._seed, said)
        if (found := timing.turns(said)) is None:
            return
        done, left = found
        if left < self._least or done < self._since:
            self._since, self._least = done, left
        elif done - self._since > ENDLESS:
            raise Endless(f"seed {self._seed} cannot be routed, {left:,} wires are left for good: try another --seed")


@dataclass(frozen=True)
class Placed:
    """A placed and routed design, whose files are in the folder."""

    seed: int
    log: str  #: what nextpnr said
    report: dict[str, Any]  #: its report
    achieved: float  #: MHz that it reports
    fmax: float  #: MHz, corrected
    corrections: dict[str, float]  #: see `Chip.fmax`
    tried: dict[int, float]  #: MHz of each seed; 0 where it cannot be routed


def place(
    board: Board,
    arguments: Sequence[str],
    folder: Path,
    *,
    seeds: Sequence[int],
    watch: Callable[[int, str], None] = lambda seed, said: None,
    missed: Missed = lambda seed, mhz, following: None,
) -> Placed:
    """Takes the first seed that reaches the board's clock, else the fastest one; passes over what cannot be routed.

    Of a board that has a slower clock no further seed is tried after one that is too slow by far.

    Parameters
    ----------
    board : Board
    arguments : sequence of str
        Those of nextpnr, without the seed.
    folder : Path
        Where the netlist is.
    seeds : sequence of int
        In this order; at least one.
    watch : callable, optional
        Is called about once a second with the seed and the last that nextpnr said.
    missed : callable, optional
        See `Missed`.

    Raises
    ------
    MissingTool, ToolFailure
        See `tools`; a failure of a further seed only ends the search.
    """
    chip, clock = board.chip, board.clock_hz / 1e6
    names = [name for name in chip.routing(chip.routed) if not name.startswith("-")]
    outputs = {chip.routed, "report.json", "placed.json", f"{chip.placer}.log", *names}
    aside = folder / _ASIDE
    tried: dict[int, float] = {}
    best: Placed | None = None
    try:
        for number, seed in enumerate(seeds):
            try:
                log = tools.run(
                    chip.placer,
                    [*arguments, "--seed", str(seed)],
                    folder,
                    watch=Watch(seed, watch),
                    limit=PLACING_LIMIT,
                )
            except Endless:
                tried[seed] = 0.0
                if number + 1 < len(seeds):
                    missed(seed, 0.0, seeds[number + 1])
                elif best is None:
                    raise
                continue
            except tools.ToolFailure:
                if best is None:
                    raise
                break
            report = json.loads((folder / "report.json").read_text())
            achieved = timing.achieved_mhz(report)
            fmax, corrections = chip.fmax(achieved, folder)
            tried[seed] = round(fmax, 2)
            if best is None or fmax > best.fmax:
                best = Placed(seed, log, report, achieved, fmax, corrections, tried)
                aside.mkdir(exist_ok=True)
                for name in outputs:
                    if (folder / name).exists():
                        (folder / name).replace(aside / name)
            if fmax >= clock or (board.slower and fmax < HOPELESS * clock):
                break
            if number + 1 < len(seeds):
                missed(seed, fmax, seeds[number + 1])
        if best is None:
            raise ValueError("seeds must have at least one")
        for path in aside.iterdir():
            path.replace(folder / path.name)
        return best
    finally:
        shutil.rmtree(aside, ignore_errors=True)
