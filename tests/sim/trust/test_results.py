"""What the documents say of the long runs is what those runs left; what they say is held by a test is."""

import json
import re
from pathlib import Path

import pytest

from testbenches.trust.mutants.score import LEAST, judged, mutants_table, reasons

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def stored():
    return {name: json.loads((ROOT / f"host/results/{name}.json").read_text()) for name in RUNS}


RUNS = ("soak", "hostile", "microcontroller", "lost", "fuzz")


def test_the_stored_runs_found_nothing_and_were_long(stored):
    assert all(figures["right"] for figures in stored.values())
    soak, hostile, microcontroller, lost, fuzz = (stored[name] for name in RUNS)
    assert soak["seconds"] >= 3600 and soak["differences"] == 0 and soak["first_turn"] == 0
    assert all(row["turns"] and row["weights"] and row["counters"] for row in soak["configurations"])
    for target in ("golden", "sim"):
        worst = [run for run in hostile["runs"] if (run["target"], run["rate"]) == (target, 1e-3)]
        assert len(worst) == 1 and worst[0]["frames"] >= 200_000
    assert microcontroller["frames"] >= 100_000 and {run["target"] for run in microcontroller["runs"]} == {
        "golden",
        "sim",
    }
    for run in hostile["runs"] + microcontroller["runs"]:
        assert run["same_weights"] and all(counted == expected for counted, expected in run["accounts"].values())
    for what in ("SIGKILL", "reset"):
        assert sum(row["count"] for row in lost["rows"] if row["what"].startswith(what)) >= 50
    assert len(fuzz["targets"]) >= 13 and all(row["runs"] > 0 for row in fuzz["targets"])


@pytest.fixture(scope="module")
def mutants():
    """The stored figures of mutants, judged anew: with the reasons as they are now."""
    figures = json.loads((ROOT / "host/results/mutants.json").read_text())
    return {kind: judged(figures[kind], kind) for kind in ("hardware", "golden")}


def test_enough_of_the_mutants_die(mutants):
    assert mutants["hardware"]["mutants"] >= 300 and mutants["golden"]["mutants"] >= 200
    assert all(figures["share"] >= LEAST for figures in mutants.values())


def test_every_reason_is_that_of_a_survivor(mutants):
    for kind, figures in mutants.items():
        named = {f"{name}: {one['key']}" for name, case in figures["cases"].items() for one in case["survivors"]}
        named |= {one["key"] for case in figures["cases"].values() for one in case["survivors"]}
        assert set(reasons(kind)) <= named, set(reasons(kind)) - named


def test_the_tables_of_mutants_are_stored(mutants):
    text = (ROOT / "sim" / "README.md").read_text().partition("\n## Tests that are themselves tested\n")[2]
    quoted = [line for line in text.splitlines() if line.startswith("| ")]
    made = [line for figures in mutants.values() for line in mutants_table(figures).splitlines()]
    assert quoted == [line for line in made if line.startswith("| ")]


def test_the_share_among_the_results_is_stored(mutants):
    line = measured("make mutants")
    core, golden = (f"{100 * mutants[kind]['share']:.1f} %" for kind in ("hardware", "golden"))
    assert line.split(" | ")[1] == f"{core} of the core's, {golden} of the golden model's"


def measured(command: str) -> str:
    """The line of a command in the table "Measured" of the page of results."""
    text = (ROOT / "host" / "docs" / "results.md").read_text().partition("## Measured\n\n")[2].split("\n\n")[0]
    (line,) = (line for line in text.splitlines() if line.endswith(f"| `{command}` |"))
    return line


def table(stored) -> list[str]:
    """Lines of the table in sim/README.md."""
    soak, hostile, microcontroller, lost, fuzz = (stored[name] for name in RUNS)
    kills, resets = (
        sum(row["count"] for row in lost["rows"] if row["what"].startswith(what)) for what in ("SIGKILL", "reset")
    )
    programs = sum(row["runs"] for row in fuzz["targets"])
    minutes = f"{soak['seconds'] / 60:.0f} minutes"
    figures = {
        "soak": f"{minutes}, {len(soak['configurations'])} configurations: {soak['frames']:,} frames, "
        f"{soak['steps']:,} training steps, {soak['resets']:,} resets, {soak['clocks']:,} clocks",
        "hostile": f"{hostile['frames']:,} frames in {len(hostile['runs'])} runs, {hostile['faults']:,} faults",
        "microcontroller": f"{microcontroller['frames']:,} frames in {len(microcontroller['runs'])} runs, "
        f"{microcontroller['faults']:,} faults",
        "lost": f"{kills} runs killed, {resets} resets",
        "fuzz": f"{len(fuzz['targets'])} targets, {programs:,} programs and files",
    }
    ends = {
        "soak": "no difference",
        "hostile": "weights and figures of a clean line; every fault is accounted for",
        "microcontroller": "the golden network's weights, answers and counters",
        "lost": "weights, accuracies and counters of an undisturbed run",
        "fuzz": "no fault",
    }
    return [f"| `make {name}` | {figures[name]} | {ends[name]} |" for name in RUNS]


def test_the_table_of_trust_is_stored(stored):
    text = (ROOT / "sim" / "README.md").read_text().partition("\n## Trust\n")[2].partition("\n## ")[0]
    quoted = [line for line in text.splitlines() if line.startswith("| ")]
    assert quoted[2:] == table(stored)


def test_the_measured_lines_are_stored(stored):
    hostile = stored["hostile"]
    said = f"{hostile['faults']:,} faults in {hostile['frames']:,} frames"
    assert measured("make hostile").split(" | ")[1] == f"the weights of a clean line, {said}"
    assert measured("make soak").split(" | ")[1] == f"no difference in {stored['soak']['frames']:,} frames"


def test_what_is_said_to_be_held_is_held():
    """Each test that the page "What is trusted" names is there."""
    text = (ROOT / "host" / "docs" / "trust.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", text))
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(), re.MULTILINE)
    }
    assert len(named) > 12 and named <= defined, named - defined
