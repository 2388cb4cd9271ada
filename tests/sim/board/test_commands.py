"""The host's commands on the virtual board."""

import json

import pytest
from typer.testing import CliRunner

from ffpga.cli.app import app


@pytest.fixture(scope="module")
def data(pictures):
    """For a chip that other tests build, too."""
    return pictures(60, 30)


def command(*arguments: object) -> None:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, (result.stdout, result.stderr)


def test_the_same_weights_with_any_lanes_on_golden_and_sim(data, tmp_path):
    """With as few clocks as golden says; chips of other lanes have conversations."""
    figures = {}
    for target, lanes in (("golden", 4), ("golden", 8), ("sim", 8)):
        path = tmp_path / f"{target}{lanes}.json"
        command(
            "train", "--target", target, "--data", data, "--layers", "16,16", "--lanes", lanes,
            "--epochs", 2, "--seed", 5, "--json", path,
        )  # fmt: skip
        figures[target, lanes] = json.loads(path.read_text())
    assert len({figure["weights_sha256"] for figure in figures.values()}) == 1
    for name in ("accuracy", "pairs", "clocks", "floor_clocks", "words_updated"):
        assert figures["sim", 8][name] == figures["golden", 8][name], name
    assert figures["sim", 8]["clocks"] < figures["golden", 4]["clocks"]


def test_verify(data, tmp_path):
    figures = tmp_path / "figures.json"
    command("verify", "--target", "sim", "--data", data, "--layers", "16,16", "--pairs", 30, "--json", figures)
    found = json.loads(figures.read_text())
    assert found["equal"] and found["pairs"] == 30 and found["clocks"] == found["predicted_clocks"]
