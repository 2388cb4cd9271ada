"""The speed figures in the documents are those of the stored results, which named commands wrote."""

import json
import re
from pathlib import Path

import pytest

from ffpga.bench.speed import bus, golden, lines, scaling, simulation

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "host" / "results"
PAGES = {"simulation": simulation, "golden": golden, "link": lines, "scaling": scaling, "bus": bus}
#: Where each one's tables are quoted.
DOCUMENTS = {"simulation": "sim", "golden": "golden", "link": "hw", "scaling": "hw", "bus": "hw"}


def tables(text: str) -> dict[str, list[str]]:
    """Lines of each table in a text, by the table's first line."""
    found = {}
    for block in text.split("\n\n"):
        lines = block.strip().splitlines()
        if len(lines) > 2 and all(line.startswith("|") for line in lines):
            found[lines[0]] = lines[1:]
    return found


@pytest.mark.parametrize("name", PAGES)
def test_the_stored_page_is_that_of_the_stored_figures(name):
    figures = json.loads((RESULTS / f"{name}.json").read_text())
    assert (RESULTS / f"{name}.md").read_text() == PAGES[name].page(figures) + "\n"


@pytest.mark.parametrize("name", PAGES)
def test_a_readme_quotes_the_stored_tables(name):
    stored = tables((RESULTS / f"{name}.md").read_text())
    quoted = tables((ROOT / DOCUMENTS[name] / "README.md").read_text())
    common = stored.keys() & quoted.keys()
    assert common
    for head in common:
        assert set(quoted[head]) <= set(stored[head]), head


def test_every_bar_is_reached():
    found = {name: json.loads((RESULTS / f"{name}.json").read_text()) for name in PAGES}
    assert found["simulation"]["ratio"][0] >= 0.8
    compiled = found["golden"]["ratios"][golden.COMPILED]
    assert compiled[golden.ADAM][0] >= 3 and compiled[golden.SGD][0] >= 3
    assert found["golden"]["inferences_a_second"][golden.COMPILED] >= 4000
    assert found["link"]["bytes"]["mean"] <= 320


def test_pictures_of_the_documents_are_there():
    for folder in set(DOCUMENTS.values()):
        for path in re.findall(r"\]\((\S+\.png)\)", (ROOT / folder / "README.md").read_text()):
            assert (ROOT / folder / path).read_bytes().startswith(b"\x89PNG"), path
