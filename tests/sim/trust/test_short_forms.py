"""The virtual board among faults, arbitrary bytes and long conversations; short forms of what runs by the hour."""

import struct

import numpy as np
import pytest

from ffpga import Dataset, Device, FfpgaError, NetworkConfig, train
from ffpga.driver.generator import put_generator
from ffpga_golden import GoldenDevice, initial_weights
from ffpga_golden.protocol import Opcode
from ffpga_sim import VirtualBoard
from testbenches.configurations import CONFIGURATIONS
from testbenches.trust.fuzz.programs import BoardFuzz
from testbenches.trust.hostile.lost import reset_run
from testbenches.trust.hostile.training import figures_of, hostile_run
from testbenches.trust.soak import turn
from testbenches.trust.soak.runs import soak, soak_table

CONFIG = CONFIGURATIONS["awkward"].config  # its board is built for other tests too


def noise(config: NetworkConfig) -> Dataset:
    random = np.random.RandomState(1)
    y = np.arange(60) % config.classes
    x = random.randint(0, 256, (60, config.features), np.uint8) * (random.rand(60, config.features) < 0.4)
    return Dataset("noise", x[:40], y[:40], x[40:], y[40:], config.classes, "u8 as they are")


@pytest.fixture
def data() -> Dataset:
    return noise(CONFIG)


@pytest.mark.parametrize(
    ("name", "line", "rate"), [("awkward", "bytes", 1e-3), ("fields", "bytes", 1e-3), ("awkward", "spi", 3e-4)]
)
def test_training_over_a_hostile_line(name, line, rate):
    config = CONFIGURATIONS[name].config
    data = noise(config)
    clean = figures_of(train(Device(GoldenDevice(config), config), data, epochs=3))
    found = hostile_run("sim", config, data, rate=rate, seed=5, clean=clean, line=line, epochs=3)
    assert found["right"], found
    assert found["faults"] > 100 and found["resent"] > 100


def test_a_board_that_is_reset_is_restored_and_caught_up(data):
    clean = figures_of(train(Device(GoldenDevice(CONFIG)), data, epochs=4, negatives="own"))
    found = reset_run("sim", CONFIG, data, every=200, seed=2, clean=clean, epochs=4, negatives="own")
    assert found["right"] and found["noticed"] >= 2, found


@pytest.mark.parametrize("name", ["awkward", "no-classes"])
def test_the_generator_is_put_back_to_any_state(name):
    config = CONFIGURATIONS[name].config
    with Device(VirtualBoard(config), config, timeout=5.0) as device:
        for state in (1, 0x1234_5678, 0x8000_0000):
            put_generator(device, state)
            assert device.read_register("seed") == state


@pytest.mark.parametrize("name", ["awkward", "no-classes", "fields-no-classes"])
def test_bytes_into_the_board(name):
    """Whatever it is told, it says and keeps what the golden device says and keeps, and can be opened afterwards."""
    random = np.random.RandomState(3)
    with VirtualBoard(CONFIGURATIONS[name].config) as board:
        fuzz = BoardFuzz(board)
        for _ in range(10):
            fuzz(random.bytes(random.randint(1, 600)))


def test_nothing_is_written_beyond_the_weights():
    """By no address and no length: such a command is refused as a whole."""
    config, words, lanes = CONFIG, CONFIG.words, CONFIG.lanes
    beyond = [(words, 0, 1), (words - 1, lanes - 1, 2), (words - 1, 0, lanes + 1), (words - 13, 1, 55), (0xFFFF, 0, 1)]
    beyond += [(0xFFFF, lanes - 1, 55), (0, lanes, 1), (0, 255, 55), (words - 1, lanes, 1)]
    for transport in (VirtualBoard(config), GoldenDevice(config)):
        with Device(transport, config, timeout=5.0) as device:
            weights = initial_weights(config, 1)
            device.write_weights(weights)
            registers = {name: device.read_register(name) for name in device.registers}
            for word, lane, count in beyond:
                with pytest.raises(FfpgaError, match="refused WRITE_WEIGHTS: it found a label, register, address"):
                    device.call(Opcode.WRITE_WEIGHTS, struct.pack("<HB", word, lane) + b"\x55" * count)
            assert all(np.array_equal(a, b) for a, b in zip(device.read_weights(), weights, strict=True))
            assert {name: device.read_register(name) for name in device.registers} == registers


CASES = {name: CONFIGURATIONS[name] for name in ("awkward", "no-classes")}


@pytest.fixture
def eventful(monkeypatch):
    """Resets and programs of bytes come more often, so that a short form has some, too."""
    monkeypatch.setattr(turn, "OFTEN", 0.04)


@pytest.mark.usefixtures("eventful")
def test_random_commands():
    """Every command is executed and refused, boards are reset, answers are asked for again: no difference."""
    figures = soak(CASES, seed=39, frames=3000)
    assert figures["right"], figures["difference"]
    assert all(row["turns"] and row["weights"] > 500 and row["counters"] > 5 for row in figures["configurations"])
    assert figures["steps"] > 500 and figures["clocks"] > 1_000_000
    assert min(figures[name] for name in ("refused", "repeated", "resets", "programs")) > 3, figures
    said = {tuple(name.split()) for name in figures["commands"]}
    others = {"READ_TABLE", "WRITE_TABLE", "LOAD_BITS"}  # of black boxes, and of devices of few bits
    assert {name for name, status in said if status == "OK"} == {opcode.name for opcode in Opcode} - others
    assert {status for _, status in said} == {"OK", "BAD_OPCODE", "BAD_LENGTH", "BAD_VALUE", "NO_SAMPLE"}
    assert "no difference" in soak_table(figures)


@pytest.mark.usefixtures("eventful")
def test_random_commands_to_receptive_fields():
    """Also with fewer contenders than wrong labels, in any order with bad frames and resets."""
    figures = soak({"fields": CONFIGURATIONS["fields"]}, seed=41, frames=1000)
    assert figures["right"], figures["difference"]
    assert figures["steps"] > 100 and figures["resets"] > 0, figures


class Drifting(GoldenDevice):
    """Loses a bit of a weight in its hundredth training step."""

    steps = 0

    def _train_pair(self, payload):
        self.steps += 1
        if self.steps == 100:
            weights = self.network.weights
            weights[0][0, 0] ^= 1
            self.network.weights = weights
        return super()._train_pair(payload)


def test_a_device_that_differs_is_found_and_found_again(monkeypatch):
    """By a single bit; the turn that found it finds it without those before."""
    monkeypatch.setattr("testbenches.trust.soak.turn.GoldenDevice", Drifting)
    figures = soak(CASES, seed=27, frames=10_000)
    assert not figures["right"] and figures["differences"] == 1
    turn = int(figures["difference"].split(",")[0].removeprefix("turn "))
    assert turn > 0
    again = soak(CASES, seed=27, frames=10_000, first=turn)
    assert again["difference"] == figures["difference"] in soak_table(again)
