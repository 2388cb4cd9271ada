"""Ending an inference early: what would be known on the chip, and what the figures are made of."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from ffpga import NetworkConfig, load_dataset
from ffpga.bench.early_stop import Inferences, early_stop, early_stop_table, infer_both
from ffpga.cli.app import app
from ffpga_golden import Network

CONFIG = NetworkConfig(features=64, classes=10, layers=(16, 16), lanes=8)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


def test_what_ends_is_answered_by_the_first_layer():
    right = np.array([[True, True, False, False], [True, False, True, False]])
    found = Inferences(np.array([10, 20, 30, 40]), right, np.array([[1] * 4, [5] * 4]))
    assert found.ending(0) == {"ends": 1, "accuracy": 0.5, "clocks": 1}
    assert found.ending(20) == {"ends": 0.75, "accuracy": 0.5, "clocks": 2}
    assert found.ending(30) == {"ends": 0.5, "accuracy": 0.25, "clocks": 3}
    assert found.ending(float("inf")) == {"ends": 0, "accuracy": 0.5, "clocks": 5}


@pytest.mark.parametrize("polarity", [0, 1])
def test_inferences_are_the_networks_own(digits, polarity):
    network = Network.initialised(CONFIG, 3)
    network.write_register("polarity", polarity)
    found = infer_both(network, digits)
    assert len(found.margins) == len(digits.test_x) and found.margins.min() >= 0
    assert (found.clocks[0] < found.clocks[1]).all()
    network.write_register("shortlist", 2)
    labels = [network.infer(x)[0] for x in digits.test_x[:20]]
    assert found.right[1, :20].tolist() == (np.array(labels) == digits.test_y[:20]).tolist()


def test_the_ends_of_the_table_are_the_two_shortlists(digits):
    found = early_stop(CONFIG, digits, seeds=2, epochs=1)
    first, *between, last = found["lines"]
    assert (first["margin"], first["ends"], last["margin"], last["ends"]) == (0, 1, None, 0)
    assert all(first["clocks"] <= line["clocks"] <= last["clocks"] for line in between)
    assert len(first["accuracies"]) == 2 and first["accuracy"] == np.mean(first["accuracies"])
    rows = early_stop_table(found["lines"]).splitlines()
    assert rows[2].startswith("| always | 100.0 % |") and rows[-1].startswith("| never | 0.0 % |")


def test_the_command(tmp_path):
    out = tmp_path / "found.json"
    arguments = ("bench", "early-stop", "--layers", "16", "--epochs", "1", "--seeds", "1", "--json", str(out))
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0 and "| never |" in result.stdout, result.output
    assert json.loads(out.read_text())["options"] == {"epochs": 1, "objective": "contrast"}
