"""Conversations at the edges: what just is, or just is not, and every bit that decides."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from ffpga_golden import NegativePolicy, Polarity
from ffpga_golden import arithmetic as a
from ffpga_golden.config import INPUT_MAX
from ffpga_golden.dither import PERIOD, ROTATE, field_bits, rotate, step_back
from ffpga_golden.protocol import DELIMITER, PAYLOAD_MAX, WINDOW, Opcode, cobs_encode, encode_frame, pack_sample
from ffpga_hw.link.crc import POLYNOMIAL

from .conversation import Command
from .rare import Rare
from .wrong_commands import LENGTHS


class Edges(Rare):
    """Values at an edge: of sessions, old answers, CRCs, opcodes, labels, counts, blocks of COBS, and the dither."""

    def said(self) -> Iterator[Command]:
        """Opcode and payload of every command."""
        yield from self._no_sample()
        yield from self._opcodes()
        if self.config.classes:
            yield from self._policies()
        if self.config.has_contenders:
            yield from self._contenders()
        yield from self._counts()
        yield from self._blocks()
        if not self.config.recurrent:  # there the first layer's sums are not these rows' alone
            yield from self._dither()

    def before(self) -> Iterator[bytes]:
        """Sessions opened again, wrong CRCs, old answers again."""
        yield from self._reopened()
        yield from self._crcs()
        yield from self._repeats()

    def _crcs(self) -> Iterator[bytes]:
        """Frames that leave the CRC's register wrong in one bit, each of the 32."""
        sequence = self._random.randrange(256)
        yield encode_frame(sequence, *self._identify())
        body = bytes((sequence + 1 & 255, Opcode.COUNTERS))
        for bit in range(32):
            wrong = 1 << bit
            for _ in range(32):  # the register before the CRC's bits were taken
                wrong = (wrong ^ POLYNOMIAL) << 1 | 1 if wrong >> 31 else wrong << 1
            yield cobs_encode(body + struct.pack("<I", zlib.crc32(body) ^ wrong)) + DELIMITER

    def _repeats(self) -> Iterator[bytes]:
        """Every frame of a window once more: few long answers among short ones, many, long ones alone.

        Where they are too many bytes the oldest are not there any more.
        """
        for long in (0.1, 0.3, 0.6, 1.0):
            sequence = self._random.randrange(256)
            yield encode_frame(sequence, *self._identify())
            said = [
                encode_frame(
                    sequence + number,
                    *((Opcode.COUNTERS, b"") if self._random.random() < long else (Opcode.READ_REGISTER, b"\0")),
                )
                for number in range(1, WINDOW + 1)
            ]
            yield from said
            yield from self._random.sample(said, len(said))

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

    def _opcodes(self) -> Iterator[Command]:
        """What differs from an opcode in a bit and is none, with as many bytes as that one needs."""
        for opcode, (least, _) in LENGTHS.items():
            for wrong in (opcode ^ 1 << bit for bit in range(8)):
                if wrong not in set(Opcode):
                    yield wrong, bytes(least)

    def _policies(self) -> Iterator[Command]:
        """Wrong labels that are none: the host's policy alone looks at them."""
        yield Opcode.LOAD_SAMPLE, b"\0" + pack_sample(self._sample())
        for policy in NegativePolicy:
            yield self._write("negative_policy", policy)
            for wrong in (1, self.config.classes):
                yield Opcode.TRAIN_PAIR, bytes((1, wrong))
        yield self._write("negative_policy", NegativePolicy.HARD)

    def _contenders(self) -> Iterator[Command]:
        """Each label, with all wrong ones but one, from any on: those before and behind it come to their turn."""
        classes = self.config.classes
        yield from self._write_weights("extreme")
        yield self._write("contenders", classes - 2)
        for label in range(classes):
            for _ in range(2 * classes):
                yield Opcode.LOAD_SAMPLE, b"\0" + pack_sample(self._sample())
                yield Opcode.TRAIN_PAIR, bytes((label, 0))
        yield self._write("contenders", classes - 1)
        yield from self._write_weights("zero")

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
                lowest = config.weight_max // 4 + 1  # a power of two
                drawn = [random.randrange(lowest, 2 * lowest) for _ in rows]
                for weights in (drawn, [weight ^ lowest - 1 for weight in drawn]):  # and with all bits below it turned
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
