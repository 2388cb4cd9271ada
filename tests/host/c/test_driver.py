"""The C driver beside the golden model: the same weights, answers and counters on clean lines and on hostile ones."""

import importlib.util
import platform
import re
import shutil
import struct
import subprocess

import numpy as np
import pytest

from ffpga.driver.step import StepResult
from ffpga.driver.weights import packed
from ffpga.fields import windows
from ffpga_golden import GoldenDevice, Network, NetworkConfig, initial_weights
from ffpga_golden.protocol import (
    DELIMITER,
    WINDOW,
    Opcode,
    Status,
    decode_frame,
    encode_frame,
    fields_tag,
    pack_sample,
)
from ffpga_golden.registers import NegativePolicy, registers
from testbenches.trust.hostile.line import HostileTransport
from testbenches.trust.hostile.training import CONFIG
from testbenches.trust.microcontroller.remote import DRIVER, Books, Refused, Remote, Stepping, build

COMPILERS = ("gcc", pytest.param("clang", marks=pytest.mark.skipif(not shutil.which("clang"), reason="no clang here")))
SMALL = NetworkConfig(features=37, classes=3, layers=(24, 16), lanes=4)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return build(tmp_path_factory.mktemp("c"))


def samples(config: NetworkConfig, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.RandomState(seed)
    x = random.randint(1, 256, (count, config.features)) * (random.rand(count, config.features) < 0.5)
    return x.astype(np.uint8), random.randint(0, max(1, config.classes), count)


def opened(program, device, config: NetworkConfig, **options) -> Remote:
    """The driver at a device, with initial weights there."""
    remote = Remote(program, device)
    remote.open(**options)
    weights = packed(config, initial_weights(config, 1))
    remote.write_weights(weights, config.weights)
    return remote


def result_of(step) -> StepResult:
    return StepResult(tuple(total for total, _ in step.entries), tuple(c for _, c in step.entries), step.label)


def test_the_header_is_of_the_golden_tables():
    spec = importlib.util.spec_from_file_location("constants", DRIVER / "constants.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.HEADER.read_text() == made.header(), "make it again: .venv/bin/python host/c/constants.py"
    for name in ("LEARNING_RATE = 0", "TEMPERATURE = 8", "TIME_STEPS = 11", "THRESHOLD = 12", "CONTENDERS = 16"):
        assert f" FFPGA_REG_{name}" in made.header()
    said = made.header().count("FFPGA_REG_")
    both = registers(CONFIG) + registers(NetworkConfig(features=1, classes=2, layers=(1, 1), lanes=1, recurrent=True))
    assert said == len({one.name.rstrip("01") for one in both})


@pytest.mark.parametrize("compiler", COMPILERS)
def test_it_trains_as_the_golden_network(compiler, tmp_path):
    program, network = build(tmp_path, compiler), Network.initialised(SMALL, 1)
    x, labels = samples(SMALL, 12)
    with opened(program, GoldenDevice(SMALL), SMALL) as remote:
        assert [result_of(network.train_pair(one, y)) for one, y in zip(x, labels.tolist(), strict=True)] == (
            remote.train(x, labels)
        )
        for one, label in zip(x[:4], labels[:4].tolist(), strict=True):
            remote.load_sample(one)
            assert remote.infer() == network.infer(one)
            assert remote.train_pair(label) == result_of(network.train_pair(one, label))
            remote.ask("set", 4, int(NegativePolicy.HOST))
            network.write_register("negative_policy", NegativePolicy.HOST)
            other = (label + 1) % 3
            assert remote.train_pair(label, other) == result_of(network.train_pair(one, label, other))
            for negative in (False, True):
                assert remote.train_phase(negative, label) == result_of(network.train_phase(one, label, negative))
            remote.ask("set", 4, int(NegativePolicy.HARD))
            network.write_register("negative_policy", NegativePolicy.HARD)
        assert remote.read_weights(SMALL.weights) == packed(SMALL, network.weights)
        assert remote.counters() == network.counters and network.counters["link_errors"] == 0
        assert remote.ask("get", 0) == [str(network.registers["learning_rate"])]
        told = remote.told()
        assert told["damaged"] == 0 and told["bytes"] < 300


@pytest.mark.parametrize(
    "config",
    [
        NetworkConfig(features=1000, classes=2, layers=(3,), lanes=1, weight_bits=16),
        NetworkConfig(features=3, classes=32, layers=(7, 14, 7, 7), lanes=7, memory_ports=2, black_box=True),
        NetworkConfig(features=5, classes=3, layers=(6, 4), lanes=2, recurrent=True),
    ],
)
def test_configurations_and_weights(program, config):
    device = GoldenDevice(config)
    with opened(program, device, config) as remote:
        said = [config.features, config.classes, config.lanes, config.weight_bits, config.memory_ports]
        assert remote.open() == [*said, config.black_box | 2 * config.recurrent, config.depth, 0, *config.layers]
        whole, size = packed(config, initial_weights(config, 1)), config.weight_bits // 8
        assert remote.read_weights(config.weights) == whole
        for first, count in ((0, 1), (3, 61), (config.weights - 2, 2)):
            assert remote.read_weights(count, first) == whole[first * size : (first + count) * size]
        remote.write_weights(bytes(2 * size), 2, 5)
        assert remote.read_weights(4, 4) == whole[4 * size : 5 * size] + bytes(2 * size) + whole[7 * size : 8 * size]
        for first, count in ((config.weights - 1, 2), (1 << 31, 1)):
            with pytest.raises(Refused, match="out of range"):
                remote.read_weights(count, first)
        if config.black_box:
            table = bytes(range(32))
            remote.ask("command", int(Opcode.WRITE_TABLE), 0, "-" + (b"\2\3" + table).hex())
            assert remote.ask("command", int(Opcode.READ_TABLE), 32, "-0203") == [table.hex()]
            assert device.network.tables[2][96:128].tobytes() == table


def test_a_detector(program):
    """A network without labels: two slots, goodness, activities in parts."""
    config = NetworkConfig(features=9, classes=0, layers=(72, 8), lanes=8)
    network, (x, _) = Network.initialised(config, 1), samples(config, 2)
    with opened(program, GoldenDevice(config), config) as remote:
        for slot in (0, 1):
            remote.load_sample(x[slot], slot)
        assert remote.train_pair(0) == result_of(network.train_pair(x[0], 0, 0, x[1]))
        assert remote.ask("goodness") == [str(network.infer(x[0])[1])]
        assert remote.infer()[0] == 255
        for layer in (0, 1):
            assert bytes.fromhex(remote.ask("activities", layer)[0]) == network.activities(x[0], layer).tobytes()
        with pytest.raises(Refused, match="an argument is out of range"):
            remote.ask("activities", 2)
    with opened(program, GoldenDevice(SMALL), SMALL) as remote, pytest.raises(Refused, match="an argument"):
        remote.ask("goodness")


def test_receptive_fields(program):
    """The features are brought into the tiles' order; the tag tells which fields they are."""
    over = windows("6x6", 2, 2, 1)
    config = NetworkConfig(features=36, classes=3, layers=(32, 8), lanes=4, fields=(over.fields, None))
    device, network = GoldenDevice(config), Network.initialised(config, 1)
    x, labels = samples(config, 6)
    with Remote(program, device) as remote:
        remote.order(over.order)
        assert remote.open()[5:8] == [4, 2, fields_tag(config.fields)]
        remote.write_weights(packed(config, network.weights), config.weights)
        steps = remote.train(x, labels)
        assert steps == [
            result_of(network.train_pair(one[over.order], y)) for one, y in zip(x, labels.tolist(), strict=True)
        ]
        assert remote.read_weights(config.weights) == packed(config, network.weights)
        remote.ask("expect", 0, 0)
        remote.open()
        remote.ask("expect", 0, 1)
        with pytest.raises(Refused, match="another network than the one expected"):
            remote.open()
    with Remote(program, GoldenDevice(config)) as remote:
        remote.order(over.order + 1)
        with pytest.raises(Refused, match="an argument is out of range"):
            remote.open()


class Recorder(GoldenDevice):
    """Keeps what the host says, frame by frame."""

    def __init__(self, config):
        super().__init__(config)
        self.frames = []

    def _receive(self, frame):
        self.frames.append(frame)
        super()._receive(frame)


def test_frames_are_those_of_the_protocol(program):
    """Samples of every density: gaps beyond 255, blocks of COBS of 253, 254, 255 bytes and more."""
    config = NetworkConfig(features=1000, classes=2, layers=(2,), lanes=2)
    device, random = Recorder(config), np.random.RandomState(4)
    said = [np.zeros(1000), np.ones(1000), np.eye(1000)[999], np.eye(1000)[255], np.eye(1000)[256], np.eye(1000)[511]]
    said += [random.rand(1000) < share for share in (0.01, 0.1, 0.5, 0.9)]
    for count in (251, 252, 253, 254, 255, 256, 507, 508, 509):  # bytes up to the first zero: gaps of 1, values
        x = np.zeros(1000)
        x[1:count:2] = 1
        said.append(x)
    with Remote(program, device) as remote:
        remote.open()
        for n, x in enumerate(said):
            x = (x * random.randint(1, 256, 1000)).astype(np.uint8)
            payload = b"\0" + pack_sample(x)
            remote.load_sample(x)
            assert device.frames[-1] + DELIMITER == encode_frame(2 * n + 1, Opcode.LOAD_SAMPLE, payload)
            assert np.array_equal(device._samples[0], x)
            remote.ask("pairs", 0, payload[1:].hex() or "-")
            assert device.frames[-1] + DELIMITER == encode_frame(2 * n + 2, Opcode.LOAD_SAMPLE, payload)
        assert all(0 not in frame for frame in device.frames) and max(map(len, device.frames)) > 1800


# Lines -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("rate", "seed"), [(1e-4, 1), (3e-4, 2), (1e-3, 3), (3e-3, 4)])
def test_a_hostile_line_loses_and_doubles_nothing(program, rate, seed):
    x, labels = samples(SMALL, 60, seed)
    found = []
    for line in (GoldenDevice(SMALL), HostileTransport(GoldenDevice(SMALL), seed, rate)):
        with opened(program, line, SMALL, patience=40) as remote:
            steps = remote.train(x, labels), [remote.infer()]
            weights, counters = remote.read_weights(SMALL.weights), remote.counters()
            found.append((steps, weights, {**counters, "link_errors": None}))
            if isinstance(line, HostileTransport):
                for name, (counted, expected) in line.accounts(Books(remote)).items():
                    assert counted == expected, name
                assert remote.told()["resent"] > 0
    assert found[0] == found[1]


def test_the_virtual_board(program):
    """The core itself, with what it answers and how long it takes."""
    from ffpga_sim import VirtualBoard

    network = Network.initialised(CONFIG, 1)
    x, labels = samples(CONFIG, 12)
    with VirtualBoard(CONFIG) as board, opened(program, Stepping(board), CONFIG, timeout=2000) as remote:
        steps = remote.train(x, labels)
        assert steps == [result_of(network.train_pair(one, y)) for one, y in zip(x, labels.tolist(), strict=True)]
        remote.load_sample(x[0])
        assert remote.infer() == network.infer(x[0])
        assert remote.read_weights(CONFIG.weights) == packed(CONFIG, network.weights)
        assert remote.counters() == network.counters


class Counting(GoldenDevice):
    """Answers late: only where nothing more comes. Counts how many frames were unanswered at once."""

    most = 0

    def __init__(self, config):
        super().__init__(config)
        self._quiet = 0

    def write(self, data):
        self._quiet = 0
        super().write(data)
        self.most = max(self.most, bytes(self._out).count(0))

    def read(self, n, timeout=0.0):
        self._quiet += 1
        return super().read(n, timeout) if self._quiet > 3 else b""


def test_the_window_is_full_and_no_more(program):
    device, (x, labels) = Counting(SMALL), samples(SMALL, 20)
    with Remote(program, device) as remote:
        remote.open(timeout=1000)
        remote.train(x, labels)
        assert remote.told()["resent"] == 0
    assert device.most == WINDOW


class Tampering(GoldenDevice):
    """Does something to its answers, once armed."""

    def __init__(self, config, tamper=lambda out: out):
        super().__init__(config)
        self.tamper, self.armed = tamper, False

    def read(self, n, timeout=0.0):
        data = super().read(n, timeout)
        return self.tamper(data) if self.armed and data else data


def test_faults_are_told_and_the_link_goes_on(program):
    with opened(program, GoldenDevice(SMALL), SMALL) as remote:
        for words, error in (
            (("pair", 0, 0), "no sample"),
            (("set", 99, 0), "out of range"),
            (("get", 99), "out of range"),
            (("command", 99, 0, "-"), "does not know the command"),
            (("command", int(Opcode.INFER), 0, "-00"), "length wrong"),
            (("command", int(Opcode.INFER), 59, "-"), "an argument"),
            (("command", int(Opcode.READ_REGISTER), 3, "-00"), "answered what there cannot be"),
            (("activities", 0), "does not know the command"),
        ):
            with pytest.raises(Refused, match=error):
                remote.ask(*words)
        assert remote.told()["refused"] == Opcode.ACTIVITIES
        remote.load_sample(samples(SMALL, 1)[0][0])
        # Of what was submitted each command's error is told once, in their order, and what is right between is done.
        with pytest.raises(Refused, match="out of range"):
            remote.ask("submit")
            remote.ask("wait", 0)
        assert remote.told()["refused"] == Opcode.TRAIN_PAIR
        with pytest.raises(Refused, match="out of range"):
            remote.ask("wait", 0)
        assert remote.told()["refused"] == Opcode.TRAIN_PHASE
        remote.ask("wait", 0)
        counters = remote.counters()
        assert (counters["inferences"], counters["pairs"], counters["link_errors"]) == (1, 0, 0)


def test_sums_of_forty_bits(program):
    """Larger than those of a small network: the answer to INFER is made so."""

    def tamper(data: bytes) -> bytes:
        sequence, status, payload = decode_frame(data[:-1])
        return encode_frame(sequence, status, payload[:1] + bytes(range(0xFB, 0x100)))

    device = Tampering(SMALL, tamper)
    with opened(program, device, SMALL) as remote:
        remote.load_sample(samples(SMALL, 1)[0][0])
        device.armed = True
        assert remote.infer()[1] == 0xFF_FE_FD_FC_FB


def test_a_lost_answer_costs_no_silence(program):
    """The next one shows that it is missing: the driver, which would wait for minutes, asks at once."""
    lost = []

    def tamper(data: bytes) -> bytes:
        first, end, rest = data.partition(DELIMITER)
        if not lost:
            lost.append(first)
            return rest
        return first + end + rest

    device, (x, labels) = Tampering(SMALL, tamper), samples(SMALL, 5)
    with opened(program, device, SMALL, timeout=600_000) as remote:
        device.armed = True
        remote.train(x, labels)
        assert len(lost) == 1 and remote.told()["resent"] > 0
    assert device.network.counters["pairs"] == 5


def test_a_reset_is_told(program):
    class Line(GoldenDevice):
        def reset(self):
            Line.__init__(self, SMALL)

    line = Line(SMALL)
    with opened(program, line, SMALL) as remote:
        line.reset()
        with pytest.raises(Refused, match="was reset and its weights are lost"):
            remote.counters()
        with pytest.raises(Refused, match="not open"):
            remote.counters()
        with pytest.raises(Refused, match="not open"):
            remote.read_weights(4)
        remote.open()
        assert remote.read_weights(40) == bytes(40)


@pytest.mark.parametrize(
    "noise", [b"", b"\x55" * 999, bytes(999), bytes(range(256)) * 4, DELIMITER + b"\2\1" + DELIMITER]
)
def test_silence_and_babble_end(program, noise):
    class Babbling(Counting):
        babbles = False

        def read(self, n, timeout=0.0):
            if not self.babbles:
                return super().read(n, timeout)
            self._quiet += 1
            return noise if self._quiet % 4 == 1 else b""

    device = Babbling(SMALL)
    with Remote(program, device) as remote:
        remote.open()
        device.babbles = True
        for words in (("counters",), ("open", 2, 3, 1)):
            with pytest.raises(Refused, match="silent or its line too bad"):
                remote.ask(*words)
        device.babbles = False
        while device.read(1 << 16):
            pass
        remote.open()
        remote.counters()


def test_a_line_that_fails(program):
    device = GoldenDevice(SMALL)
    with Remote(program, device) as remote:
        remote.open()
        remote._line.shutdown(2)
        device.read = lambda n, timeout=0.0: b""
        for words, error in ((("counters",), "the line failed"), (("get", 0), "not open"), (("open", 9, 9, 9), "line")):
            with pytest.raises(Refused, match=error):
                remote.ask(*words)


@pytest.mark.parametrize("changed", ["version", "depth", "bits", "length"])
def test_what_cannot_be_driven_is_refused(program, changed):
    places = {"version": (6, 9), "depth": (14, 5), "bits": (11, 9)}

    def tamper(data: bytes) -> bytes:
        out = b""
        for frame in data.split(DELIMITER)[:-1]:
            sequence, status, payload = decode_frame(frame)
            if changed == "length":
                payload += b"x"
            else:
                at, value = places[changed]
                payload = payload[: at - 2] + bytes((value,)) + payload[at - 1 :]
            out += encode_frame(sequence, status, payload)
        return out

    device = Tampering(SMALL, tamper)
    device.armed = True
    error = "another version of the protocol" if changed == "version" else "answered what there cannot be"
    with Remote(program, device) as remote, pytest.raises(Refused, match=error):
        remote.open()


@pytest.mark.parametrize("flip", [0, 0x8000_0000])
@pytest.mark.parametrize("behind", [1, 3, 90])
def test_a_session_is_always_new(program, flip, behind):
    """Whatever session is running, and however many of its commands were executed: its answers are not believed."""
    device, seed = GoldenDevice(SMALL), 0x1234_5679
    device.write(encode_frame(0, Opcode.IDENTIFY, struct.pack("<I", seed ^ flip)))
    for sequence in range(1, behind):
        device.write(encode_frame(sequence, Opcode.READ_REGISTER, b"\0"))
    device.network.write_register("learning_rate", 9)
    device.read(1 << 16)
    with Remote(program, device) as remote:
        remote.open(seed=seed)
        assert remote.ask("get", 0) == ["9"]
        remote.ask("set", 0, 11)
        assert remote.ask("get", 0) == ["11"] and device.network.registers["learning_rate"] == 11
        remote.open(seed=seed)
        assert remote.ask("get", 0) == ["11"]


def test_late_answers_to_the_first_session(program):
    """They are of no other session: the second one is opened once, however often it is asked for."""
    held = []

    def tamper(data: bytes) -> bytes:
        held.append(data)
        return {1: b"", 3: held[0]}.get(len(held), data)  # the first is lost, and comes in place of the third

    device = Tampering(SMALL, tamper)
    device.armed = True
    with Remote(program, device) as remote:
        remote.open(seed=6)
        assert device._session == 0x8000_0007 and len(held) == 4
        assert remote.told()["commands"] == 2


def test_what_it_takes_is_what_is_said(program, tmp_path):
    """Of this machine; what is said of another one was measured when it was written."""
    row = re.search(r"x86-64 \| ([\d,]+) bytes \| (\d+) bytes", (DRIVER / "README.md").read_text())
    subprocess.run(["gcc", "-std=c99", "-Os", "-c", DRIVER / "ffpga.c", "-o", tmp_path / "ffpga.o"], check=True)
    sizes = subprocess.run(["size", tmp_path / "ffpga.o"], capture_output=True, text=True, check=True).stdout
    text, data, bss = map(int, sizes.splitlines()[1].split()[:3])
    assert text + data < 1.15 * int(row[1].replace(",", "")) and bss == 0
    with Remote(program, GoldenDevice(SMALL)) as remote:
        assert platform.machine() != "x86_64" or remote.told()["bytes"] == int(row[2])


def test_opening_drops_no_half_answers(program):
    """Where IDENTIFY is answered several times, what is left of the answers is no noise to the session."""
    device = Tampering(SMALL, lambda data: 3 * data)
    device.armed = True
    with Remote(program, device) as remote:
        remote.open(timeout=1000)
        remote.counters()
        told = remote.told()
        assert (told["damaged"], told["resent"]) == (0, 0)


def test_every_status_has_an_error():
    """FFPGA_BAD_OPCODE and the three after it are in the order of the statuses."""
    text = (DRIVER / "ffpga.h").read_text()
    listed = [line.split()[0].rstrip(",") for line in text.partition("FFPGA_OK,")[2].partition("}")[0].splitlines()[1:]]
    assert [name for name in listed if name][-4:] == [f"FFPGA_{status.name}" for status in list(Status)[4:]]
