"""What a host says to the chip in a test: every command, all settings, good frames and bad ones, from one seed."""

import struct
from collections.abc import Iterator
from itertools import product
from random import Random

import numpy as np

from ffpga import Transport
from ffpga_golden import GoldenDevice, NegativePolicy, Polarity, initial_weights, registers
from ffpga_golden.protocol import (
    BITS,
    DELIMITER,
    PART,
    PAYLOAD_MAX,
    Opcode,
    encode_frame,
    pack_bits,
    pack_sample,
    quantised,
)
from testbenches.configurations import Case

from .wrong_commands import wrong_commands

Command = tuple[int, bytes]

#: Learning rates step by step: all that there are, the coarse ones late, and some that are none, as they are decoded.
RATES = (23, 17, 20, 14, 18, 15, 16, 22, 21, 19, 13, 12, 11, 10, 9, 8, 15, 23, 31, 7, 18, 16, 24, 14)


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
    for number, (frame, expected) in enumerate(exchanges(case, seed, faults, golden)):
        transport.write(frame)
        assert answers(transport, expected.count(DELIMITER)) == expected, f"frame {number}: {frame.hex()}"
    return golden


def exchanges(
    case: Case, seed: int, faults: float, golden: GoldenDevice | None = None, bursts: bool = False
) -> Iterator[tuple[bytes, bytes]]:
    """The frames of a conversation and what the golden device answers."""
    return answered(Conversation(case, seed, faults, bursts), golden or GoldenDevice(case.config))


def answered(conversation: "Conversation", golden: GoldenDevice) -> Iterator[tuple[bytes, bytes]]:
    """The same of any conversation."""
    for frame in conversation.frames():
        golden.write(frame)
        yield frame, golden.read(1 << 20)


class Conversation:
    """The bytes of a host, frame by frame, with the same sequence numbers as a real one.

    Parameters
    ----------
    case : Case
    seed : int
        Of weights, samples, settings and faults.
    faults : float
        Probability that a bad or a repeated frame is said before a good one.
    bursts : bool
        Whether bad frames also come at once one after the other: then a chip need not answer all of them.
    """

    def __init__(self, case: Case, seed: int, faults: float = 0.0, bursts: bool = False) -> None:
        self.case, self.config = case, case.config
        self._seed, self._faults, self._bursts = seed, faults, bursts
        self._random = Random(seed)
        self._registers = registers(self.config)
        self._session = bytes(4)

    def frames(self) -> Iterator[bytes]:
        """Bytes, each with one delimiter or more at its end."""
        sequence = self._random.randrange(256)
        past: list[bytes] = []
        for opcode, payload in self.commands():
            if opcode == Opcode.IDENTIFY and len(payload) == 4 and payload != self._session:
                self._session, past = payload, []  # any sequence number will do, and what was said is forgotten
                sequence = (sequence + self._random.randrange(8, 248)) & 255
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
        kind = self._random.randrange(6 + self._bursts)
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
        if kind == 6:  # from the future, then hardly a frame at all
            future = encode_frame(sequence + self._random.randrange(1, 100), Opcode.COUNTERS)
            return future + bytes((self._random.randrange(1, 256),)) + DELIMITER
        return bytes(self._random.choices(range(1, 256), k=self._random.randrange(1, 90))) + DELIMITER  # noise

    # Commands ------------------------------------------------------------------------------------------------------
    def commands(self) -> Iterator[Command]:
        """Opcode and payload of every command, good and bad, without a line's faults."""
        yield Opcode.COUNTERS, b""  # no session yet
        yield self._identify()
        yield from self._read_registers()
        yield from self._pair()  # no sample yet
        yield from self._write_weights(self.case.weights)
        yield from self.read_weights()
        for number, setting in enumerate(self._settings()):
            if number and number % 16 == 0:  # the coarse rates have left few weights within the limits
                yield from self._write_weights("initial")
            yield from setting
            if self.config.black_box and number % 3 == 1:
                yield from self._tables()
            for step in range(self.case.steps):
                yield self._write("objective", (number // 2 + step) % 2)
                yield self._write("learning_rate", RATES[(number * self.case.steps + step) % len(RATES)])
                yield from self._load_samples()
                yield from self._pair()
                if number % 3 == 2 and step == 0:
                    yield from self._phases()
            if number % 2:  # the second sample must wait for the first one, and that one for the step
                yield from self._load_samples()
                yield from self._load_samples()
            yield Opcode.INFER, b""
            if not self.config.classes:
                yield from self._activities()
            yield Opcode.COUNTERS, b""
            if number % 4 == 3:
                yield from self._sessions()
                yield from self._burst()
        yield from self._peak()
        yield from self._wrong()
        yield from self._read_registers()
        yield from self.read_weights()
        yield Opcode.COUNTERS, b""

    def _identify(self) -> Command:
        return Opcode.IDENTIFY, struct.pack("<I", self._random.randrange(1, 1 << 32))

    def _sessions(self) -> Iterator[Command]:
        """The running session again, others that differ from it in a bit, and none at all."""
        yield Opcode.IDENTIFY, self._session
        for _ in range(2):
            session = int.from_bytes(self._session, "little") ^ 1 << self._random.randrange(32)
            yield Opcode.IDENTIFY, struct.pack("<I", session)
            yield Opcode.COUNTERS, b""
        yield Opcode.IDENTIFY, bytes(4)
        yield Opcode.INFER, b""  # no session
        yield self._identify()

    def _burst(self) -> Iterator[Command]:
        """A whole frame of weights of any value, beyond the limits too, and no zero byte; what became of them."""
        size = self.config.weight_bits // 8
        count = min((PAYLOAD_MAX - 3) // size, self.config.weights)
        word, lane = divmod(self._random.randrange(self.config.weights - count + 1), self.config.lanes)
        address = struct.pack("<HB", word, lane)
        values = bytes(self._random.choices((127, 128, 129, *range(1, 256)), k=count * size))
        yield Opcode.WRITE_WEIGHTS, address + values
        yield Opcode.READ_WEIGHTS, address + bytes((count,))

    def _peak(self) -> Iterator[Command]:
        """The first group of every layer as active as it can be, if that does not take long to write."""
        config = self.config
        groups = [(config.base(layer), config.rows(layer)) for layer in range(config.depth)]
        if sum(rows for _, rows in groups) * config.lanes > 600:
            return
        size = config.weight_bits // 8
        for base, rows in groups:
            left = rows * config.lanes
            while left:
                count = min(left, (PAYLOAD_MAX - 3) // size)
                word, lane = divmod(rows * config.lanes - left, config.lanes)
                values = np.full(count, config.weight_max).astype(f"<i{size}").tobytes()
                yield Opcode.WRITE_WEIGHTS, struct.pack("<HB", base + word, lane) + values
                left -= count
        if config.black_box:
            for layer, part in product(range(config.depth - 1), range(256 // PART)):
                yield Opcode.WRITE_TABLE, bytes((layer, part)) + b"\xff" * PART
        for slot in range(1 if config.classes else 2):
            sample = pack_sample(np.full(config.features, 255, np.uint8))
            yield Opcode.LOAD_SAMPLE, bytes((slot,)) + sample
        yield Opcode.INFER, b""
        yield from self._pair()
        yield Opcode.INFER, b""

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

    def _weights(self, kind: str) -> np.ndarray:
        """All weights as the memory holds them: group by group, row by row, lane by lane."""
        config = self.config
        layers = initial_weights(config, self._seed)
        groups = (w.reshape(len(w), -1, config.lanes).swapaxes(0, 1).ravel() for w in layers)
        flat = np.concatenate(list(groups))
        if kind == "extreme":
            random = np.random.RandomState(self._seed)
            flat = random.choice([-config.weight_max, config.weight_max], len(flat), p=[0.4, 0.6])
        return flat * (kind != "zero")

    def _write_weights(self, kind: str) -> Iterator[Command]:
        weights = self._weights(kind).astype("<i1" if self.config.weight_bits == 8 else "<i2")
        for address, first, count in self._chunks():
            yield Opcode.WRITE_WEIGHTS, address + weights[first : first + count].tobytes()

    def read_weights(self) -> Iterator[Command]:
        """All weights, in parts of any size."""
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
        """Register writes: polarities and policies in turn, the rest at random; objectives take turns step by step."""
        random, config = self._random, self.config
        kinds = list(product(NegativePolicy if config.classes else (2,), Polarity))
        for number in range(self.case.settings):
            policy, polarity = kinds[number * 3 % len(kinds)]
            values: dict[str, int] = {"polarity": polarity, "negative_policy": policy}
            values["update_gate"] = random.choice((0, 0, 1, random.randrange(256), 128, 255))
            values["shortlist"] = random.choice((random.randint(1, max(1, config.classes)), random.randrange(64)))
            values["rounding"] = int(random.random() < 0.25)
            values["seed"] = random.randrange(1, 1 << 32)
            if config.recurrent:
                values["time_steps"] = random.choice((0, 1, 2, 3, 15))
            elif config.classes > 2:
                values["contenders"] = random.choice((1, random.randrange(32), random.randint(1, config.classes - 1)))
            for layer, width in enumerate(config.layers):
                values[f"temperature{layer}"] = random.choice((0, 6, 10, 12, 14, random.randrange(32)))
                near = random.randrange(1 << random.randrange(12, 33))
                values[f"threshold{layer}"] = random.choice((0, 4096 * width, near, near, (1 << 32) - 1))
            chosen = random.sample(sorted(values), k=len(values) // 2)
            kept = {"polarity", "negative_policy", *chosen}
            yield [self._write(name, value) for name, value in values.items() if name in kept]

    def _sample(self) -> np.ndarray:
        """A sample: mostly sparse, also empty, full, saturated, a single feature at either end."""
        random, features = self._random, self.config.features
        density = random.choice((0.0, 0.1, 0.3, 0.3, 0.5, 1.0))
        if features > 200:
            density /= 10
        x = [random.randint(1, 255) if random.random() < density else 0 for _ in range(features)]
        if random.random() < 0.1:  # no zero among the gaps: as long a block of COBS as there can be
            x = [value or random.randint(1, 255) if at & 1 else 0 for at, value in enumerate(x)]
        if random.random() < 0.15:
            x = [255 * (value > 0) for value in x]
        if random.random() < 0.2:
            x[random.choice((0, -1))] = 1
        return np.array(x, np.uint8)

    def _load_samples(self) -> Iterator[Command]:
        for slot in range(1 if self.config.classes else 2):
            if self._random.random() < 0.9:  # else the device keeps the last one
                if self.config.few_bits and self._random.random() < 0.7:
                    bits = self._random.choice(BITS)
                    yield (
                        Opcode.LOAD_BITS,
                        bytes((bits << 4 | slot,)) + pack_bits(quantised(self._sample(), bits), bits),
                    )
                else:
                    yield Opcode.LOAD_SAMPLE, bytes((slot,)) + pack_sample(self._sample())

    def _labels(self) -> tuple[int, int]:
        label, negative = self._random.sample(range(self.config.classes or 2), 2)
        return label, negative

    def _pair(self) -> Iterator[Command]:
        yield Opcode.TRAIN_PAIR, bytes(self._labels())

    def _phases(self) -> Iterator[Command]:
        for negative, label in enumerate(self._labels()):
            yield Opcode.TRAIN_PHASE, bytes((negative, label))

    def _wrong(self) -> Iterator[Command]:
        return wrong_commands(self.config, self._random, self._sample)
