"""What `ffpga bench` says of a board: clocks and bytes as a device counts them, rates that follow, estimates."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from ffpga import load_dataset
from ffpga.bench import boards as bench
from ffpga.cli.app import app
from ffpga.driver.device import Device
from ffpga.fields import order_of
from ffpga.training.loop import predict, prepare
from ffpga.training.options import TrainingOptions
from ffpga.training.work import epoch_work
from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import Opcode
from ffpga_hw.boards.board import BAUD
from ffpga_hw.boards.table import board


class CountedLine:
    """A golden device that counts the bytes it is sent."""

    def __init__(self, config) -> None:
        self.inner, self.sent = GoldenDevice(config), 0

    def write(self, data: bytes) -> None:
        self.sent += len(data)
        self.inner.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        return self.inner.read(n, timeout)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def samples(tmp_path):
    """20 samples to train and 6 to test of 784 features, most of them 0."""
    random = np.random.RandomState(7)
    x = random.randint(1, 256, (26, 784)) * (random.rand(26, 784) < 0.2)
    x, y = x.astype(np.uint8), np.arange(26) % 10
    path = tmp_path / "samples.npz"
    np.savez(path, train_x=x[:20], train_y=y[:20], test_x=x[20:], test_y=y[20:])
    return path


def command(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_clocks_and_bytes_are_the_devices(samples, tmp_path):
    made, out = board("ulx3s-25f"), tmp_path / "bench.json"
    options = ("--data", samples, "--board", made.name, "--epochs", 2, "--samples", 15, "--tests", 4, "--json", out)
    status, said, _ = command("bench", "boards", *options)
    assert status == 0, said
    (found,) = json.loads(out.read_text())["boards"]

    data = bench.shortened(load_dataset(str(samples)), 15, 4)
    chosen, line = TrainingOptions(epochs=2), CountedLine(made.preset)
    device = Device(line, made.preset, order=order_of(made.preset, data.shape))
    prepare(device, chosen)
    clocks, sent = [], []
    for epoch in range(2):
        device.write_register("learning_rate", chosen.learning_rate(made.preset, epoch))
        before, bytes_before = device.counters()["clocks"], line.sent
        for work in epoch_work(chosen, data, epoch):
            work.submit(device, data)
        device.flush()
        sent.append((line.sent - bytes_before) / 15)
        clocks.append((device.counters()["clocks"] - before) / 15)
    before, bytes_before = device.counters()["clocks"], line.sent
    predict(device, data.test_x)
    inference_bytes = (line.sent - bytes_before) / 4
    assert found["clocks_a_pair"] == clocks
    assert found["clocks_an_inference"] == (device.counters()["clocks"] - before) / 4
    # COBS may take one byte more where 254 bytes are without a zero, which depends on the sequence number too.
    assert found["line_bytes_a_pair"] == pytest.approx(sent[0], abs=1)
    assert found["line_bytes_an_inference"] == pytest.approx(inference_bytes, abs=1)

    assert found["clock_mhz"] == 90 and (found["samples"], found["tests"]) == (15, 4)
    assert found["pairs_a_second"] == pytest.approx([90e6 / mean for mean in clocks])
    assert found["line_pairs_a_second"] == pytest.approx(BAUD / 10 / found["line_bytes_a_pair"])
    assert "estimated_microjoules" not in found, "no figures of an ECP5 are known"
    pairs, micros = f"{clocks[0]:,.0f} / {clocks[1]:,.0f}", f"{clocks[0] / 90:,.0f} / {clocks[1] / 90:,.0f}"
    assert f"| `{made.name}` | 784-144, 9 fields, 16 lanes, 2 ports | 90 MHz | {pairs} | {micros} | " in said


def test_a_sample_on_the_line():
    x = np.zeros(784, np.uint8)
    x[[3, 700]] = 9  # 3 9, then two pairs for the 255s of the gap, then the rest: 4 pairs
    sample = 2 + 1 + 2 * 4 + 4  # sequence and opcode, slot, pairs, CRC
    assert bench.line_bytes([x], Opcode.TRAIN_PAIR) == (sample + 2) + (2 + 2 + 4 + 2)
    assert bench.line_bytes([x], Opcode.INFER) == (sample + 2) + (2 + 4 + 2)


def test_estimates_of_energy():
    second = bench.Work(clocks=48e6, multiplies=0)
    least, busy = bench.up5k_microjoules(second, 48.0, cells=5000)
    assert least == pytest.approx(3263, abs=1), "3.26 mW for a second"
    assert busy - least == pytest.approx(5000 * 48e6 * 0.198e-6, rel=0.01)
    assert pytest.approx(24.1, abs=0.1) == bench.UP5K_MULTIPLY
    more = bench.Work(clocks=48e6, multiplies=1e6)
    assert bench.up5k_microjoules(more, 48.0, 0)[0] - least == pytest.approx(24.1, abs=0.1)


def test_boards_of_one_network_are_counted_once(samples):
    status, out, _ = command(
        "bench", "boards", "--data", samples, "--board", "icebreaker", "--board", "upduino-v3", "--epochs", 1
    )
    assert status == 0 and out.count("epoch   1") == 1
    assert out.count("| `icebreaker` |") == out.count("| `upduino-v3` |") == 2


def test_the_boards_of_a_slower_line(samples, tmp_path):
    """A Tang Nano runs its line at 3 Mbaud, an iCESugar at 1: a third of the pairs get through it."""
    names, out = ("tangnano9k", "tangnano20k", "icesugar"), tmp_path / "bench.json"
    asked = [word for name in names for word in ("--board", name)]
    status, said, _ = command("bench", "boards", "--data", samples, *asked, "--epochs", 1, "--tests", 4, "--json", out)
    assert status == 0, said
    found = {row["board"]: row for row in json.loads(out.read_text())["boards"]}
    assert list(found) == list(names)
    for name, row in found.items():
        made = board(name)
        assert row["clock_mhz"] == made.clock_hz / 1e6
        assert row["pairs_a_second"] == pytest.approx([made.clock_hz / row["clocks_a_pair"][0]])
        assert row["inferences_a_second"] == pytest.approx(made.clock_hz / row["clocks_an_inference"])
        assert f"| `{name}` | " in said
        assert ("estimated_microjoules" in row) == (made.chip.name == "iCE40UP5K")
    rates = {name: row["line_pairs_a_second"] * row["line_bytes_a_pair"] for name, row in found.items()}
    assert rates == pytest.approx({"tangnano9k": 300_000, "tangnano20k": 300_000, "icesugar": 100_000})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "digits"), "the device has 784 features, digits 64"),
        (("--data", "absent.npz"), "data file absent.npz does not exist"),
        (("--data", "digits", "--board", "de0"), "board must be one of"),
        (("--epochs", 0), "epochs must be 1 to"),
    ],
)
def test_refused_on_one_line(samples, arguments, message):
    status, out, err = command("bench", "boards", "--data", samples, *arguments)
    assert status == 2 and err.startswith("ffpga: ") and err.count("\n") == 1 and message in err, (out, err)
