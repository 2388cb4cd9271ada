"""Where the clocks of a step go: the golden model's figures add up, and what is watched is classified."""

import json
import sys
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from ffpga import FfpgaError, NetworkConfig, load_dataset
from ffpga.bench.clocks import FOLLOW, SEEK, WATCHED, Section, classified, count_clocks, watched
from ffpga.bench.clocks_table import clocks_table
from ffpga.bench.speed.summary import summary
from ffpga.cli.app import app
from ffpga_golden.fields import Fields
from ffpga_golden.timing import SPENT

CONFIG = NetworkConfig(features=64, classes=10, layers=(16, 16), lanes=8)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def pattern(*signals):
    names = watched(CONFIG)
    assert all(any(name.endswith(f".{signal}") for name in names) for signal in signals)
    return tuple(name.rpartition(".")[2] in signals for name in names)


@pytest.mark.parametrize("ports", [1, 2])
def test_classes_of_the_watched_clocks(ports):
    seen = {
        pattern(): 1000,
        pattern("state__running"): 1,
        pattern("state__running", "sequencer_forward"): 2,
        pattern("state__running", "sequencer_forward", "walk__start"): 3,
        pattern("state__running", "sequencer_score", "walker_enter"): 4,
        pattern("state__running", "sequencer_score", "word__issue"): 50,
        pattern("state__running", "sequencer_score", "walker_gap"): 6,
        pattern("state__running", "sequencer_score", "walker_follow", "word__issue"): 30,
        pattern("state__running", "sequencer_score", "walker_follow"): 20,
        pattern("state__running", "sequencer_score"): 7,
        pattern("state__running", "sequencer_select"): 8,
        pattern("state__running", "sequencer_selected"): 9,
        pattern("state__running", "sequencer_decided"): 10,
        pattern("state__running", "sequencer_updating", "walk__update"): 120,
        pattern("state__running", "sequencer_updating", "walk__update", "word__issue"): 100,
    }
    config = NetworkConfig(features=64, classes=10, layers=(16, 16), memory_ports=ports)
    second = 100 if ports == 1 else 0  # clocks of the words that are written
    assert classified(seen, config) == {
        "walk": 180 + second,
        "fill": 3 + 4 + 6 + 120 - second,
        "score": 7,
        "select": 17,
        "decide": 10,
        "normalise": 22,
        "control": 1,
        "idle": 1000,
    }


def test_a_search_for_a_tile_is_the_walks():
    config = NetworkConfig(features=64, layers=(16,), lanes=8, fields=(Fields(tile=32, blocks=((0,), (1,))),))
    assert watched(config) == (*WATCHED, SEEK) and watched(replace(config, fields=())) == WATCHED
    two = replace(config, layers=(16, 8), fields=(*config.fields, None))
    assert watched(two) == (*WATCHED, SEEK, FOLLOW) and watched(replace(two, fields=())) == (*WATCHED, FOLLOW)
    scoring = pattern("state__running", "sequencer_score")[: len(WATCHED)]
    found = classified({(*scoring, True): 3, (*scoring, False): 5}, config)
    assert found["fill"] == 3 and found["score"] == 5 and sum(found.values()) == 8


def test_a_section():
    predicted = dict.fromkeys(SPENT, 0) | {"walk": 80, "fill": 8}
    section = Section("pair", 4, predicted)
    assert (section.clocks, section.floor_ratio, section.equal) == (22, 1.1, None)
    section.measured = {**predicted, "idle": 12}
    assert section.equal and section.as_dict()["equal"]
    assert (
        clocks_table([section]).splitlines()[2] == "| pair | 22 | 20 | 2 | 0 | 0 | 0 | 0 | 0 | 1.100 | equal | 3 |  |"
    )
    section.measured = {**predicted, "fill": 7, "control": 1, "idle": 0}
    assert section.equal is False and "DIFFERS" in clocks_table([section])


@pytest.mark.parametrize("objective", ["contrast", "threshold"])
def test_predicted_clocks_are_all_of_them(digits, objective):
    sections = count_clocks(CONFIG, digits, epochs=2, pairs=40, tests=20, measure=False, objective=objective)
    names = [section.name for section in sections]
    assert names[:2] == ["pair, epoch 1", "pair, epoch 2"] and len(names) == 5
    assert [section.steps for section in sections] == [40, 40, 20, 20, 20]
    assert all(section.floor_ratio > 1 and section.measured is None for section in sections)
    for section in sections[:2]:
        assert 0 < section.savings["shared reads"] < section.predicted["walk"]
        assert 0 <= section.savings["zero groups"] < section.predicted["walk"]
    one, two, ten = sections[2:]
    assert one.clocks < two.clocks < ten.clocks and all(0.5 < s.accuracy < 1 for s in (one, two, ten))


def test_the_command(tmp_path):
    options = ("--layers", "16,16", "--epochs", 1, "--pairs", 20, "--tests", 10, "--no-measure", "--out", tmp_path)
    result = CliRunner().invoke(app, ["bench", "clocks", *map(str, options)])
    assert result.exit_code == 0 and "| pair, epoch 1 |" in result.stdout, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clocks.json", "clocks.md", "clocks.png"]
    one, two = json.loads((tmp_path / "clocks.json").read_text())["configurations"]
    assert [c["configuration"]["memory_ports"] for c in (one, two)] == [1, 2]
    rows = summary(tmp_path)
    assert len(rows) == 8 and rows[0]["what"] == "pair, epoch 1, 1-port memory" and rows[0]["met"] is False
    assert one["sections"][0]["predicted"]["walk"] > two["sections"][0]["predicted"]["walk"]


def test_without_a_simulator(digits, monkeypatch):
    monkeypatch.setitem(sys.modules, "ffpga_sim", None)
    with pytest.raises(FfpgaError, match=r"measuring clocks needs .*: pip install 'ffpga\[sim\]'"):
        count_clocks(CONFIG, digits, epochs=1)
