"""The clock that a placed and routed design may run at, from nextpnr's reports."""

import re
from collections import defaultdict
from functools import cache
from typing import Any

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


def achieved_mhz(report: dict[str, Any]) -> float:
    """The slowest clock's frequency in nextpnr's JSON report."""
    return min((clock["achieved"] for clock in report["fmax"].values()), default=0.0)


def fmax_ice40(report: dict[str, Any], dsp_path: float) -> float:
    """MHz of an iCE40 design, with the delay that nextpnr leaves out added to the paths that begin at a DSP block.

    Parameters
    ----------
    report : dict
        nextpnr's JSON report.
    dsp_path : float
        See `dsp_path`; in ns.
    """
    achieved = achieved_mhz(report)
    return min(achieved, 1000 / (dsp_path + DSP_DELAY)) if dsp_path else achieved


def critical_path(report: dict[str, Any]) -> str:
    """Begin and end of the slowest path within a clock, as one line."""
    paths = [path for path in report["critical_paths"] if path["from"] == path["to"] and path["path"]]
    if not paths:
        return ""
    slowest = max(paths, key=lambda path: sum(step["delay"] for step in path["path"]))["path"]
    delay = sum(step["delay"] for step in slowest)
    return f"{slowest[0]['from']['cell']} to {slowest[-1]['to']['cell']}, {delay:.1f} ns"
