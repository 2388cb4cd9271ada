"""What a host says to the chip in a test: every command, all settings, good frames and bad ones, from one seed."""

import struct
from collections.abc import Iterator
from itertools import product
from random import Random

import numpy as np

from ffpga import Transport
from ffpga_golden import GoldenDevice, NegativePolicy, Objective, Polarity, initial_weights, registers
from ffpga_golden.protocol import DELIMITER, PART, PAYLOAD_MAX, Opcode, encode_frame, pack_sample

from .configurations import Case

Command = tuple[int, bytes]


def answers(transport: Transport, count: int) -> bytes:
    """The next `count` frames, or an AssertionError if 10 s pass without a byte."""
    data = b""
    while data.count(DELIMITER) < count:
        more = transport.read(1000, 10.0)
        assert more, f"silence after {data.hex()}"
        data += more
    return data


def hold_to_golden(transport: Transport, case: Case, seed: int, faults: float = 0.1) -> GoldenDevice:
    """Has a conversation with a chip and with a golden device, whose answers must be equal; returns the latter."""
    golden = GoldenDevice(case.config)
    for number, frame in enumerate(Conversation(case, seed, faults).frames()):
        golden.write(frame)
        expected = golden.read(1 << 20)
        transport.write(frame)
        assert answers(transport, expected.count(DELIMITER)) == expected, f"frame {number}: {frame.hex()}"
    return golden


class Conversation:
    """The bytes of a host, frame by frame, with the same sequence numbers as a real one.

    Parameters
    ----------
    case : Case
    seed : int
        Of weights, samples, settings and faults.
    faults : float
        Probability that a bad or a repeated frame is said before a good one.
    """

    def __init__(self, case: Case, seed: int, faults: float = 0.0) -> None:
        self.case, self.config = case, case.config
        self._seed, self._faults = seed, faults
        self._random = Random(seed)
        self._registers = registers(self.config)

    def frames(self) -> Iterator[bytes]:
        """Bytes, each with one delimiter or more at its end."""
        sequence = self._random.randrange(256)
        past: list[bytes] = []
        for opcode, payload in self.commands():
            frame = encode_frame(sequence, opcode, payload)
            if opcode != Opcode.IDENTIFY and self._random.random() < self._faults:
                yield self._fault(sequence, frame, past)
            yield frame
            # A repeated IDENTIFY of a former session would open that one again.
            past = [frame] if opcode == Opcode.IDENTIFY else [*past[-3:], frame]
            sequence = (sequence + 1) & 255

    # Faults --------------------------------------------------------------------------------------------------------
    def _fault(self, sequence: int, frame: bytes, past: list[bytes]) -> bytes:
        """A frame that the device must refuse, ignore or answer again without executing it again."""
        kind = self._random.randrange(6)
        if kind == 0:  # a damaged byte, never made a delimiter
            at = self._random.randrange(len(frame) - 1)
            return frame[:at] + bytes((frame[at] % 255 + 1,)) + frame[at + 1 :]
        if kind == 1:  # the tail is lost
            return frame[: self._random.randrange(1, len(frame) - 1)] + DELIMITER
        if kind == 2:  # empty frames
            return DELIMITER * self._random.randrange(1, 4)
        if kind == 3 and past:  # said before, some of it too long ago
            return self._random.choice(past)
        if kind == 4:  # from the future
            return encode_frame(sequence + self._random.randrange(1, 100), Opcode.COUNTERS)
        return bytes(self._random.choices(range(1, 256), k=self._random.randrange(1, 90))) + DELIMITER  # noise

    # Commands ------------------------------------------------------------------------------------------------------
    def commands(self) -> Iterator[Command]:
        """Opcode and payload of every command, good and bad, without a line's faults."""
        yield Opcode.COUNTERS, b""  # no session yet
        yield Opcode.IDENTIFY, struct.pack("<I", self._random.randrange(1, 1 << 32))
        yield from self._read_registers()
        yield from self._train(0)  # no sample yet
        yield from self._write_weights()
        yield from self._read_weights()
        for number, setting in enumerate(self._settings()):
            yield from setting
            if self.config.black_box and number % 3 == 1:
                yield from self._tables()
            for _ in range(self.case.steps):
                yield from self._load_samples()
                yield from self._train(number)
            yield Opcode.INFER, b""
            if not self.config.classes:
                yield from self._activities()
            yield Opcode.COUNTERS, b""
        yield from self._wrong()
        yield from self._read_registers()
        yield from self._read_weights()
        yield Opcode.COUNTERS, b""

    def _read_registers(self) -> Iterator[Command]:
        for address in range(17):
            yield Opcode.READ_REGISTER, bytes((address,))

    def _write(self, name: str, value: int) -> Command:
        address = next(register.address for register in self._registers if register.name == name)
        return Opcode.WRITE_REGISTER, struct.pack("<BI", address, value)

    def _chunks(self) -> Iterator[tuple[bytes, int, int]]:
        """Address (word, lane), first weight and count of every part of the weight memory, in parts of any size."""
        size = self.config.weight_bits // 8
        flat, end = 0, self.config.weights
        most = (PAYLOAD_MAX - 3) // size
        while flat < end:
            count = min(end - flat, most if self._random.random() < 0.8 else self._random.randrange(1, most + 1))
            word, lane = divmod(flat, self.config.lanes)
            yield struct.pack("<HB", word, lane), flat, count
            flat += count

    def _weights(self) -> np.ndarray:
        """All weights as the memory holds them: group by group, row by row, lane by lane."""
        config = self.config
        layers = initial_weights(config, self._seed)
        groups = (w.reshape(len(w), -1, config.lanes).swapaxes(0, 1).ravel() for w in layers)
        flat = np.concatenate(list(groups))
        if self.case.weights == "extreme":
            random = np.random.RandomState(self._seed)
            flat = random.choice([-config.weight_max, config.weight_max], len(flat), p=[0.4, 0.6])
        return flat * (self.case.weights != "zero")

    def _write_weights(self) -> Iterator[Command]:
        weights = self._weights().astype("<i1" if self.config.weight_bits == 8 else "<i2")
        for address, first, count in self._chunks():
            yield Opcode.WRITE_WEIGHTS, address + weights[first : first + count].tobytes()

    def _read_weights(self) -> Iterator[Command]:
        for address, _, count in self._chunks():
            yield Opcode.READ_WEIGHTS, address + bytes((count,))

    def _activities(self) -> Iterator[Command]:
        """A part of each layer's activities."""
        for layer, width in enumerate(self.config.layers):
            yield Opcode.ACTIVITIES, bytes((layer, self._random.randrange(-(-width // PART))))

    def _tables(self) -> Iterator[Command]:
        """A part of each table written, whole tables now and then, and a part read."""
        parts = range(256 // PART)
        for layer in range(self.config.depth - 1):
            written = parts if self._random.random() < 0.3 else [self._random.choice(parts)]
            for part in written:
                values = [self._random.choice((0, self._random.randrange(256))) for _ in range(PART)]
                yield Opcode.WRITE_TABLE, bytes((layer, part, *values))
            yield Opcode.READ_TABLE, bytes((layer, self._random.choice(parts)))

    def _settings(self) -> Iterator[list[Command]]:
        """Register writes: objectives and polarities in turn, policies too, the rest at random."""
        random, config = self._random, self.config
        kinds = product(NegativePolicy, Polarity, Objective) if config.classes else product((2,), Polarity, Objective)
        kinds = list(kinds)
        for number in range(self.case.settings):
            policy, polarity, objective = kinds[number * 5 % len(kinds)]
            values = {"objective": objective, "polarity": polarity, "negative_policy": policy}
            values["learning_rate"] = random.randint(8, config.rate_max)
            values["update_gate"] = random.choice((0, 0, 1, 32, 128, 255))
            values["shortlist"] = random.randint(1, max(1, config.classes))
            values["rounding"] = int(random.random() < 0.25)
            values["seed"] = random.randrange(1, 1 << 32)
            if config.recurrent:
                values["time_steps"] = random.choice((0, 1, 2, 3))
            for layer, width in enumerate(config.layers):
                values[f"temperature{layer}"] = random.choice((0, 6, 10, 12, 14, 20, 31))
                values[f"threshold{layer}"] = random.choice((0, 4096 * width, 64 * width, (1 << 32) - 1))
            chosen = random.sample(sorted(values), k=len(values) // 2)
            kept = {"objective", "polarity", "negative_policy", *chosen}
            yield [self._write(name, value) for name, value in values.items() if name in kept]

    def _sample(self) -> np.ndarray:
        """A sample: mostly sparse, also empty, full, saturated, a single feature at either end."""
        random, features = self._random, self.config.features
        density = random.choice((0.0, 0.1, 0.3, 0.3, 0.5, 1.0))
        if features > 200:
            density /= 10
        x = [random.randint(1, 255) if random.random() < density else 0 for _ in range(features)]
        if random.random() < 0.15:
            x = [255 * (value > 0) for value in x]
        if random.random() < 0.2:
            x[random.choice((0, -1))] = 1
        return np.array(x, np.uint8)

    def _load_samples(self) -> Iterator[Command]:
        for slot in range(1 if self.config.classes else 2):
            if self._random.random() < 0.9:  # else the device keeps the last one
                yield Opcode.LOAD_SAMPLE, bytes((slot,)) + pack_sample(self._sample())

    def _labels(self) -> tuple[int, int]:
        label, negative = self._random.sample(range(self.config.classes or 2), 2)
        return label, negative

    def _train(self, number: int) -> Iterator[Command]:
        label, negative = self._labels()
        if number % 3 < 2:
            yield Opcode.TRAIN_PAIR, bytes((label, negative))
        else:
            yield Opcode.TRAIN_PHASE, bytes((0, label))
            yield Opcode.TRAIN_PHASE, bytes((1, negative))

    def _wrong(self) -> Iterator[Command]:
        """Commands with a status other than OK, which change nothing."""
        config, classes = self.config, self.config.classes
        yield 0, b""
        yield max(Opcode) + 1, b"\x01\x02"
        yield Opcode.ACTIVITIES, bytes((config.depth, 0))
        yield Opcode.ACTIVITIES, bytes((0, -(-config.layers[0] // PART)))
        yield Opcode.ACTIVITIES, b"\x00"
        yield Opcode.READ_TABLE, bytes((config.depth - 1, 0))
        yield Opcode.READ_TABLE, bytes((0, 256 // PART))
        yield Opcode.WRITE_TABLE, bytes((0, 0)) + bytes(PART - 1)
        yield Opcode.WRITE_TABLE, bytes((0, 0)) + bytes(PART + 1)
        yield Opcode.WRITE_TABLE, bytes((config.depth - 1, 0)) + bytes(PART)
        yield 255, b""
        yield Opcode.INFER, b"\x00"
        yield Opcode.TRAIN_PAIR, b"\x00"
        yield Opcode.TRAIN_PAIR, b"\x00\x01\x02"
        yield Opcode.TRAIN_PHASE, b"\x02\x00"
        if classes:
            yield self._write("negative_policy", 2)
            yield Opcode.TRAIN_PAIR, bytes((classes, 0))
            yield Opcode.TRAIN_PAIR, bytes((0, classes))
            yield Opcode.TRAIN_PAIR, bytes((1, 1))
            yield Opcode.TRAIN_PHASE, bytes((0, classes))
        yield Opcode.READ_REGISTER, b""
        known = [register.address for register in self._registers]
        unknown = next(address for address in range(8, 17) if address not in known)
        yield Opcode.WRITE_REGISTER, bytes((unknown, 1 if unknown < 16 else 0)) + b"\x02\x03\x04"
        yield Opcode.WRITE_REGISTER, b"\x00\x01"
        yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, config.lanes, 1)
        yield Opcode.READ_WEIGHTS, struct.pack("<HBB", config.words - 1, config.lanes - 1, 2)
        yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, 0, 0)
        yield Opcode.WRITE_WEIGHTS, struct.pack("<HB", 0, 0)
        yield Opcode.LOAD_SAMPLE, b"\x00\x01"
        yield Opcode.LOAD_SAMPLE, b"\x02\x00\x01"
        yield Opcode.INFER, b""
