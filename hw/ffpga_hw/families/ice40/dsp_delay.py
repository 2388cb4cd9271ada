"""What nextpnr leaves out of the delay of an iCE40's DSP block, and the paths that it would slow."""

import re
from collections import defaultdict
from functools import cache

#: What nextpnr's model of an SB_MAC16's clock-to-output lacks, in ns: it has 0.1, icestorm's measured timing about 2.
DSP_DELAY = 2.0

_INSTANCE = re.compile(r"^\s*\(INSTANCE (.*?)\)\s*$")
_TYPE = re.compile(r'^\s*\(CELLTYPE "(.*)"\)')
_WIRE = re.compile(r"^\s*\(INTERCONNECT (\S+) (\S+) \((\S*?)\) \((\S*?)\)\)")
_PATH = re.compile(r"^\s*\(IOPATH (\S+) (\S+) \((\S*?)\) \((\S*?)\)\)")
_SETUP = re.compile(r"^\s*\(SETUPHOLD \(\w+ (\S+)\) \(\w+ \S+\) \((\S*?)\)")


def _ns(*triples: str) -> float:
    """The slowest of some delays of the form min:typical:max in ps."""
    return max(float(triple.rsplit(":", 1)[-1]) for triple in triples) / 1000


def dsp_path(sdf: str) -> float:
    """Longest delay from a DSP block's clock to a register, with its setup time, in ns; 0 where there is no such path.

    Parameters
    ----------
    sdf : str
        Delays of the routed design as nextpnr's option --sdf writes them, in ps.
    """
    after: dict[str, list[tuple[str, float]]] = defaultdict(list)
    setup: dict[str, float] = {}
    starts: list[tuple[str, float]] = []
    kind = instance = ""
    for line in sdf.splitlines():
        if found := _WIRE.match(line):
            after[found[1]].append((found[2], _ns(found[3], found[4])))
        elif found := _PATH.match(line):
            source, target, delay = found[1], f"{instance}/{found[2]}", _ns(found[3], found[4])
            if "CLK" not in source and source != "CLOCK":
                after[f"{instance}/{source}"].append((target, delay))
            elif kind == "ICESTORM_DSP":
                starts.append((target, delay))
        elif found := _SETUP.match(line):
            pin = f"{instance}/{found[1]}"
            setup[pin] = max(setup.get(pin, 0.0), _ns(found[2]))
        elif found := _TYPE.match(line):
            kind = found[1]
        elif found := _INSTANCE.match(line):
            instance = found[1]

    @cache
    def longest(pin: str) -> float:
        ends = [setup[pin]] if pin in setup else []
        return max([*ends, *(delay + longest(onward) for onward, delay in after[pin])], default=float("-inf"))

    return max([0.0, *(delay + longest(pin) for pin, delay in starts)])


def fmax(achieved: float, slowest: float) -> float:
    """MHz of a design, with the delay that nextpnr leaves out added to the paths that begin at a DSP block.

    Parameters
    ----------
    achieved : float
        MHz that nextpnr reports.
    slowest : float
        See `dsp_path`; in ns.
    """
    return min(achieved, 1000 / (slowest + DSP_DELAY)) if slowest else achieved
