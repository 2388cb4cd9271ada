"""Conversations of what random ones hardly come to: values at an edge, and far beyond it."""

import struct
from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np

from ffpga_golden import Objective, Polarity
from ffpga_golden import arithmetic as a
from ffpga_golden.config import INPUT_MAX
from ffpga_golden.dither import PERIOD, ROTATE, field_bits, rotate, step_back
from ffpga_golden.protocol import HELD, PAYLOAD_MAX, Opcode, encode_frame, pack_sample

from .conversation import Command, Conversation

U = 8  #: the coarsest learning rate
P = 15  #: fraction bits of a new weight at that rate
#: Bits of such a sum above an 8-bit weight, as they are compared with its sign.
GROUPS = ((22, 3), (25, 3), (28, 2))


class Rare(Conversation, ABC):
    """A conversation that is no random one, with a device after a reset. It has no faults.

    Whoever extends it says what comes before a session, `before`, and in one whose weights are 0, `said`.
    """

    @abstractmethod
    def before(self) -> Iterator[bytes]:
        """Bytes, each with one delimiter at its end, that have sessions of their own."""

    @abstractmethod
    def said(self) -> Iterator[Command]:
        """Opcode and payload of every command."""

    def frames(self) -> Iterator[bytes]:
        """Bytes, each with one delimiter at its end."""
        yield from self.before()
        yield from super().frames()

    def commands(self) -> Iterator[Command]:
        """Opcode and payload of every command, the counters' last."""
        yield self._identify()
        yield from self._write_weights("zero")
        yield from self.said()
        yield Opcode.COUNTERS, b""

    def _feature(self) -> int:
        """The feature of row 0 of the first block."""
        fields = self.config.fields_of(0)
        return int(fields.tiles[0][0]) * fields.tile if fields else 0

    def _certain(self, polarity: Polarity) -> Iterator[Command]:
        """From here on c of a positive phase is 255, with the steepest probability."""
        yield self._write("polarity", polarity)
        yield self._write("threshold0", 0 if polarity else (1 << 32) - 1)


class Edges(Rare):
    """Sessions that go on, commands without a sample, too many weights, long blocks of COBS, all bits of the dither."""

    def said(self) -> Iterator[Command]:
        """Opcode and payload of every command."""
        yield from self._no_sample()
        yield from self._counts()
        yield from self._blocks()
        if not self.config.recurrent:  # there the first layer's sums are not these rows' alone
            yield from self._dither()

    def before(self) -> Iterator[bytes]:
        """A session that is opened again while it runs: what was said in it before is still known."""
        for _ in range(12):
            session, sequence = self._random.randbytes(3) + b"\x01", self._random.randrange(256)
            counters = encode_frame(sequence + 1, Opcode.COUNTERS)
            for number in (sequence, sequence + 2):
                yield encode_frame(number, Opcode.IDENTIFY, session)
                yield counters

    def _no_sample(self) -> Iterator[Command]:
        """What needs a sample, before there is one; of a device with two, before there is the other one."""
        for slot in (None,) if self.config.classes else (None, 1, 0):
            if slot is not None:
                yield Opcode.LOAD_SAMPLE, bytes((slot,)) + pack_sample(self._sample())
            yield Opcode.TRAIN_PAIR, bytes((0, 1))
            for negative in range(2):
                yield Opcode.TRAIN_PHASE, bytes((negative, 0))
            yield Opcode.INFER, b""
            yield Opcode.ACTIVITIES, bytes((0, 0))

    def _counts(self) -> Iterator[Command]:
        """As many weights as an answer holds, all numbers above it of as many bits, and one of each more bits."""
        most = PAYLOAD_MAX // (self.config.weight_bits // 8)
        above = 1 << most.bit_length()
        for count in (*range(most, above), *(above << n for n in range(9 - above.bit_length()))):
            yield Opcode.READ_WEIGHTS, struct.pack("<HBB", 0, 0, count)

    def _blocks(self) -> Iterator[Command]:
        """Frames, all too long, whose blocks of COBS are whole, a byte less, a byte more, or two whole ones."""
        for block in (253, 254, 255, 508, 509):
            some = bytes(self._random.choices(range(1, 256), k=block - 2))  # behind sequence number and opcode
            yield Opcode.COUNTERS, some + b"\0" + some[:9]

    # Dither --------------------------------------------------------------------------------------------------------
    def _dither(self) -> Iterator[Command]:
        """Dithers that decide by one unit: every bit of each neuron's is once 0 and must not be 1, and the reverse.

        A phase with one input x leaves W + ((x g + dither) >> u). The seed is the state before the wanted one.
        """
        config, random = self.config, self._random
        width = config.layers[0] // config.blocks(0)
        yield self._write("temperature0", 0)
        for u in (15, config.rate_max) if config.rate_max > 15 else (15,):
            yield self._write("learning_rate", u)
            p = field_bits(u)
            for neuron in range(min(width, max(config.lanes, PERIOD))):
                group, lane = divmod(neuron, config.lanes)
                base = config.rows(0) * group
                rows = [0, config.bias_row(0), *([config.first_label] if config.classes else [])]
                weights = [random.randrange(config.weight_max // 4, config.weight_max // 2) for _ in rows]
                for polarity, x, seed in self._steps(weights, p, neuron):
                    sample = np.zeros(config.features, np.uint8)
                    sample[self._feature()] = x
                    yield from self._certain(polarity)
                    yield self._write("seed", seed)
                    for row, weight in zip(rows, weights, strict=True):
                        value = struct.pack("<b" if config.weight_bits == 8 else "<h", weight)
                        yield Opcode.WRITE_WEIGHTS, struct.pack("<HB", base + row, lane) + value
                    yield Opcode.LOAD_SAMPLE, b"\0" + pack_sample(sample)
                    yield Opcode.TRAIN_PHASE, b"\0\0"
                    yield Opcode.READ_WEIGHTS, struct.pack("<HBB", base, lane, 1)

    def _steps(self, weights: list[int], p: int, neuron: int) -> Iterator[tuple[Polarity, int, int]]:
        """Polarity, input and seed of few steps, between which every bit of the neuron's dither decides both ways."""
        shift = self.config.activity_shift[0]
        found = []
        for polarity in Polarity:
            for x in range(64, INPUT_MAX + 1):
                y = a.activity(np.array([x * weights[0] + a.LABEL_VALUE * sum(weights[1:])]), shift)
                low = x * int(a.local_error(255, -y if polarity else y)[0]) & (1 << p) - 1
                if low:
                    # One less than what makes a unit: no other bit may be 1; just a unit: none may be 0.
                    least = (1 << p) - low
                    found += [(polarity, x, least - 1, low), (polarity, x, least, least << p)]
        self._random.shuffle(found)
        left = (1 << 2 * p) - 1
        while found:
            best = max(found, key=lambda one: (one[3] & left).bit_count())
            found.remove(best)
            polarity, x, dither, decides = best
            if not decides & left:
                return
            seed = self._seed_of(dither, p, neuron)
            if seed is not None:
                left &= ~decides
                yield polarity, x, seed

    def _seed_of(self, dither: int, p: int, neuron: int) -> int | None:
        """A seed after whose first step a neuron's dither is this one, if there is any: its lowest bit is always 1."""
        for _ in range(16):
            word = self._random.getrandbits(32) >> p << p | dither
            seed = step_back(rotate(word, -ROTATE * neuron))
            if seed & 1:
                return seed
        return None


class Extremes(Rare):
    """Sessions opened while commands wait, words and lanes that are a power of two, new weights far beyond limits."""

    def said(self) -> Iterator[Command]:
        """Opcode and payload of every command."""
        yield from self._addresses()
        if self.config.weight_bits == 8 and not self.config.recurrent:  # there the layer above adds to the first one
            yield from self._far_out()

    def before(self) -> Iterator[bytes]:
        """Sessions opened behind commands, one of which takes long to look at its bytes, whichever their slots are."""
        size = self.config.weight_bits // 8
        count = min(self.config.weights, (PAYLOAD_MAX - 3) // size)
        weights = Opcode.WRITE_WEIGHTS, bytes(3 + count * size)
        slots = [*range(HELD)] * 2
        self._random.shuffle(slots)
        for slot in slots:
            sequence = 4 * self._random.randrange(64) + slot
            yield encode_frame(sequence, *self._identify())
            yield encode_frame(sequence + 1, *weights)
            sequence = self._random.randrange(256)
            yield encode_frame(sequence, *self._identify())
            for number in range(1, self._random.randint(2, HELD + 1)):
                yield encode_frame(sequence + number, Opcode.COUNTERS)

    def _addresses(self) -> Iterator[Command]:
        """Weights of words and lanes of one bit, and of none."""
        words = [(1 << bit, 0) for bit in range(16)]
        for word, lane in (*words, *((0, 1 << bit) for bit in range(8))):
            yield Opcode.READ_WEIGHTS, struct.pack("<HBB", word, lane, 1)

    def _far_out(self) -> Iterator[Command]:
        """New weights beyond the limits of which few bits of the sum say so: each group of them, on both sides."""
        config, limit = self.config, self.config.weight_max
        rows = config.rows(0)
        if rows * config.lanes > 600:
            return
        address = [
            struct.pack("<HB", *divmod(at, config.lanes)) for at in range(0, rows * config.lanes, PAYLOAD_MAX - 3)
        ]
        counts = [min(PAYLOAD_MAX - 3, rows * config.lanes - n * (PAYLOAD_MAX - 3)) for n in range(len(address))]
        yield self._write("objective", Objective.THRESHOLD)
        yield self._write("learning_rate", U)
        yield self._write("temperature0", 0)
        for polarity in Polarity:
            yield from self._certain(polarity)
            for group in GROUPS:
                x = self._input(polarity, group)
                if x is None:
                    continue
                sample = np.full(config.features, INPUT_MAX, np.uint8)
                sample[self._feature()] = x
                for place, count in zip(address, counts, strict=True):
                    yield Opcode.WRITE_WEIGHTS, place + bytes((limit,)) * count
                yield Opcode.LOAD_SAMPLE, b"\0" + pack_sample(sample)
                yield Opcode.TRAIN_PHASE, b"\0\0"
                for place, count in zip(address, counts, strict=True):
                    yield Opcode.READ_WEIGHTS, place + bytes((count,))

    def _input(self, polarity: Polarity, group: tuple[int, int]) -> int | None:
        """An input whose sum differs from its sign in these bits alone, others being 255; None where there is none."""
        config, limit = self.config, self.config.weight_max
        others = config.rows(0) - config.classes - 1 + bool(config.classes)  # with bias and label, without it
        for x in range(1, INPUT_MAX + 1):
            y = a.activity(np.array([limit * (x + INPUT_MAX * others)]), config.activity_shift[0])
            change = x * int(a.local_error(255, -y if polarity else y)[0]) << P - U
            ends = [(limit << P) + change + dither for dither in (0, (1 << P) - 1)]
            if all(_differing(end) == [group] for end in ends):
                return x
        return None


def _differing(total: int) -> list[tuple[int, int]]:
    """The groups of bits of a sum that differ from its sign; all of them where the bit above does, too."""
    sign = -1 if total < 0 else 0
    bits = total ^ sign
    if bits >> 30:
        return list(GROUPS)
    return [(low, count) for low, count in GROUPS if bits >> low & (1 << count) - 1]
