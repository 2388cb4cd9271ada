"""The Verilated chip against the golden device: the same frames in, the same answers out, clock counts included."""

import struct

import numpy as np
import pytest

from ffpga_golden import GoldenDevice, NetworkConfig, initial_weights, registers
from ffpga_golden import protocol as p
from ffpga_golden.protocol import Opcode
from ffpga_sim import VirtualBoard

CONFIGURATIONS = {
    "three layers": NetworkConfig(features=37, classes=5, layers=(24, 16, 8), lanes=4),
    "two ports": NetworkConfig(features=37, classes=5, layers=(24, 16, 8), lanes=4, memory_ports=2),
    "no classes": NetworkConfig(features=20, classes=0, layers=(12, 8), lanes=2),
    "two classes, one lane": NetworkConfig(features=300, classes=2, layers=(3, 2), lanes=1),
    "16-bit weights": NetworkConfig(features=50, classes=10, layers=(16, 32), weight_bits=16),
    "one feature, 32 classes, 64 lanes": NetworkConfig(features=1, classes=32, layers=(64,), lanes=64),
    "four layers, 3 lanes": NetworkConfig(features=30, classes=3, layers=(9, 6, 3, 6), lanes=3),
}
REGISTERS = {
    "contrast": {"learning_rate": 9},
    "threshold": {"objective": 1, "learning_rate": 15},
    "minus, random, gate": {"polarity": 1, "negative_policy": 1, "learning_rate": 12, "update_gate": 40},
    "threshold, host, plain": {"objective": 1, "polarity": 1, "negative_policy": 2, "rounding": 1, "shortlist": 3},
    "host": {"negative_policy": 2, "seed": 12345, "learning_rate": 11},
}


class Script:
    """Frames of a session, made from a seed."""

    def __init__(self, config: NetworkConfig, settings: dict[str, int], seed: int, extreme: bool) -> None:
        self.config, self.random = config, np.random.RandomState(seed)
        self.frames: list[tuple[str, bytes]] = []
        self.add(Opcode.IDENTIFY, struct.pack("<I", 7 + seed))
        table = {register.name: register for register in registers(config)}
        for name, value in settings.items():
            if name in table:
                value = min(table[name].high, value)
                self.add(Opcode.WRITE_REGISTER, struct.pack("<BI", table[name].address, value))
        self._weights(seed, extreme)

    def add(self, opcode: Opcode, payload: bytes = b"") -> None:
        self.frames.append((opcode.name, p.encode_frame(len(self.frames), opcode, payload)))

    def _chunks(self):
        size = 48 // (self.config.weight_bits // 8)
        for first in range(0, self.config.weights, size):
            yield first, min(size, self.config.weights - first)

    def _weights(self, seed: int, extreme: bool) -> None:
        config = self.config
        layers = initial_weights(config, seed)
        if extreme:
            limit = config.weight_max
            layers = [self.random.choice([-limit, limit, 3], w.shape) for w in layers]
        flat = np.concatenate(
            [
                w[:, group * config.lanes : (group + 1) * config.lanes].ravel()
                for w, groups in zip(layers, config.groups, strict=True)
                for group in range(groups)
            ]
        ).astype("<i1" if config.weight_bits == 8 else "<i2")
        for first, count in self._chunks():
            place = struct.pack("<HB", *divmod(first, config.lanes))
            self.add(Opcode.WRITE_WEIGHTS, place + flat[first : first + count].tobytes())

    def steps(self, count: int) -> None:
        classes = max(1, self.config.classes)
        for n in range(count):
            for slot in range(1 if self.config.classes else 2):
                present = self.random.rand(self.config.features) < self.random.choice([0, 0.3, 0.9])
                x = self.random.randint(0, 256, self.config.features) * present
                self.add(Opcode.LOAD_SAMPLE, bytes([slot]) + p.pack_sample(x.astype(np.uint8)))
            label = self.random.randint(classes)
            wrong = (label + 1 + self.random.randint(max(1, classes - 1))) % classes
            if n % 4 == 2:
                self.add(Opcode.INFER)
            elif n % 4 == 3:
                self.add(Opcode.TRAIN_PHASE, bytes([n // 4 % 2, label]))
            else:
                self.add(Opcode.TRAIN_PAIR, bytes([label, wrong]))
            self.add(Opcode.COUNTERS)

    def read_weights(self) -> None:
        for first, count in self._chunks():
            self.add(Opcode.READ_WEIGHTS, struct.pack("<HBB", *divmod(first, self.config.lanes), count))


def answer(device, frame: bytes) -> tuple[int, int, bytes]:
    device.write(frame)
    data = b""
    while not data.endswith(p.DELIMITER):
        more = device.read(1000, 10.0)
        assert more, "the device is silent"
        data += more
    decoded = p.decode_frame(data[:-1])
    assert decoded is not None
    return decoded


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_answer_and_every_weight(name):
    config = CONFIGURATIONS[name]
    for seed, (kind, settings) in enumerate(REGISTERS.items()):
        script = Script(config, settings, seed, extreme=seed % 2 == 1)
        script.steps(24)
        script.read_weights()
        golden = GoldenDevice(config)
        with VirtualBoard(config) as board:
            for n, (opcode, frame) in enumerate(script.frames):
                expected = answer(golden, frame)
                assert expected[1] == p.Status.OK, f"{kind}, seed {seed}, frame {n}: {opcode}"
                assert answer(board, frame) == expected, f"{kind}, seed {seed}, frame {n}: {opcode}"
