"""The C driver beside the golden model: the same frames, weights, answers and counters."""

import importlib.util
import platform
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from ffpga.driver.weights import packed
from ffpga.fields import windows
from ffpga_golden import GoldenDevice, Network, NetworkConfig, initial_weights
from ffpga_golden.protocol import (
    BITS,
    DELIMITER,
    Opcode,
    Status,
    decode_frame,
    encode_frame,
    fields_tag,
    pack_bits,
    pack_sample,
)
from ffpga_golden.registers import NegativePolicy, registers
from testbenches.configurations import CONFIGURATIONS
from testbenches.trust.hostile.training import CONFIG
from testbenches.trust.microcontroller.remote import DRIVER, SANITIZED, Refused, Remote, Stepping, build

from .driving import SMALL, Tampering, opened, result_of, samples


def links(compiler: str, folder: Path) -> bool:
    """Whether there is a compiler, with the run time of its sanitizers, which is a package of its own for clang."""
    (folder / "empty.c").write_text("int main(void) { return 0; }\n")
    command = [compiler, *SANITIZED, folder / "empty.c", "-o", folder / "empty"]
    return shutil.which(compiler) is not None and subprocess.run(command, capture_output=True).returncode == 0


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


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_it_trains_as_the_golden_network(compiler, tmp_path):
    if compiler == "clang" and not links(compiler, tmp_path):
        pytest.skip("a second opinion: apt-get install clang libclang-rt-dev")
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


def test_samples_in_few_bits(program):
    """The Python driver's frames, byte for byte; every value becomes the nearest one that the bits have."""
    config = NetworkConfig(features=101, classes=0, layers=(4,), lanes=4, few_bits=True)
    device, random = Recorder(config), np.random.RandomState(5)
    with Remote(program, device) as remote:
        assert remote.open()[5] == 8
        ramp = np.arange(101, dtype=np.uint8)
        said = [
            (one * (random.rand(101) < share)).astype(np.uint8) for one in (ramp, ramp + 101) for share in (0.1, 0.8)
        ]
        for n, (x, bits) in enumerate((x, bits) for x in [*said, ramp + 155, ramp * 0] for bits in BITS):
            coarse = np.rint(x / 255 * (2**bits - 1)) * (255 // (2**bits - 1))
            remote.ask("bits", n % 2, bits, x.tobytes().hex())
            payload = bytes((bits << 4 | n % 2,)) + pack_bits(coarse.astype(np.uint8), bits)
            assert device.frames[-1] + DELIMITER == encode_frame(n + 1, Opcode.LOAD_BITS, payload)
            assert np.array_equal(device._samples[n % 2], coarse)
        for slot, bits in ((0, 3), (0, 0), (16, 1)):
            with pytest.raises(Refused, match="an argument is out of range"):
                remote.ask("bits", slot, bits, said[0].tobytes().hex())
        with pytest.raises(Refused, match="out of range"):
            remote.ask("bits", 2, 1, said[0].tobytes().hex())
    with opened(program, GoldenDevice(SMALL), SMALL) as remote, pytest.raises(Refused, match="not know the command"):
        remote.ask("bits", 0, 1, said[0].tobytes().hex())


# Lines -------------------------------------------------------------------------------------------------------------


def test_the_virtual_board(program):
    """The core itself, with what it answers and how long it takes."""
    from ffpga_sim import VirtualBoard
    from ffpga_sim.build import QUICKLY, Flags

    config = CONFIGURATIONS["awkward"].config  # its board is built for other tests, too
    network = Network.initialised(config, 1)
    x, labels = samples(config, 12)
    board = VirtualBoard(config, flags=Flags(compile=QUICKLY))
    with board, opened(program, Stepping(board), config, timeout=2000) as remote:
        steps = remote.train(x, labels)
        assert steps == [result_of(network.train_pair(one, y)) for one, y in zip(x, labels.tolist(), strict=True)]
        remote.load_sample(x[0])
        assert remote.infer() == network.infer(x[0])
        assert remote.read_weights(config.weights) == packed(config, network.weights)
        assert remote.counters() == network.counters


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


def test_what_it_takes_is_what_is_said(program, tmp_path):
    """Of this machine; what is said of another one was measured when it was written."""
    row = re.search(r"x86-64 \| ([\d,]+) bytes \| (\d+) bytes", (DRIVER / "README.md").read_text())
    subprocess.run(["gcc", "-std=c99", "-Os", "-c", DRIVER / "ffpga.c", "-o", tmp_path / "ffpga.o"], check=True)
    sizes = subprocess.run(["size", tmp_path / "ffpga.o"], capture_output=True, text=True, check=True).stdout
    text, data, bss = map(int, sizes.splitlines()[1].split()[:3])
    assert text + data < 1.15 * int(row[1].replace(",", "")) and bss == 0
    with Remote(program, GoldenDevice(SMALL)) as remote:
        assert platform.machine() != "x86_64" or remote.told()["bytes"] == int(row[2])


def test_every_status_has_an_error():
    """FFPGA_BAD_OPCODE and the three after it are in the order of the statuses."""
    text = (DRIVER / "ffpga.h").read_text()
    listed = [line.split()[0].rstrip(",") for line in text.partition("FFPGA_OK,")[2].partition("}")[0].splitlines()[1:]]
    assert [name for name in listed if name][-4:] == [f"FFPGA_{status.name}" for status in list(Status)[4:]]
