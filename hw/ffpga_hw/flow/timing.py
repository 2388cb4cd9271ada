"""The clock that a placed and routed design may run at, from nextpnr's report."""

from typing import Any


def achieved_mhz(report: dict[str, Any]) -> float:
    """The slowest clock's frequency in nextpnr's JSON report."""
    return min((clock["achieved"] for clock in report["fmax"].values()), default=0.0)


def critical_path(report: dict[str, Any]) -> str:
    """Begin and end of the slowest path within a clock, as one line."""
    paths = [path for path in report["critical_paths"] if path["from"] == path["to"] and path["path"]]
    if not paths:
        return ""
    slowest = max(paths, key=lambda path: sum(step["delay"] for step in path["path"]))["path"]
    delay = sum(step["delay"] for step in slowest)
    return f"{slowest[0]['from']['cell']} to {slowest[-1]['to']['cell']}, {delay:.1f} ns"
