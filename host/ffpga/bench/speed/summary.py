"""One table of all that `ffpga bench` has left in a folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import FfpgaError
from ...markdown import table
from .alternate import spread
from .golden import ADAM

Row = dict[str, Any]

#: Clocks of a step over its floor, at most.
FLOOR_RATIO = 1.10


def _row(what: str, figure: str, bar: str = "", met: bool | None = None) -> Row:
    return {"what": what, "figure": figure, "bar": bar, "met": met}


def _simulation(found: Row) -> list[Row]:
    rate = found["board_clocks_a_second"] / 1e6
    return [
        _row(
            "virtual board to bare model",
            f"{spread(found['ratio'], 3)}, {rate:.2f} million clocks/s",
            f"{found['least']}",
            found["reached"],
        ),
        _row(f"an epoch of {found['epoch_pairs']:,} pairs, simulated", f"{found['epoch_minutes']:.1f} minutes"),
    ]


def _golden(found: Row) -> list[Row]:
    rows = []
    names = list(found["pairs_a_second"])
    ours = [name for name in names if name in found["inferences_a_second"] and not name.startswith("fflib")]
    for name in ours:
        rate = f"{found['pairs_a_second'][name]:,.0f} pairs/s"
        if "ratios" in found:
            times = f"{rate}, {spread(found['ratios'][name][ADAM], 1)} times {ADAM}"
            met = found["ratios"][name][ADAM][0] >= found["least_ratio"]
            rows.append(_row(name, times, f"{found['least_ratio']:g} times", met))
        else:
            rows.append(_row(name, rate))
        inferences = found["inferences_a_second"][name]
        least = found["least_inferences"]
        rows.append(_row(name, f"{inferences:,.0f} inferences/s", f"{least:,.0f}", inferences >= least))
    if "limit" in found:
        rows.append(_row("its pairs/s to those that the caches allow", spread(found["limit"]["share"])))
    return rows


def _link(found: Row) -> list[Row]:
    size = found["bytes"]
    rows = [_row("bytes a sample", f"{size['mean']:.0f}, raw {size['raw']:.0f}", f"{size['most']}", size["reached"])]
    for line in found["lines"]:
        rate = f"{line['pairs_per_second']:,.0f} pairs/s, {100 * line['hidden']:.0f} % of the shorter hidden"
        rows.append(_row(f"{line['line']}, {line['network']}, {line['code']}, simulated", rate))
    return rows


def _scaling(found: Row) -> list[Row]:
    beside = found["clocks"]["beside_peer"]
    ours, peer = beside["ours"], beside["peer"]
    usual = next(row for row in found["clocks"]["points"] if row["axis"] == "lanes" and row["place"] == 8)
    return [
        _row(
            "clocks a pair, 8 lanes, two layers of 128",
            f"{usual['clocks_a_pair']:,.0f}, {usual['clocks_a_pair'] / usual['floor_a_pair']:.3f} of the floor",
        ),
        _row("the same with nothing skipped", f"{usual['dense_clocks_a_pair']:,}"),
        _row(
            "clocks a pair, 8 lanes, two layers of 256",
            f"{ours['clocks_a_pair']:,.0f}, {ours['clocks_a_weight']:.3f} a weight",
        ),
        _row(
            "the other open core, the same layers", f"{peer['clocks_a_pair']:,}, {peer['clocks_a_weight']:.1f} a weight"
        ),
    ]


def _clocks(found: Row) -> list[Row]:
    rows = []
    for one in found["configurations"]:
        ports = one["configuration"]["memory_ports"]
        for section in one["sections"]:
            ratio = section["floor_ratio"]
            beside = {None: "", True: ", measured too", False: ", MEASURED OTHERWISE"}[section["equal"]]
            figure = f"{section['clocks_a_step']:,.0f} clocks, {ratio:.3f} of the floor{beside}"
            met = ratio <= FLOOR_RATIO and section["equal"] is not False
            rows.append(_row(f"{section['name']}, {ports}-port memory", figure, f"{FLOOR_RATIO}", met))
    return rows


#: Rows of each command's file.
_PARTS: dict[str, Callable[[Row], list[Row]]] = {
    "clocks": _clocks,
    "simulation": _simulation,
    "golden": _golden,
    "link": _link,
    "scaling": _scaling,
}


def summary(folder: Path) -> list[Row]:
    """Rows of all files that are there: `what`, `figure`, `bar` and whether it is `met`, None without one."""
    rows = []
    for name, part in _PARTS.items():
        path = folder / f"{name}.json"
        if not path.exists():
            continue
        try:
            rows += part(json.loads(path.read_text()))
        except (ValueError, KeyError, TypeError) as error:
            raise FfpgaError(
                f"{path} must be what ffpga bench {name} wrote, not damaged ({error!r}): run it again"
            ) from None
    return rows


def summary_table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = []
    for row in rows:
        met = "" if row["met"] is None else "met" if row["met"] else "missed"
        lines.append((row["what"], row["figure"], row["bar"], met))
    return table(("what", "figure", "bar", ""), lines)
