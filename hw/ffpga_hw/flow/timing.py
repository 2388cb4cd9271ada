"""What nextpnr says: how far it is, and the clock that a placed and routed design may run at."""

import re
from typing import Any

#: Lines of its log, the last of which tells what it does: routing, with the wires that are left, or placing.
_ROUTED = re.compile(r"^Info:  *\d+ \|(?:.*\|)? *(\d+)\|", re.MULTILINE)
_TURNS = re.compile(r"^Info:  *(\d+) \|.*\|.*\| *(\d+)\|", re.MULTILINE)
_REFINED = re.compile(r"^Info: +at iteration #\d+: temp", re.MULTILINE)
_PLACED = re.compile(r"^Info: +at iteration #(\d+), type", re.MULTILINE)


def turns(log: str) -> tuple[int, int] | None:
    """Arcs that router1 has routed so far, again and again, and the wires that are left; None where it says nothing."""
    found = _TURNS.findall(log)
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def doing(log: str) -> str:
    """What place and route is at, in words, from the end of nextpnr's log."""
    if found := _ROUTED.findall(log):
        return f"{int(found[-1]):,} wires to route"
    if _REFINED.search(log):
        return "places better"
    if found := _PLACED.findall(log):
        return f"places, turn {found[-1]}"
    return "begins"


def achieved_mhz(report: dict[str, Any]) -> float:
    """The core's frequency in nextpnr's JSON report: that at which every clock, all sped up alike, is met.

    The core's is the one that is asked most of; a host's clock may be slower, and so may what reaches it be.
    """
    clocks = report["fmax"].values()
    most = max((clock["constraint"] for clock in clocks), default=0.0)
    return min((clock["achieved"] * most / clock["constraint"] for clock in clocks), default=0.0)


def critical_path(report: dict[str, Any]) -> str:
    """Begin and end of the slowest path within a clock, as one line."""
    paths = [path for path in report["critical_paths"] if path["from"] == path["to"] and path["path"]]
    if not paths:
        return ""
    slowest = max(paths, key=lambda path: sum(step["delay"] for step in path["path"]))["path"]
    delay = sum(step["delay"] for step in slowest)
    return f"{slowest[0]['from']['cell']} to {slowest[-1]['to']['cell']}, {delay:.1f} ns"
