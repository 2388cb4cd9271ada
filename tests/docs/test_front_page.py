"""The front page is short, says nothing before it is explained, and its figures are those of the pages behind them."""

import re

from commands import ROOT

TEXT = (ROOT / "README.md").read_text()
#: Words of our own: where the front page first says one, it says what it is.
WORDS = ("pair", "floor", "u", "skipped", "lanes", "contrast", "hard negative", "objective", "receptive fields")


def plain(text: str) -> str:
    """Without listings, code and links' targets."""
    text = re.sub(r"^    .*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`]*`", "", text))


def test_it_is_short():
    """A command within 20 lines, a result within 25, all of it within 150."""
    lines = TEXT.splitlines()
    assert len(lines) <= 150
    assert next(n for n, line in enumerate(lines) if "make demo" in line) < 20
    assert next(n for n, line in enumerate(lines) if "test 97.50 %" in line) < 30


def test_words_are_explained_where_they_come_first():
    """Those of the output in the table below it; others do not come at all."""
    explained = re.findall(r"^\| ([\w ]+) \| ", TEXT.partition("| in the line |")[2].partition("\n\n")[0], re.MULTILINE)
    assert explained == ["test", "u", "pair", "floor", "skipped"]
    before, _, after = plain(TEXT).partition("| in the line |")
    for word in WORDS:
        if word in explained:
            assert not re.search(rf"\b{word}s?\b", before), word
        else:
            assert not re.search(rf"\b{word}s?\b", before + after), word


def test_the_glossary_has_them():
    heads = re.findall(r"^## (.+)$", (ROOT / "host" / "docs" / "glossary.md").read_text(), re.MULTILINE)
    known = {one for head in heads for one in head.split(", ")}
    assert heads == sorted(heads, key=str.lower) and len(heads) > 30
    assert {*WORDS, "receptive field", "lane"} - {"lanes", "receptive fields"} <= known


def test_results_stand_on_the_pages_that_they_link_to():
    """Every number of a cell of figures is in the section that its link leads to."""
    table = TEXT.partition("## Results\n\n")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| .* \| \[([^\]]+)\]\(([^)#]+)#([^)]+)\) \|$", table, re.MULTILINE)
    assert len(rows) == len(table.splitlines()) - 2 >= 7
    for figures, page, anchor in rows:
        parts = re.split(r"^(?=##+ )", (ROOT / page).read_text(), flags=re.MULTILINE)
        heads = {
            re.sub(r"[^\w -]", "", part.splitlines()[0].lstrip("# ").lower()).replace(" ", "-"): part for part in parts
        }
        for number in re.findall(r"[\d,.]*\d", figures):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", heads[anchor]), (number, page, anchor)
