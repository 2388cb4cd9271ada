"""The self-test finds what is wrong with a device, says what it means, and finds nothing where nothing is."""

import json
from collections import deque

import numpy as np
import pytest
from typer.testing import CliRunner

from ffpga import Device, NetworkConfig
from ffpga.cli.app import app
from ffpga.contact.march import march
from ffpga.contact.selftest import MEANINGS, selftest
from ffpga_golden import GoldenDevice, initial_weights
from ffpga_golden.protocol import BAUD, Opcode
from testbenches.trust.hostile.line import HostileTransport
from testbenches.trust.hostile.lost import Resetting, behind_terminal

CONFIG = NetworkConfig(features=20, classes=4, layers=(24, 8), lanes=8)


def wrong(device, config=CONFIG, **options) -> dict[str, str]:
    """What it finds wrong, by name, in what words."""
    with Device(device, config, timeout=0.01, patience=100) as opened:
        found = list(selftest(opened, steps=20, **options))
    assert all(check.meaning in MEANINGS.values() for check in found if check.right is False)
    return {check.name: f"{check.said}: {check.meaning}" for check in found if check.right is False}


@pytest.mark.parametrize(
    "config",
    [
        CONFIG,
        NetworkConfig(features=5, classes=0, layers=(6, 9), lanes=3, weight_bits=16),
        NetworkConfig(features=9, classes=3, layers=(8, 8), lanes=4, black_box=True, memory_ports=2),
        NetworkConfig(features=9, classes=3, layers=(8, 8), lanes=4, recurrent=True),
    ],
    ids=str,
)
def test_nothing_is_found_and_all_is_as_before(config):
    device = GoldenDevice(config)
    with Device(device, config) as opened:
        weights = initial_weights(config, 7)
        opened.write_weights(weights)
        opened.write_register("learning_rate", 11)
        tables = opened.read_tables()[:, ::-1] if config.black_box else None
        if tables is not None:
            opened.write_tables(tables)
        found = list(selftest(opened, steps=20))
        assert [check.name for check in found] == ["line", "registers", "weight memory", "training"]
        assert all(check.right for check in found), found
        assert all(np.array_equal(a, b) for a, b in zip(opened.read_weights(), weights, strict=True))
        assert opened.read_register("learning_rate") == 11
        assert tables is None or np.array_equal(opened.read_tables(), tables)


class Stuck(GoldenDevice):
    """A bit of a weight is always 1, or always 0."""

    bit, level = 2, 1

    def execute(self, opcode, payload):
        answer = super().execute(opcode, payload)
        held = self.network.read_weights(0, np.array([3]), np.array([13])) & 0xFF
        held = held | 1 << self.bit if self.level else held & ~(1 << self.bit)
        self.network.write_weights(0, np.array([3]), np.array([13]), held.astype(np.uint8).view(np.int8))
        return answer


@pytest.mark.parametrize(("bit", "level"), [(0, 0), (2, 1), (7, 0), (7, 1)])
def test_a_stuck_bit(bit, level):
    device = Stuck(CONFIG)
    device.bit, device.level = bit, level
    found = wrong(device)
    word = CONFIG.base(0) + 1 * CONFIG.rows(0) + 3  # neuron 13 is lane 5 of group 1
    assert f"bit {bit} of lane 5 in word {word} reads {level} where it should not: " in found["weight memory"]
    assert "faulty block RAM" in found["weight memory"] and found.keys() <= {"weight memory", "training"}


class Mixed(GoldenDevice):
    """A line of the weight memory's address is broken."""

    def execute(self, opcode, payload):
        if opcode in (Opcode.READ_WEIGHTS, Opcode.WRITE_WEIGHTS):
            payload = bytes((payload[0] & ~32,)) + payload[1:]
        return super().execute(opcode, payload)


def test_addresses_that_are_mixed_up():
    found = wrong(Mixed(CONFIG))
    assert "words from" in found["weight memory"] and "more bits of lanes" in found["weight memory"]


def test_addresses_that_are_mixed_up_within_a_frame():
    """The lowest line of the rows' address."""

    class Alias(GoldenDevice):
        def _places(self, word, lane, count):
            return [(layer, rows & ~1, neurons) for layer, rows, neurons in super()._places(word, lane, count)]

    assert "weight memory" in wrong(Alias(CONFIG))


def test_a_lane_is_told_as_one():
    class Lane(GoldenDevice):
        def _read_weights(self, payload):
            word, lane = int.from_bytes(payload[:2], "little"), payload[2]
            data = np.frombuffer(super()._read_weights(payload), np.uint8).copy()
            lanes = (np.arange(len(data)) + word * 8 + lane) % 8
            data[lanes == 6] |= 16
            return data.tobytes()

    device = Device(Lane(CONFIG), CONFIG)
    found = march(device)
    assert {(bit, reads) for _, bit, reads in found.faults} == {(4, "1")}
    assert (
        str(found)
        == f"bit 4 of lane 6 in {CONFIG.words} words from 0 to {CONFIG.words - 1} reads 1 where it should not"
    )


def test_a_register_that_does_not_hold():
    class Narrow(GoldenDevice):
        def _write_register(self, payload):
            return super()._write_register(payload[:1] + bytes((payload[1] & 0xEF,)) + payload[2:])

    found = wrong(Narrow(CONFIG))
    assert "learning_rate reads 7 after 23" in found["registers"]


def test_a_bad_line():
    found = wrong(HostileTransport(GoldenDevice(CONFIG), 1, 1e-4))
    assert set(found) == {"line"} and "this --baud" in found["line"]


def test_a_device_that_is_reset():
    line = Resetting(lambda: GoldenDevice(CONFIG), 3, 10**6)
    with Device(line, CONFIG) as opened:
        line._left = 700
        found = [check for check in selftest(opened, steps=20) if check.right is False]
    assert line.resets == 1 and [check.meaning for check in found] == [MEANINGS["reset"]]


def test_a_core_that_calculates_wrongly():
    class Wrong(GoldenDevice):
        def _infer(self, payload):
            answer = super()._infer(payload)
            return bytes((answer[0], answer[1] ^ (self.network.counters["inferences"] == 15))) + answer[2:]

    found = wrong(Wrong(CONFIG))
    assert set(found) == {"training"} and found["training"].startswith("step 15: sums of squares (")

    class Slow(GoldenDevice):
        def _counters(self, payload):
            self.network.counters["clocks"] += self.network.counters["pairs"] > 0
            return super()._counters(payload)

    assert "clocks is " in wrong(Slow(CONFIG))["training"]


class Timed:
    """A golden device at a line and with a clock, in a time of its own."""

    def __init__(self, config, baud=BAUD, hz=48e6, latency=0.0):
        self.device, self.baud, self.hz, self.latency = GoldenDevice(config), baud, hz, latency
        self.time = self.heard = self.done = self.said = 0.0
        self.answers = deque()

    def now(self):
        return self.time

    def write(self, data):
        clocks = self.device.network.counters["clocks"]
        self.device.write(data)
        spent = self.device.network.counters["clocks"] - clocks
        self.heard = max(self.time + self.latency, self.heard) + 10 * len(data) / self.baud
        self.done = max(self.heard, self.done) + spent / self.hz
        answer = self.device.read(1 << 16)
        self.said = max(self.done, self.said) + 10 * len(answer) / self.baud
        if answer:
            self.answers.append((self.said + self.latency, answer))

    def read(self, n, timeout):
        if not self.answers:
            self.time += timeout
            return b""
        at, answer = self.answers.popleft()
        self.time = max(self.time, at)
        return answer

    def close(self):
        pass


#: A core that is slower than its line.
SLOW = NetworkConfig(features=20, classes=10, layers=(192, 192), lanes=1)


@pytest.mark.parametrize(
    ("config", "line", "said", "expected"),
    [
        (SLOW, {}, {"clock_hz": 48e6}, set()),
        (SLOW, {"hz": 24e6}, {"clock_hz": 48e6}, {"rates", "clock"}),
        (SLOW, {"hz": 60e6}, {"clock_hz": 48e6}, {"clock"}),
        (SLOW, {}, {}, set()),
        (CONFIG, {}, {"clock_hz": 48e6}, set()),
        (CONFIG, {"latency": 0.001}, {"clock_hz": 48e6}, set()),
        (CONFIG, {"latency": 0.008}, {}, {"round trip"}),
        (CONFIG, {"baud": BAUD // 2}, {"clock_hz": 48e6}, {"rates"}),
    ],
)
def test_rates(config, line, said, expected):
    timed = Timed(config, **line)
    with Device(timed, config) as device:
        found = {check.name: check for check in selftest(device, steps=3, baud=BAUD, now=timed.now, **said)}
    assert {name for name, check in found.items() if check.right is False} == expected, found
    if expected == {"rates", "clock"}:
        assert found["clock"].said.startswith(("23", "24")) and found["clock"].said.endswith(" MHz of 48")
    if config is SLOW and said and not expected:
        assert found["clock"].right is True


def test_the_command(tmp_path):
    figures = tmp_path / "j.json"
    with behind_terminal(Stuck(CONFIG)) as target:
        result = CliRunner().invoke(app, ["selftest", "--target", target, "--steps", "5", "--json", str(figures)])
    said = " ".join(result.stdout.split())
    assert result.exit_code == 1 and f"{CONFIG} at {target}" in said
    assert "WRONG weight memory: bit 2 of lane 5" in said and MEANINGS["memory"] in said and "right line: " in said
    found = json.loads(figures.read_text())
    assert found["right"] is False and {check["name"] for check in found["checks"]} >= {"line", "round trip", "rates"}
    result = CliRunner().invoke(app, ["selftest", "--target", "golden", "--layers", "8,8", "--steps", "5"])
    assert result.exit_code == 0 and "WRONG" not in result.stdout and "round trip" not in result.stdout
