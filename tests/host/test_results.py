"""The figures in the documents are those of the stored results, which a named command wrote."""

import json
import re
from pathlib import Path

import pytest

from ffpga.accuracy_table import accuracy_table

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "host" / "results"


@pytest.fixture(scope="module")
def stored():
    return json.loads((RESULTS / "accuracy.json").read_text())


def test_the_stored_table_is_that_of_the_stored_figures(stored):
    assert (RESULTS / "accuracy.md").read_text() == accuracy_table(stored["trials"]) + "\n"


def test_the_readme_quotes_the_stored_table(stored):
    lines = accuracy_table(stored["trials"]).splitlines()
    _, _, rest = (ROOT / "README.md").read_text().partition(lines[0])
    assert rest, "the table's head is in the README"
    quoted = rest.split("\n\n")[0].splitlines()[1:]
    assert len(quoted) > 5 and set(quoted) <= set(lines[1:])


def test_every_bar_is_met_by_the_median_of_three_seeds(stored):
    asked = [row for row in stored["trials"] if row["least"] is not None]
    assert len(asked) >= 9
    for row in asked:
        assert len(row["accuracies"]) == 3 and row["reached"] == (row["median"] >= row["least"])


def test_percentages_in_the_readmes_text_are_stored(stored):
    """Those that are marked as a trial's, such as `(128-128: 98.05 %)`."""
    medians = {row["name"]: f"{100 * row['median']:.2f}" for row in stored["trials"]}
    for file in ("README.md", "host/README.md"):
        for name, figure in re.findall(r"\(([^():]+): (\d+\.\d\d) %\)", (ROOT / file).read_text()):
            assert medians[name] == figure, (file, name)
