"""A host without a plan: all that a conversation has, in any order and without end, from one seed."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace

from ffpga_golden.protocol import PART, PAYLOAD_MAX, Opcode
from testbenches.configurations import Case
from testbenches.conversations.conversation import RATES, Command, Conversation

#: Registers that there may be.
ADDRESSES = 17


class Chatter(Conversation):
    """Commands drawn one by one: samples, steps, settings, valid or not, parts of weights and tables.

    It begins with all weights (and tables), and does so again after `begin`.

    Parameters
    ----------
    case : Case
        Its `steps` and `settings` are not used.
    seed : int
        Of everything.
    faults : float
        Probability that a bad or a repeated frame is said before a good one.
    """

    def __init__(self, case: Case, seed: int, faults: float = 0.0) -> None:
        super().__init__(replace(case, settings=1 << 30), seed, faults)
        self._setting = self._settings()
        self._starting = self._rewrite = True
        self.ready = False  #: whether it has begun: everything that it had to write was said
        weighted = [
            (self._step, 24),
            (self._inference, 4),
            (lambda: [(Opcode.COUNTERS, b"")], 3),
            (lambda: next(self._setting), 2),
            (self._rate, 4),
            (self._register, 3),
            (lambda: [self._random.choice(list(self._wrong()))], 2),
            (self._some_weights, 4),
            (self.read_weights, 0.1),
            (self._read_registers, 0.2),
            (self.session, 0.3),
        ]
        if self.config.black_box:
            weighted += [(self._tables, 2)]
        if not self.config.classes:
            weighted += [(self._activities, 3)]
        self._kinds: list[Callable[[], Iterator[Command] | list[Command]]] = [kind for kind, _ in weighted]
        self._weight = [weight for _, weight in weighted]

    def begin(self, *, rewrite: bool) -> None:
        """The next frame opens a session; `rewrite`: then come all weights and tables."""
        self._starting, self._rewrite, self.ready = True, rewrite, False

    def commands(self) -> Iterator[Command]:
        while True:
            if self._starting:
                kind, self._starting = self._start, False
            else:
                self.ready = True
                (kind,) = self._random.choices(self._kinds, self._weight)
            for command in kind():
                yield command
                if self._starting:
                    break

    def _start(self) -> Iterator[Command]:
        yield from self.session()
        if self._rewrite:
            yield from self._write_weights(self.case.weights)
            for layer in range(self.config.depth - 1 if self.config.black_box else 0):
                yield from self._whole_table(layer)

    def session(self) -> Iterator[Command]:
        """A new session."""
        yield self._identify()

    def _whole_table(self, layer: int) -> Iterator[Command]:
        for part in range(256 // PART):
            yield Opcode.WRITE_TABLE, bytes((layer, part)) + self._random.randbytes(PART)

    def _step(self) -> Iterator[Command]:
        yield from self._load_samples()
        yield from self._random.choice((self._pair, self._pair, self._phases))()

    def _rate(self) -> Iterator[Command]:
        """Objective and learning rate; seldom a coarse one, which drives many weights to their limits."""
        yield self._write("objective", self._random.randrange(2))
        yield self._write("learning_rate", self._random.choice(RATES if self._random.random() < 0.1 else RATES[:10]))

    def _inference(self) -> Iterator[Command]:
        yield from self._load_samples()
        yield Opcode.INFER, b""

    def _register(self) -> Iterator[Command]:
        """A register read, or written with any value at all."""
        address = self._random.randrange(ADDRESSES)
        yield Opcode.READ_REGISTER, bytes((address,))
        if self._random.random() < 0.3:
            value = self._random.choice((0, 1, 31, 0xFFFF_FFFF, self._random.randrange(1 << 32)))
            yield Opcode.WRITE_REGISTER, struct.pack("<BI", address, value)
            yield Opcode.READ_REGISTER, bytes((address,))

    def _some_weights(self) -> Iterator[Command]:
        """Weights read or written from any place on, now and then beyond the end; values beyond the limits too."""
        random, size = self._random, self.config.weight_bits // 8
        place = struct.pack("<HB", random.randrange(self.config.words + 1), random.randrange(self.config.lanes))
        if random.random() < 0.7:
            yield Opcode.READ_WEIGHTS, place + bytes((random.randrange(1, PAYLOAD_MAX // size + 2),))
        else:
            yield Opcode.WRITE_WEIGHTS, place + random.randbytes(size * random.randrange(1, 9))
            yield Opcode.READ_WEIGHTS, place + bytes((9,))
