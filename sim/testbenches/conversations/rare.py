"""What conversations that are no random ones have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from ffpga_golden import Polarity
from ffpga_golden.protocol import Opcode, encode_frame

from .conversation import Command, Conversation


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

    def _reopened(self) -> Iterator[bytes]:
        """A session that is opened again while it runs: what was said in it before is still known."""
        for _ in range(12):
            session, sequence = self._random.randbytes(3) + b"\x01", self._random.randrange(256)
            counters = encode_frame(sequence + 1, Opcode.COUNTERS)
            for number in (sequence, sequence + 2):
                yield encode_frame(number, Opcode.IDENTIFY, session)
                yield counters

    def _feature(self) -> int:
        """The feature of row 0 of the first block."""
        fields = self.config.fields_of(0)
        return int(fields.tiles[0][0]) * fields.tile if fields else 0

    def _certain(self, polarity: Polarity) -> Iterator[Command]:
        """From here on c of a positive phase is 255, with the steepest probability."""
        yield self._write("polarity", polarity)
        yield self._write("threshold0", 0 if polarity else (1 << 32) - 1)
