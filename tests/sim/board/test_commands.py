"""The host's commands on the virtual board."""

import json

import pytest
from typer.testing import CliRunner

from ffpga.cli.app import app


@pytest.fixture(scope="module")
def data(pictures):
    """For chips that a configuration of the table is, too."""
    return pictures(60, 12)


def command(*arguments: object) -> None:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, (result.stdout, result.stderr)


def test_the_same_weights_with_any_lanes_on_golden_and_sim(data, tmp_path):
    figures = {}
    for target in ("golden", "sim"):
        for lanes in (4, 8):
            path = tmp_path / f"{target}{lanes}.json"
            command(
                "train", "--target", target, "--data", data, "--layers", "8,8", "--lanes", lanes,
                "--epochs", 2, "--seed", 5, "--json", path,
            )  # fmt: skip
            figures[target, lanes] = json.loads(path.read_text())
    assert len({figure["weights_sha256"] for figure in figures.values()}) == 1
    for lanes in (4, 8):
        for name in ("accuracy", "pairs", "clocks", "floor_clocks", "words_updated"):
            assert figures["sim", lanes][name] == figures["golden", lanes][name], (name, lanes)
    assert figures["sim", 8]["clocks"] < figures["sim", 4]["clocks"]


def test_verify(data, tmp_path):
    figures = tmp_path / "figures.json"
    command("verify", "--target", "sim", "--data", data, "--layers", "8,8", "--pairs", 30, "--json", figures)
    found = json.loads(figures.read_text())
    assert found["equal"] and found["pairs"] == 30 and found["clocks"] == found["predicted_clocks"]
