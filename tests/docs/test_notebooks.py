"""The notebooks run from top to bottom, and say what is stored in them."""

import re

import nbformat
import pytest
from commands import ROOT
from nbclient import NotebookClient

FOLDER = ROOT / "host" / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def texts(cell) -> list[str]:
    """What a cell says: what it prints, and values as text. Pictures are looked at, not compared."""
    said = [one["text"] for one in cell.get("outputs", []) if one["output_type"] == "stream"]
    return said + [one["data"]["text/plain"] for one in cell.get("outputs", []) if "data" in one]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_is_stored(path, tmp_path):
    stored = nbformat.read(path, as_version=4)
    made = nbformat.from_dict(stored)
    NotebookClient(made, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = [texts(cell) for cell in made.cells]
    assert sum(map(len, said)) >= 3
    assert said == [texts(cell) for cell in stored.cells], f"run {path.name} again, and keep what it says"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_its_links_lead_somewhere(path):
    stored = nbformat.read(path, as_version=4)
    nbformat.validate(stored)
    assert path.stat().st_size < 120_000
    assert any("image/png" in one.get("data", {}) for cell in stored.cells for one in cell.get("outputs", [])) or (
        path.stem == "sensor"
    )
    for cell in stored.cells:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", cell.source if cell.cell_type == "markdown" else ""):
            assert (path.parent / target).exists(), target


def test_there_are_three():
    assert [path.stem for path in NOTEBOOKS] == ["digits", "normal", "sensor"]
