"""The driver: commands, ranges, and a line that loses, doubles and damages bytes."""

import random

import numpy as np
import pytest

from ffpga import Device, FfpgaError, NetworkConfig, SerialTransport, StepResult
from ffpga_golden import COUNTERS, GoldenDevice, Network, initial_weights
from ffpga_golden.protocol import DELIMITER, Opcode, Status, decode_frame, encode_frame
from testbenches.trust.hostile.line import HostileTransport


def sample(config, seed=0):
    rng = np.random.RandomState(seed)
    return (rng.randint(0, 256, config.features) * (rng.rand(config.features) < 0.5)).astype(np.uint8)


def test_takes_the_configuration_that_the_device_has(config, device):
    assert device.config == config


def test_another_configuration_is_refused(golden, config):
    asked = NetworkConfig(features=37, classes=3, layers=(24, 24), lanes=4)
    with pytest.raises(FfpgaError, match=r"holds \(37-24-16, .*\), not the configuration asked for \(37-24-24, "):
        Device(golden, asked)


@pytest.mark.parametrize(
    "sizes",
    [
        {"features": 37, "classes": 3, "layers": (24, 16, 8), "lanes": 4},
        {"features": 5, "classes": 0, "layers": (6,), "lanes": 1, "weight_bits": 16},
        {"features": 9, "classes": 2, "layers": (64, 64), "lanes": 64},
    ],
)
def test_weights_go_there_and_back(sizes):
    config = NetworkConfig(**sizes)
    golden = GoldenDevice(config)
    device = Device(golden, config)
    weights = initial_weights(config, 3)
    device.write_weights(weights)
    back = device.read_weights()
    for layer in range(config.depth):
        assert np.array_equal(golden.network.weights[layer], weights[layer])
        assert np.array_equal(back[layer], weights[layer])
        assert back[layer].dtype == (np.int8 if config.weight_bits == 8 else np.int16)


def test_steps_are_the_networks(device, config):
    network = Network.initialised(config, 1)
    device.write_weights(network.weights)
    for seed in range(5):
        x = sample(config, seed)
        device.load_sample(x)
        step = network.train_pair(x, seed % 3)
        found = device.train_pair(seed % 3)
        assert found == StepResult(
            tuple(total for total, _ in step.entries), tuple(c for _, c in step.entries), step.label
        )
        assert len(found.squares) == 2 * config.depth
        assert device.infer() == network.infer(x)
        phase = network.train_phase(x, seed % 3, True)
        found = device.train_phase(True, seed % 3)
        assert (found.label, len(found.squares)) == (phase.label, config.depth)
    for found, expected in zip(device.read_weights(), network.weights, strict=True):
        assert np.array_equal(found, expected)
    counters = device.counters()
    assert {name: counters[name] for name in COUNTERS} == network.counters
    assert counters["pairs"] == 5 and counters["phases"] == 5 and counters["inferences"] == 5


def test_unlabelled_steps():
    config = NetworkConfig(features=9, classes=0, layers=(8,), lanes=4)
    device = Device(GoldenDevice(config), config)
    device.load_sample(sample(config, 1), slot=0)
    device.load_sample(sample(config, 2), slot=1)
    assert device.train_pair().label == 255
    assert device.infer()[0] == 255


def test_registers(device):
    device.write_register("learning_rate", 20)
    assert device.read_register("learning_rate") == 20
    with pytest.raises(FfpgaError, match="learning_rate must be 8 to 23, not 24"):
        device.write_register("learning_rate", 24)
    with pytest.raises(FfpgaError, match=r"register must be one of learning_rate, .*, not 'speed'"):
        device.read_register("speed")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda d: d.load_sample(np.zeros(36, np.uint8)), r"a sample must be u8\[37\], not uint8\[36\]"),
        (lambda d: d.load_sample(np.zeros(37)), r"a sample must be u8\[37\], not float64\[37\]"),
        (lambda d: d.load_sample(np.zeros(37, np.uint8), slot=1), "slot must be 0, not 1"),
        (lambda d: d.train_pair(3), "label must be 0 to 2, not 3"),
        (lambda d: d.train_pair(-1), "label must be 0 to 2, not -1"),
        (lambda d: d.train_pair(1, 1), "must differ from the label, not be 1 too"),
        (lambda d: d.train_pair(1), "refused TRAIN_PAIR: it has no sample: load one first"),
        (lambda d: d.link.call(99), "refused 99: it does not know the command"),
        (lambda d: d.link.call(Opcode.INFER, b"x"), "refused INFER: it found the command's length wrong"),
        (lambda d: d.write_weights([]), "weights must be 2 layers, not 0"),
        (lambda d: d.write_weights(d.read_weights()[::-1]), r"of layer 0 must be integers \[41, 24\], not int8\[25"),
        (lambda d: d.write_weights([w + np.int16(128) for w in d.read_weights()]), r"within \+-127, not 128 to 128"),
    ],
)
def test_faults(device, act, message):
    with pytest.raises(FfpgaError, match=message):
        act(device)
    device.load_sample(np.zeros(37, np.uint8))  # the link goes on
    assert device.counters()["link_errors"] == 0


def test_counters_do_not_wrap(device, golden):
    start = device.counters()["clocks"]
    for _ in range(3):
        golden.network.counters["clocks"] = (golden.network.counters["clocks"] + 3_000_000_000) & 0xFFFF_FFFF
        total = device.counters()["clocks"]
    assert total == start + 9_000_000_000


def drive(device: Device, steps: int) -> tuple:
    """Many pipelined steps; everything that comes back."""
    config, found = device.config, []
    device.write_weights(initial_weights(config, 2))
    for step in range(steps):
        device.submit_sample(sample(config, step % 7))
        device.submit_pair(step % 3, done=found.append)
        if step % 5 == 0:
            device.submit_infer(lambda *answer: found.append(answer))
    device.flush()
    return found, [w.tolist() for w in device.read_weights()], device.counters()


@pytest.mark.parametrize("rate", [0.0001, 0.001, 0.003])
@pytest.mark.parametrize("seed", range(4))
def test_a_bad_line_loses_and_doubles_nothing(config, seed, rate):
    clean_answers, clean_weights, clean = drive(Device(GoldenDevice(config)), 60)
    line = HostileTransport(GoldenDevice(config), seed, rate)
    device = Device(line, config, patience=200)
    answers, weights, counters = drive(device, 60)
    assert answers == clean_answers
    assert weights == clean_weights
    assert counters.pop("link_errors") >= clean.pop("link_errors")
    assert counters == clean
    assert rate < 0.001 or device.link.resent > 0
    for name, (counted, expected) in line.accounts(device).items():
        assert counted == expected, name


def test_repetitions_stay_in_proportion(config):
    line = HostileTransport(GoldenDevice(config), 1, 0.0001)
    device = Device(line, config, patience=50)
    drive(device, 200)
    assert 0 < device.link.resent < 400  # of some 500 frames, about one in twelve damaged


def test_a_frame_seen_twice_is_executed_once(config):
    golden = GoldenDevice(config)

    class Echoing:
        """Sends every frame up to three times."""

        rng = random.Random(4)

        def write(self, data):
            golden.write(data * self.rng.randrange(1, 4))

        def read(self, n, timeout):
            return golden.read(n, timeout)

        def close(self):
            pass

    answers = drive(Device(Echoing(), config), 40)
    expected = drive(Device(GoldenDevice(config)), 40)
    assert answers[:2] == expected[:2]
    assert answers[2]["pairs"] == 40


class Silent:
    def write(self, data):
        pass

    def read(self, n, timeout):
        return b""

    def close(self):
        pass


def test_a_silent_device():
    with pytest.raises(FfpgaError, match=r"silent: 10 requests in 5.0 s brought no answer; check power, bitstream"):
        Device(Silent())


def test_a_device_that_falls_silent(device, monkeypatch):
    monkeypatch.setattr(device.transport, "read", lambda n, timeout: b"")
    with pytest.raises(FfpgaError, match="silent or its line too bad"):
        device.counters()


def test_noise_is_no_device():
    class Noise(Silent):
        rng = random.Random(1)

        def __init__(self):
            self.reads = 0

        def read(self, n, timeout):
            self.reads += 1
            return self.rng.randbytes(50) if self.reads % 5 else b""

    with pytest.raises(FfpgaError, match="silent"):
        Device(Noise())


def test_a_reset_device(config, golden, device):
    other = GoldenDevice(config)
    device.link.transport = other
    with pytest.raises(FfpgaError, match="lost its session: it was reset or lost power"):
        device.counters()


def test_another_version(config):
    golden = GoldenDevice(config)

    class Newer(Silent):
        def write(self, data):
            golden.write(data)

        def read(self, n, timeout):
            frames = [decode_frame(frame) for frame in golden.read(n).split(DELIMITER) if frame]
            return b"".join(encode_frame(s, Status.OK, p[:4] + b"\x07" + p[5:]) for s, _, p in frames)

    with pytest.raises(FfpgaError, match="speaks protocol version 07, not 03: load a bitstream"):
        Device(Newer())


def test_an_absent_serial_port():
    with pytest.raises(FfpgaError, match=r"'/dev/no-such-port' cannot be opened .*: check the cable, the name"):
        SerialTransport("/dev/no-such-port")


def test_serial_transport_over_loopback():
    line = SerialTransport("loop://")
    assert line.read(10, 0.01) == b""
    line.write(b"abc")
    assert line.read(2, 0.1) == b"ab"
    assert line.read(9, 0.1) == b"c"
    line.close()
    with pytest.raises(FfpgaError, match="'loop://' failed"):
        line.write(b"x")
