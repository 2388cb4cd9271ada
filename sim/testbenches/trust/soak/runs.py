"""The virtual board beside the golden device for as long as one likes: random commands, no difference.

Turns of a few hundred to a few thousand frames, each with a configuration drawn from the table. A turn depends on the
seed and its own number alone: any of them can be repeated.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from ffpga import NetworkConfig
from ffpga.markdown import table
from ffpga_sim import VirtualBoard
from testbenches.configurations import CONFIGURATIONS, Case

from .turn import Told, Turn

#: What takes turns: the test benches' configurations, the demo's, and that of an iCE40 UP5K.
CASES = {
    **CONFIGURATIONS,
    "digits": Case(NetworkConfig(features=64, classes=10, layers=(64, 64), lanes=8)),
    "mnist": Case(NetworkConfig(features=784, classes=10, layers=(128, 128), lanes=8)),
}


def turns(cases: Mapping[str, Case], seed: int, first: int = 0) -> Iterator[tuple[int, str, int]]:
    """Number, configuration and seed of each turn."""
    names = sorted(cases)
    number = first
    while True:
        random = Random(f"soak {seed} {number}")
        yield number, random.choice(names), random.randrange(1 << 32)
        number += 1


def soak(
    cases: Mapping[str, Case] = CASES,
    *,
    seed: int = 1,
    seconds: float = math.inf,
    frames: float = math.inf,
    first: int = 0,
    say: Callable[[str], object] = print,
    keep: Callable[[dict[str, Any]], object] = lambda figures: None,
) -> dict[str, Any]:
    """Takes turns until time is up or enough frames were said; or to the first difference.

    Parameters
    ----------
    cases : mapping
        Configurations by name.
    seed : int
    seconds, frames : float
        When it ends; building the boards takes none of the time.
    first : int
        Number of the first turn.
    say : callable
        Gets a line now and then.
    keep : callable
        Gets the figures so far at the same times.

    Returns
    -------
    dict
        What was said and compared, whether it was `right`, and a difference if there was one.
    """
    boards = {name: VirtualBoard(case.config) for name, case in cases.items()}
    told = {name: Told() for name in cases}
    difference: str | None = None
    began, worked = time.monotonic(), time.process_time()

    def over() -> bool:
        said = sum(one.frames for one in told.values())
        return time.monotonic() - began >= seconds or said >= frames

    def figures() -> dict[str, Any]:
        total = Told()
        for one in told.values():
            total.add(one)
        return {
            "seed": seed,
            "first_turn": first,
            "seconds": time.monotonic() - began,
            "processor_seconds": time.process_time() - worked,
            "right": difference is None,
            "differences": int(difference is not None),
            "difference": difference,
            **_plain(total),
            "commands": dict(sorted(total.commands.items())),
            "configurations": [
                {"name": name, "configuration": str(cases[name].config), **_plain(one)} for name, one in told.items()
            ],
        }

    for number, name, drawn in turns(cases, seed, first):
        if over():
            break
        turn = Turn(boards[name], cases[name], drawn, told[name])
        try:
            turn.run(over)
        except Exception as error:  # whatever it is, the turn must be told
            difference = f"turn {number}, {name}, after {turn.frames} frames: {type(error).__name__}: {error}"
            say(difference)
            break
        if number % 50 == 49:
            sofar = figures()
            say(f"{sofar['seconds'] / 60:.0f} min, {sofar['frames']:,} frames: no difference")
            keep(sofar)
    for board in boards.values():
        board.close()
    return figures()


def _plain(told: Told) -> dict[str, int]:
    return {name: value for name, value in vars(told).items() if name != "commands"}


def soak_table(figures: dict[str, Any]) -> str:
    """A line for each configuration, and their sum."""
    names = ("turns", "frames", "executed", "refused", "steps", "resets", "weights", "counters", "clocks")
    head = ("configuration", *names[:6], "weights compared", "counters compared", "clocks simulated")
    rows = [*figures["configurations"], {**figures, "name": "all"}]
    told = table(head, [(row["name"], *(f"{row[name]:,}" for name in names)) for row in rows])
    minutes = f"{figures['seconds'] / 60:.0f} minutes, {figures['processor_seconds'] / 60:.0f} of them at work"
    return f"{told}\n\n{minutes}, seed {figures['seed']}: {figures['difference'] or 'no difference'}"
