"""Conversations of extremes: all that can wait at once, and values far beyond their limits."""

import struct
from collections.abc import Iterator

import numpy as np

from ffpga_golden import Objective, Polarity
from ffpga_golden import arithmetic as a
from ffpga_golden.config import INPUT_MAX
from ffpga_golden.protocol import HELD, PAYLOAD_MAX, WINDOW, Opcode, encode_frame, pack_sample

from .conversation import Command
from .rare import Rare

U = 8  #: the coarsest learning rate
P = 15  #: fraction bits of a new weight at that rate
#: Bits of such a sum above an 8-bit weight, as they are compared with its sign.
GROUPS = ((22, 3), (25, 3), (28, 2))


class Extremes(Rare):
    """Sessions and old frames while commands wait, more answers than there is room for, words and lanes of one bit, new
    weights far beyond limits."""

    def said(self) -> Iterator[Command]:
        """Opcode and payload of every command."""
        for _ in range(2 * WINDOW):  # short frames, long answers: they wait for the line, and commands for them
            yield Opcode.COUNTERS, b""
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
        yield from self._repeats(*weights)
        yield from self._reopened()

    def _repeats(self, opcode: int, payload: bytes) -> Iterator[bytes]:
        """Old frames again while commands wait that are not yet executed."""
        for _ in range(12):
            sequence = self._random.randrange(256)
            yield encode_frame(sequence, *self._identify())
            said = [encode_frame(sequence + number, Opcode.READ_REGISTER, b"\0") for number in range(1, 13)]
            yield from said
            yield from (encode_frame(sequence + number, opcode, payload) for number in range(13, 13 + HELD))
            yield from self._random.sample(said, 3)

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
