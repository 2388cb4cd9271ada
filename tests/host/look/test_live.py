"""What is seen of a run: the figures are the record's own, whoever looks; nothing where nothing is wanted."""

import io

import numpy as np
import pytest
from rich.console import Console

import ffpga
import ffpga.look.live
import ffpga.training.loop
from ffpga import Device, TrainingOptions
from ffpga.look.live import LiveView, median_goodness
from ffpga.record.answers import BINS, bin_edges
from ffpga.record.gathering import RunRecord
from ffpga_golden import GoldenDevice
from testbenches.trust.hostile.line import HostileTransport


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Every call is time to show something."""
    monkeypatch.setattr(ffpga.look.live, "PANEL", 0.0)
    monkeypatch.setattr(ffpga.look.live, "LINES", 0.0)


def watched(device, data, *, terminal: bool, quiet: bool = False, **options):
    """What a run shows, and its record and result."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=80, highlight=False, color_system=None)
    record = RunRecord(device, data, TrainingOptions(**options))
    with LiveView(console, record, quiet) as view:
        result = ffpga.train(
            device, data, record=record, progress=view.progress, on_epoch=view.epoch, **options,
        )  # fmt: skip
    return text.getvalue(), record, result


def test_a_terminal_shows_everything(device, data):
    text, _, result = watched(device, data, terminal=True, epochs=3)
    for word in ("test accuracy", "clocks a pair", "x floor", "link errors", "positive", "negative", "right", "skipped",
                 "layer 1", "layer 2", "0 refused, 0 resent", "pairs/s", "so far"):  # fmt: skip
        assert word in text, word
    for epoch in result.epochs:
        assert f"epoch {epoch.epoch:3}  test {100 * epoch.accuracy:5.2f} %" in text
    assert max(len(line) for line in text.replace("\r", "\n").split("\n") if "\x1b" not in line) <= 80


@pytest.mark.parametrize("options", [{}, {"objective": "threshold", "phases": "separate"}, {"negatives": "replay"}])
def test_elsewhere_there_are_plain_lines(config, data, options, monkeypatch):
    monkeypatch.setattr(ffpga.training.loop, "runs_of", lambda device: None)  # so short an epoch would be one run
    device = ffpga.open("golden", config)  # whose answers are there at once
    text, record, result = watched(device, data, terminal=False, epochs=2, **options)
    assert "\x1b" not in text and "\r" not in text
    steps = 60 * (2 if "phases" in options else 1)
    (line,) = [line for line in text.splitlines() if line.startswith(f"epoch 2: {steps} of {steps}")]
    assert f"test {100 * result.epochs[0].accuracy:.2f} %" in line
    assert "layer 1 goodness" in line and "x floor" in line
    # The last look back is at all of this short epoch: its slices together.
    ended = record.slices[len(record.slices) // 2 :]
    skipped = sum(int(part.skipped[1]) for part in ended) / sum(int(part.updates[1]) for part in ended)
    assert f"{100 * skipped:.0f} % skipped" in line.split("layer 2")[1]
    tested = [line for line in text.splitlines() if line.startswith("test: 30 of 30")]
    assert len(tested) == 2 and f"test {100 * result.accuracy:.2f} % so far" in tested[1]


def test_quiet_is_quiet(device, data):
    for terminal in (True, False):
        assert watched(device, data, terminal=terminal, quiet=True, epochs=1)[0] == ""


def test_looking_changes_nothing(config, data):
    _, _, seen = watched(Device(GoldenDevice(config)), data, terminal=True, epochs=2)
    unseen = ffpga.train(Device(GoldenDevice(config)), data, epochs=2)
    assert seen.as_dict()["weights_sha256"] == unseen.as_dict()["weights_sha256"]
    assert seen.total("clocks") == unseen.total("clocks")


def test_link_errors_are_counted(config, data):
    device = Device(HostileTransport(GoldenDevice(config), 3, 2e-4), timeout=0.01, patience=50)
    text, record, _ = watched(device, data, terminal=False, epochs=2)
    errors = record.link_errors
    assert errors["resent"] > 0 and errors["refused"] > 0
    assert "link errors" in text and "resent" in text


def test_the_median_is_the_bins(config):
    counts = np.zeros(BINS, int)
    assert median_goodness(counts, 24) is None
    counts[[10, 100, 200]] = 1, 3, 2
    low, high = bin_edges()[100:102] / (4096 * 24)
    assert low <= median_goodness(counts, 24) <= high
