"""Delays of a routed design, as nextpnr's option --sdf writes them: the paths that begin or end at a kind of block."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache

_INSTANCE = re.compile(r"^\s*\(INSTANCE (.*?)\)\s*$")
_TYPE = re.compile(r'^\s*\(CELLTYPE "(.*)"\)')
_WIRE = re.compile(r"^\s*\(INTERCONNECT (\S+) (\S+) \((\S*?)\) \((\S*?)\)\)")
_PATH = re.compile(r"^\s*\(IOPATH (\S+) (\S+) \((\S*?)\) \((\S*?)\)\)")
_SETUP = re.compile(r"^\s*\(SETUPHOLD \(\w+ (\S+)\) \(\w+ \S+\) \((\S*?)\)")


def _ns(*triples: str) -> float:
    """The slowest of some delays of the form min:typical:max in ps."""
    return max(float(triple.rsplit(":", 1)[-1]) for triple in triples) / 1000


class Delays:
    """What an SDF file says of pins, in ns.

    Parameters
    ----------
    sdf : str
        Delays in ps.
    """

    def __init__(self, sdf: str) -> None:
        self._after: dict[str, list[tuple[str, float]]] = defaultdict(list)  # pin to the next ones
        self._setup: dict[str, float] = {}
        self._starts: list[tuple[str, str, float]] = []  # kind of cell, pin, delay from its clock
        self._kinds: dict[str, str] = {}  # of each cell
        kind = instance = ""
        for line in sdf.splitlines():
            if found := _WIRE.match(line):
                self._after[found[1]].append((found[2], _ns(found[3], found[4])))
            elif found := _PATH.match(line):
                source, target, delay = found[1], f"{instance}/{found[2]}", _ns(found[3], found[4])
                if "CLK" in source or source == "CLOCK":
                    self._starts.append((kind, target, delay))
                else:
                    self._after[f"{instance}/{source}"].append((target, delay))
            elif found := _SETUP.match(line):
                pin = f"{instance}/{found[1]}"
                self._setup[pin] = max(self._setup.get(pin, 0.0), _ns(found[2]))
            elif found := _TYPE.match(line):
                kind = found[1]
            elif found := _INSTANCE.match(line):
                instance = found[1]
                self._kinds[instance] = kind

    def from_block(self, kind: str) -> float:
        """Longest delay from the clock of such a block to a register, with its setup time; 0 where there is none.

        Of a block whose delay the file does not know, from its outputs.
        """
        starts = [(pin, delay) for found, pin, delay in self._starts if found == kind]
        if not starts:
            starts = [(pin, 0.0) for pin in self._after if self._is(pin, kind)]
        return self._longest(starts, self._setup.get)

    def to_block(self, kind: str) -> float:
        """Longest delay from a register's clock to an input of such a block; 0 where there is none."""
        starts = ((pin, delay) for _, pin, delay in self._starts)
        return self._longest(starts, lambda pin: 0.0 if self._is(pin, kind) else None)

    def _is(self, pin: str, kind: str) -> bool:
        return self._kinds.get(pin.rpartition("/")[0]) == kind

    def _longest(self, starts: Iterable[tuple[str, float]], end: Callable[[str], float | None]) -> float:
        @cache
        def longest(pin: str) -> float:
            last = end(pin)
            ends = [] if last is None else [last]
            return max([*ends, *(delay + longest(onward) for onward, delay in self._after[pin])], default=float("-inf"))

        return max([0.0, *(delay + longest(pin) for pin, delay in starts)])
