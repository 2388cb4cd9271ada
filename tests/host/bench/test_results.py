"""The figures in the documents are those of the stored results, which named commands wrote."""

import json
import re
from pathlib import Path

import pytest

from ffpga.bench.accuracy_table import accuracy_table
from ffpga.bench.boards import energy_table, line_table, speed_table
from ffpga.bench.early_stop import early_stop_table
from ffpga_golden.config import NetworkConfig
from ffpga_hw.boards.table import BOARDS

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "host" / "results"
DOCS = ROOT / "host" / "docs"
RESULTS_PAGE = DOCS / "results.md"
TRAINING_PAGE = DOCS / "training.md"


@pytest.fixture(scope="module")
def stored():
    return json.loads((RESULTS / "accuracy.json").read_text())


def test_the_stored_table_is_that_of_the_stored_figures(stored):
    assert (RESULTS / "accuracy.md").read_text() == accuracy_table(stored["trials"]) + "\n"


def test_the_page_of_results_quotes_the_stored_table(stored):
    lines = accuracy_table(stored["trials"]).splitlines()
    _, _, rest = RESULTS_PAGE.read_text().partition(lines[0])
    assert rest, "the table's head is on the page"
    quoted = rest.split("\n\n")[0].splitlines()[1:]
    assert len(quoted) > 5 and set(quoted) <= set(lines[1:])


def test_every_bar_is_met_by_the_median_of_five_seeds(stored):
    asked = [row for row in stored["trials"] if row["least"] is not None]
    assert len(asked) >= 9
    for row in asked:
        assert len(row["accuracies"]) == 5 and row["reached"] == (row["median"] >= row["least"])


@pytest.fixture(scope="module")
def medians(stored):
    """Median accuracy of each trial, as the documents write it."""
    return {row["name"]: f"{100 * row['median']:.2f} %" for row in stored["trials"]}


def test_percentages_in_the_text_are_stored(medians):
    """Those that are marked as a trial's, such as `(128-128: 98.05 %)`."""
    found = [
        (page, *one)
        for page in (RESULTS_PAGE, TRAINING_PAGE)
        for one in re.findall(r"\(([^():]+):\s(\d+\.\d\d %)\)", page.read_text())
    ]
    assert len(found) >= 5
    for page, name, figure in found:
        assert medians[name] == figure, (page, name)


def test_the_tables_of_fields_and_contenders_are_stored(stored):
    text = (DOCS / "choosing.md").read_text()
    rows = [row for row in stored["trials"] if row.get("windows")]
    for row in rows:
        accuracy, clocks = f"{100 * row['median']:.2f} %", f"{row['clocks_a_pair']:,.0f}"
        if row["name"].startswith("contenders "):
            number = row["name"].removeprefix("contenders ")
            assert f"| {number} | {accuracy} | {row['floor_a_pair']:,.0f} | {clocks} |\n" in text
        else:
            assert f"| {row['name']} | {accuracy} | {clocks} | {row['weight_bytes']:,} |\n" in text
    assert len(rows) >= 9 and max(rows, key=lambda row: row["median"])["weight_bytes"] == 31_000


def test_the_table_of_separate_phases_is_stored(medians):
    text = TRAINING_PAGE.read_text()
    for block in (1, 100, 1000, 10_000, 60_000):
        figures = [medians[f"blocks of {block}{kind}"] for kind in ("", ", slow", ", replayed")]
        assert f"| {block:,} | {' | '.join(figures)} |\n" in text, block


def figures(name):
    return json.loads((RESULTS / f"{name}.json").read_text())


def test_the_measured_table_is_stored():
    """The lines under "Measured", written from the files that their commands left."""
    contrast, threshold, demo, digits, epoch = map(figures, ("mnist", "mnist-threshold", "demo", "digits", "epoch"))
    for run, objective in ((contrast, "contrast"), (threshold, "threshold")):
        assert run["options"]["objective"] == objective and run["options"]["epochs"] == len(run["epochs"]) == 5
    ends = contrast["epochs"][0], contrast["epochs"][4]
    first, last = (f"{e['clocks'] / e['pairs']:,.0f}" for e in ends)
    ratios = [f"{e['clocks'] / e['floor_clocks']:.2f}" for e in ends]
    demo_ratios = [f"{e['clocks'] / e['floor_clocks']:.2f}" for e in (demo["epochs"][0], demo["epochs"][-1])]
    (digits,) = digits["configurations"]
    assert digits["seeds"] == 8 and epoch["equal"] and epoch["clocks"] == epoch["predicted_clocks"]
    expected = [
        f"{100 * contrast['accuracy']:.2f} %",
        f"{100 * threshold['accuracy']:.2f} %",
        f"{first} and {last}: {ratios[0]} and {ratios[1]} of the floor",
        f"{100 * demo['accuracy']:.2f} %",
        f"{100 * digits['accuracy']:.1f} % on average",
        f"{demo_ratios[0]} and {demo_ratios[1]} of the floor",
        f"equal; {epoch['clocks']:,} clocks, as predicted; {100 * epoch['accuracy']:.2f} %",
    ]
    table = RESULTS_PAGE.read_text().partition("## Measured\n\n")[2].split("\n\n")[0]
    assert [line.split(" | ")[1] for line in table.splitlines()[2:]][: len(expected)] == expected


def test_the_tables_of_clocks_are_stored():
    found = figures("clocks")
    sections = [section for one in found["configurations"] for section in one["sections"]]
    assert len(sections) == 10 and all(section["equal"] for section in sections)
    pairs = [section["floor_ratio"] for section in sections if section["name"].startswith("pair")]
    assert max(pairs) <= 1.10
    (fields,) = figures("clocks-fields")["configurations"]
    assert len(fields["sections"]) == 5 and all(section["equal"] for section in fields["sections"])
    assert NetworkConfig.from_json(json.dumps(fields["configuration"])) == BOARDS["icebreaker"].preset
    stored = [
        line for name in ("clocks", "clocks-fields") for line in (RESULTS / f"{name}.md").read_text().splitlines()
    ]
    text = (ROOT / "hw" / "README.md").read_text().partition("## Where the clocks go")[2].partition("\n## ")[0]
    quoted = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(quoted) > 10 and set(quoted) <= set(stored)


def test_the_tables_of_the_boards_are_stored():
    found, text = figures("boards"), (ROOT / "hw" / "README.md").read_text()
    boards = found["boards"]
    for board in boards:
        chosen = BOARDS[board["board"]]
        assert NetworkConfig.from_json(json.dumps(board["configuration"])) == chosen.preset
    for table in (speed_table(boards), line_table(boards[0], found["baud"]), energy_table(boards)):
        assert f"\n\n{table}\n\n" in text
    (samples,) = {board["samples"] for board in boards}
    assert f"--samples\n{samples}" in text and f"first {samples:,} training pairs" in text
    small = next(board for board in boards if board["board"] == "ulx3s-25f")
    assert small["pairs_a_second"][0] > 100_000


def test_the_recurrent_networks_figures_are_stored():
    run, plain = figures("recurrent"), figures("mnist")
    assert run["configuration"]["recurrent"] and run["options"]["time_steps"] in (None, 4)
    assert run["options"]["epochs"] == plain["options"]["epochs"] == len(run["epochs"]) == 5
    text = TRAINING_PAGE.read_text().replace("\n", " ")
    pair, plain_pair = (f"{found['clocks'] / found['pairs']:,.0f}" for found in (run, plain))
    assert f"{100 * run['accuracy']:.2f} % in {pair} clocks a pair" in text
    assert f"{run['clocks'] / run['floor_clocks']:.2f} of the floor" in text
    assert f"against {100 * plain['accuracy']:.2f} % in {plain_pair} without" in text


def test_the_table_of_ending_early_is_stored():
    lines = figures("early-stop")["lines"]
    assert early_stop_table(lines) in (ROOT / "hw" / "README.md").read_text()
    always, *_, never = lines
    assert always["accuracy"] >= never["accuracy"] and always["clocks"] < never["clocks"], "so it is not built"


def test_the_proofs_are_all_proved():
    found = figures("formal")["proofs"]
    assert all(proof["verdict"] == "proved" and all(b["refuted"] for b in proof["broken"]) for proof in found)
    assert f"[{len(found)} of {len(found)}](../../sim/README.md#proofs)" in RESULTS_PAGE.read_text()
