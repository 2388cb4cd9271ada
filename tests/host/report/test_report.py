"""The report of a run: what stands in it, and that a browser draws it, from nothing but the file."""

import html
import json
import re
import shlex
import shutil
from pathlib import Path

import altair as alt
import numpy as np
import pytest
from browser import Browser, find_chromium
from conftest import blobs
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from ffpga.cli.app import app
from ffpga.record.stored import load_run
from ffpga.report.builds import matching_builds
from ffpga.report.vega import lines
from ffpga.report.words import WORDS

KINDS = {
    "pictures": ("--layers", "16,16", "--epochs", 2),
    "separate": (
        "--data",
        "digits",
        "--layers",
        "8",
        "--objective",
        "threshold",
        "--phases",
        "separate",
        "--epochs",
        1,
    ),
    "table": ("--layers", "16,8,8", "--epochs", 3, "--weight-bits", 16, "--rate", 12),
}


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, (result.stdout, result.stderr, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder of runs, one of each kind, and their comparison."""
    folder = tmp_path_factory.mktemp("runs")
    x, y = blobs()
    header = ",".join(f"f{n}" for n in range(x.shape[1])) + ",label"
    np.savetxt(folder / "sensor.csv", np.column_stack([x, y]), "%d", ",", header=header, comments="")
    for name, options in KINDS.items():
        data = ("--data", folder / "sensor.csv") if name == "table" else ()
        run("train", *options, *data, "--out", folder / name, "--quiet")
    run("report", *(folder / name for name in KINDS), "--out", folder / "comparison.html")
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if find_chromium() is None:
        pytest.skip("reports are not drawn: there is no Chromium: make chromium installs it")
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def words(page) -> str:
    """A page's text, without its script."""
    shown = page.read_text().partition("</style>")[2].partition('<script type="application/json"')[0]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", shown).split()))


def specs(page) -> dict:
    held = re.search(r'<script type="application/json" id="specs">(.*?)</script>', page.read_text(), re.S)
    return json.loads(held[1])


def test_a_run_of_no_name_gets_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert run("train", "--layers", 8, "--epochs", 1, "--quiet") == ""
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["digits-8", "digits-8-2"]
    assert all((path / "report.html").exists() for path in (tmp_path / "runs").iterdir())


def test_the_page_has_the_runs_figures(runs):
    held, page = load_run(runs / "pictures"), runs / "pictures" / "report.html"
    text, last = words(page), held.epochs[-1]
    assert f"{100 * last['accuracy']:.2f} %" in text and f"{last['clocks'] / last['pairs']:,.0f}" in text
    assert held.figures["weights_sha256"] in text and held.figures["versions"]["numpy"] in text
    wrong = held.arrays["predictions"] != held.arrays["labels"]
    assert f"{wrong.sum()} of {len(wrong)} answers are wrong" in text
    assert text.count(" taken for ") == min(24, wrong.sum()) > 0
    assert "neuron 15: label" in page.read_text() and "neuron 16: label" not in page.read_text()
    rows = [spec["datasets"]["rows"] for spec in specs(page).values()]
    (confusion,) = [held for held in rows if "said" in held[0]]
    assert sum(row["count"] for row in confusion) == len(wrong)
    assert sum(row["count"] for row in confusion if row["kind"] == "wrong") == wrong.sum()


def test_the_title_says_data_and_network(runs):
    held, text = load_run(runs / "pictures"), (runs / "pictures" / "report.html").read_text()
    title = f"{held.figures['data']}, 64-16-16"
    assert f"<title>{title}</title>" in text and f"<h1>{title}</h1>" in text and ">pictures: 64-16-16, " in text


def test_the_page_says_what_its_words_mean(runs):
    text = (runs / "pictures" / "report.html").read_text()
    assert text.count('href="#words"') == text.count('id="words"') == 1
    assert all(f"<dt>{word}</dt><dd>" in text for word in WORDS)
    glossary = (Path(__file__).parents[3] / "host" / "docs" / "glossary.md").read_text()
    headings = {word for line in re.findall(r"^## (.+)$", glossary, re.MULTILINE) for word in line.split(", ")}
    assert len(WORDS) > 9 and WORDS.keys() <= headings


def test_an_epoch_stands_at_its_number(runs):
    """Bars are around the number at which lines have their point; time goes from 0 epochs done on."""
    shown = specs(runs / "pictures" / "report.html")
    assert shown["chart0"]["datasets"]["rows"][0]["epoch"] == 1
    bars = shown["chart2"]["datasets"]["rows"]
    assert all(row["from"] + row["to"] == 2 * row["epoch"] for row in bars)
    assert all('"domain": [0.5, 2.5]' in json.dumps(shown[name]) for name in ("chart0", "chart1", "chart2"))
    assert '"title": "epochs done"' in json.dumps(shown["chart3"])


def test_every_chart_is_vega_lite(runs):
    """As Altair's schema has it: a report does not look at its charts again, which would take a quarter of its time."""
    rules = Draft7Validator(alt.load_schema())
    for page in [*(runs / name / "report.html" for name in KINDS), runs / "comparison.html"]:
        for name, spec in specs(page).items():
            assert rules.is_valid(spec), (page, name, next(rules.iter_errors(spec)).message)
    assert not rules.is_valid({**spec, "height": "tall"})


def test_a_flat_line_has_room_for_ticks():
    for value, zero, domain in ((0.5, False, [0.48, 0.52]), (1.0, False, [0.98, 1.0]), (0.0, True, [0.0, 0.02])):
        rows = [{"epoch": n, "value": value, "series": "a"} for n in (1, 2)]
        text = json.dumps(lines(rows, ["a"], "share", "a line", zero=zero))
        assert f'"domain": {domain}' in text and '"format": ".1%"' in text


def test_equal_runs_do_not_hide_each_other(runs, tmp_path):
    """Their lines lie one in the other, which is also said."""
    for name in ("first", "second"):
        shutil.copytree(runs / "pictures", tmp_path / name)
    run("report", tmp_path / "first", tmp_path / "second", "--out", tmp_path / "both.html")
    assert "first and second ended with the same weights" in words(tmp_path / "both.html")
    layers = specs(tmp_path / "both.html")["chart0"]["layer"]
    widths = [one["mark"]["strokeWidth"] for one in layers if one["mark"]["type"] == "line"]
    assert widths == [5, 2]


def test_clocks_of_the_parts_are_those_of_the_whole(runs):
    held = load_run(runs / "pictures")
    rows = [spec["datasets"]["rows"] for spec in specs(runs / "pictures" / "report.html").values()]
    (parts,) = [held for held in rows if "part" in held[0]]
    for epoch in held.epochs:
        mine = [row for row in parts if row["epoch"] == epoch["epoch"]]
        assert sum(row["clocks"] for row in mine) == pytest.approx(epoch["clocks"] / epoch["pairs"])
        floor = sum(row["clocks"] for row in mine if row["order"] < 2)
        assert floor == pytest.approx(epoch["floor_clocks"] / epoch["pairs"])


def test_histograms_hold_every_step(runs):
    """Shares add up to 1 in each stretch and phase, but for those that are too small to be drawn."""
    for name in KINDS:
        for spec in specs(runs / name / "report.html").values():
            rows = spec["datasets"]["rows"]
            if "phase" not in rows[0]:
                continue
            for phase in ("positive", "negative"):
                for begin in {row.get("a") for row in rows}:
                    shares = [row["share"] for row in rows if row["phase"] == phase and row.get("a") == begin]
                    assert 0.97 <= sum(shares) <= 1.01


def test_the_command_repeats_the_run(runs, tmp_path):
    for name in KINDS:
        figures = load_run(runs / name).figures
        command = figures["command"]
        assert shlex.join(command) in words(runs / name / "report.html")
        run(*command[1:], "--out", tmp_path / name, "--quiet")
        assert load_run(tmp_path / name).figures["weights_sha256"] == figures["weights_sha256"]


def test_it_is_made_again(runs):
    page = runs / "separate" / "report.html"
    before = page.read_text()
    page.unlink()
    assert "wrote" in run("report", runs / "separate")
    assert page.read_text() == before


def test_a_table_has_features_and_no_pictures(runs):
    text = words(runs / "table" / "report.html")
    assert "Coding How numbers became the device's inputs: coding population:5" in text
    assert "How much each input weighs" in text and "Receptive fields" not in text and "Layer 3" in text


def test_the_comparison_names_what_differs(runs):
    text = words(runs / "comparison.html")
    assert all(name in text for name in KINDS)
    assert "objective contrast threshold contrast" in text and "rate - - 12" in text
    assert "gate 0 0 0" not in text.partition("To repeat them")[0]


def test_faults(runs, tmp_path):
    (tmp_path / "a").mkdir()
    for arguments, message in [
        ((tmp_path / "a",), "has no run.json: name a folder that `ffpga train` has left"),
        ((runs / "table", runs / "table"), "runs must have different names to be compared, not table, table"),
        ((runs / "table", "--out", "/dev/null/a.html"), "cannot write /dev/null/a.html"),
    ]:
        result = CliRunner().invoke(app, ["report", *map(str, arguments)])
        assert result.exit_code == 2 and message in result.stderr and result.stderr.count("\n") == 1


def test_builds_are_those_of_the_same_configuration(tmp_path):
    from ffpga_hw.boards.table import BOARDS
    from ffpga_hw.flow.stored import BUILDS, load

    board, builds = BOARDS["icebreaker"], load()
    preset, stored = board.preset, builds["icebreaker"]
    found = {one["board"]: one for one in matching_builds(preset, tmp_path)}
    assert found.keys() == {name for name, build in BUILDS.items() if build.config == preset and builds[name]}
    assert found["icebreaker"]["used"]["cells"] == (stored["cells"], board.chip.cells)
    assert found["icebreaker"]["fmax_mhz"] == stored["fmax_mhz"]
    assert found["icebreaker"]["clock_mhz"] == board.clock_hz / 1e6
    other = type(preset)(features=64)
    assert matching_builds(other, tmp_path) == []
    made = {**stored, "board": "icebreaker", "configuration": json.loads(other.to_json()), "cells": 2222}
    for name, text in [("good", json.dumps(made)), ("broken", "{")]:
        (tmp_path / name).mkdir()
        (tmp_path / name / "figures.json").write_text(text)
    (one,) = matching_builds(other, tmp_path)
    assert one["used"]["cells"][0] == 2222 and one["source"].endswith("good")


#: Charts of a page with what is drawn in each: its marks of data, neither axes nor legends, that have an extent.
DRAWN = """[...document.querySelectorAll(".chart")].map(place => ({
  name: place.id,
  marks: [...place.querySelectorAll("svg .role-mark path")].filter(mark => {
    const box = mark.getBBox(); return box.width > 0 || box.height > 0; }).length,
  wide: place.querySelector("svg").getBoundingClientRect().width, place: place.getBoundingClientRect().width}))"""
READY = "document.body.dataset.drawn"
COLOURS = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"


@pytest.mark.parametrize("page", [*(f"{name}/report.html" for name in KINDS), "comparison.html"])
def test_a_browser_draws_it(runs, browser, page, tmp_path):
    """On a desk and on a phone: every chart has marks and fits, nothing is complained of or asked for."""
    brightness = {}
    for width, dark in [(1200, False), (390, True)]:
        browser.screen(width, 900, dark)
        browser.open(runs / page, READY)
        drawn = browser.run(DRAWN)
        assert len(drawn) == len(specs(runs / page)) == int(browser.run(READY)) > 0
        for chart in drawn:
            assert chart["marks"] > 0, chart
            assert 200 < chart["wide"] <= chart["place"] + 1, chart
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run("[...document.images].every(image => image.naturalWidth > 0)")
        assert browser.complaints() == []
        assert browser.requests() == [(runs / page).resolve().as_uri()]
        brightness[dark] = [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in browser.run(COLOURS)]
    paper, text = brightness[False]
    assert paper > 700 and text < 150
    paper, text = brightness[True]
    assert paper < 150 and text > 600
    browser.screen(1200, 900, dark=True, media="print")
    paper, text = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in browser.run(COLOURS))
    assert paper > 700 and text < 150
    browser.paper(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_a_pointer_is_told_the_figures(runs, browser):
    """What a chart says of a mark appears where the pointer is on it, and goes away with it."""
    tip = "(tip => tip !== null && getComputedStyle(tip).visibility === 'visible' && tip.textContent)"
    tip += "(document.querySelector('#vg-tooltip-element'))"
    browser.screen(1200, 900)
    browser.open(runs / "pictures" / "report.html", READY)
    assert not browser.run(tip)
    mark = browser.run("""(box => [box.x + box.width / 2, box.y + box.height / 2])(
        document.querySelector('#chart2 .role-mark path').getBoundingClientRect())""")
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=mark[0], y=mark[1])
    said = browser.wait(tip)
    assert "clocks a pair" in said and "walks" in said
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
    browser.wait(f"!{tip}")


def test_a_finger_is_told_the_figures(runs, browser):
    """A tap on a mark, near a point of a line, or on a picture of weights shows its figures until a tap elsewhere."""
    tip = "(tip => getComputedStyle(tip).visibility === 'visible' && tip.textContent)"
    tip += "(document.querySelector('#vg-tooltip-element'))"
    browser.screen(390, 844)
    browser.call("Emulation.setTouchEmulationEnabled", enabled=True)
    try:
        browser.open(runs / "pictures" / "report.html", READY)
        for place, expected in (
            ("#chart2 .role-mark path", "clocks a pair"),
            ("#chart0 .role-mark path[aria-label*='epoch: 2']", "test accuracy"),
            (".tiles img", "neuron 0"),
        ):
            browser.run(f"document.querySelector({place!r}).scrollIntoView({{block: 'center'}})")
            x, y = browser.run(f"""(box => [box.x + box.width / 2, box.y + box.height / 2])(
                document.querySelector({place!r}).getBoundingClientRect())""")
            browser.call("Input.synthesizeTapGesture", x=round(x), y=round(y))
            assert expected in browser.wait(tip)
            browser.run("document.querySelector('h1').scrollIntoView()")
            browser.call("Input.synthesizeTapGesture", x=100, y=40)
            browser.wait(f"!{tip}")
    finally:
        browser.call("Emulation.setTouchEmulationEnabled", enabled=False)


def test_no_option_is_broken_at_its_hyphens(runs, browser):
    """On a phone each option of the command that repeats the run is in one line."""
    browser.screen(390, 844)
    browser.open(runs / "pictures" / "report.html", READY)
    lines = browser.run("[...document.querySelectorAll('pre .option')].map(one => one.getClientRects().length)")
    assert len(lines) > 10 and set(lines) == {1}


def test_the_browser_would_tell(browser, tmp_path):
    """Errors, and requests to elsewhere, do not pass unseen."""
    page = tmp_path / "bad.html"
    page.write_text("<body><script>console.error('one'); fetch('http://127.0.0.1:9/x').catch(() => 0);"
                    "setTimeout(() => { document.body.dataset.drawn = 1; undefined.two; }, 200)</script>")  # fmt: skip
    browser.open(page, READY)
    browser.wait("new Promise(done => setTimeout(() => done(true), 200))")
    complaints = " ".join(browser.complaints())
    assert "one" in complaints and "two" in complaints
    assert "http://127.0.0.1:9/x" in browser.requests()
