"""The pictures of the documents are those of the stored figures: drawn again, they show the same data."""

import json
import re
import shutil
from pathlib import Path

import pytest

from ffpga import FfpgaError
from ffpga.bench.pictures.stored import STORED, draw_stored
from ffpga.look.learning import draw_learning
from ffpga.palette import DARK, DASHES, HATCHES, LIGHT, MARKERS, SERIES, darkened, style_sheet
from ffpga.picture import kept_sum, new_figure, save
from ffpga.record.stored import load_run

from ..cli.test_cli import run

ROOT = Path(__file__).parents[3]
RESULTS = ROOT / "host" / "results"
#: Made of a recording that is not in the repository: `host/examples/watch.py`.
RECORDED = {"watch"}


def test_stored_pictures_show_the_stored_figures(tmp_path):
    drawn = draw_stored(RESULTS, tmp_path)
    assert {path.stem for path in drawn} == {path.stem for path in RESULTS.glob("*.png")} - {"learning"} - RECORDED
    for path in drawn:
        assert kept_sum(path) == kept_sum(RESULTS / path.name), f"ffpga bench pictures {RESULTS} draws {path.name} anew"


def test_the_picture_of_the_demo_shows_the_demo(tmp_path):
    """Bit for bit what `make demo` learns on the simulated chip, in the golden model's clocks."""
    words = ("--data", "digits", "--layers", "64,64", "--lanes", 8, "--epochs", 30, "--seed", 0, "--quiet")
    assert run("train", "--target", "golden", *words, "--out", tmp_path / "demo")[0] == 0
    draw_learning(load_run(tmp_path / "demo"), tmp_path / "learning.png")
    assert kept_sum(tmp_path / "learning.png") == kept_sum(RESULTS / "learning.png")
    figures, stored = (json.loads(path.read_text()) for path in (tmp_path / "demo" / "run.json", RESULTS / "demo.json"))
    assert all(figures[name] == stored[name] for name in ("accuracy", "clocks", "floor_clocks"))


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("accuracy", lambda held: held["trials"].pop(), "accuracy.json must have every trial, and lacks float"),
        ("clocks", lambda held: held["configurations"][0]["sections"][0]["predicted"].pop("fill"), "('fill')"),
        ("link", lambda held: held["windows"].pop(3), "link.png needs [1, 2, 4, 8, 16, 31] frames in flight"),
        ("link", lambda held: held["bounds"].pop(0), "link.png needs the bound of icebreaker, first epoch"),
    ],
)
def test_no_picture_of_a_part(name, change, said, tmp_path):
    held = json.loads((RESULTS / f"{name}.json").read_text())
    if said.endswith("first epoch"):
        held["bounds"] = [row for row in held["bounds"] if (row["board"], row["part"]) != ("icebreaker", "first epoch")]
    else:
        change(held)
    (tmp_path / f"{name}.json").write_text(json.dumps(held))
    with pytest.raises(FfpgaError, match=re.escape(said)):
        draw_stored(tmp_path, tmp_path)


def test_other_data_are_another_picture(tmp_path):
    """One figure in a hundred is changed."""
    for name in STORED:
        shutil.copy(RESULTS / f"{name}.json", tmp_path)
    held = json.loads((tmp_path / "tasks.json").read_text())
    held["tasks"][0]["ours"] += 0.001
    (tmp_path / "tasks.json").write_text(json.dumps(held))
    (tmp_path / "out").mkdir()
    drawn = draw_stored(tmp_path, tmp_path / "out")
    assert [path.stem for path in drawn if kept_sum(path) != kept_sum(RESULTS / path.name)] == ["tasks"]


def test_a_folder_without_figures(tmp_path):
    with pytest.raises(FfpgaError, match="has no figures that pictures are made of"):
        draw_stored(tmp_path, tmp_path)
    (tmp_path / "x.png").write_bytes(b"")
    with pytest.raises(FfpgaError, match="does not say of which data it is: draw it again"):
        kept_sum(tmp_path / "x.png")


def _seen(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [value / 255 for value in bytes.fromhex(colour[1:])]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_are_seen_on_their_paper(colours):
    """Text 4.5 to 1, lines 3 to 1, but for the gray that is for what stands back."""
    for name, least in {"text": 4.5, "muted": 4.5, **{f"series{n}": 3 for n in range(1, 9)}}.items():
        light, dark = sorted((_seen(colours[name]), _seen(colours["paper"])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= (2.9 if name == "series4" else least), name


def test_the_palette_is_whole():
    assert LIGHT.keys() == DARK.keys()
    assert len(set(SERIES)) == len(set(MARKERS)) == len(set(DASHES)) == len(set(HATCHES)) == 8
    assert "--positive:#2b6ed8" in style_sheet() and "--positive:#5b9bff" in style_sheet()
    light, dark = LIGHT["text"], DARK["text"]
    assert f'[style*="fill: {light}"],[fill="{light}"]{{fill:{dark} !important}}' in darkened()


def test_colours_are_named_in_one_place():
    """No picture and no page has a colour of its own."""
    own = re.compile(r"#[0-9a-fA-F]{6}\b|tab:\w+")
    texts = {path: path.read_text() for kind in ("*.py", "*.css", "*.j2") for path in (ROOT / "host/ffpga").rglob(kind)}
    assert [path.name for path, text in texts.items() if own.search(text)] == ["palette.py"]


def test_an_svg_has_dark_colours(tmp_path):
    figure = new_figure(2, 2)
    figure.subplots().plot([1, 2], [3, 4], color=SERIES[0])
    save(figure, tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert text.index("prefers-color-scheme:dark") < text.index("<defs>") and f"stroke: {SERIES[0]}" in text
    assert len(kept_sum(tmp_path / "a.svg")) == 64
    with pytest.raises(FfpgaError, match=r"picture must be a file that ends in .svg or .png, not a.jpg"):
        save(figure, Path("a.jpg"))
