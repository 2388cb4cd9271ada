"""What a random conversation hardly comes to: the frame of conversations that say it."""

from collections.abc import Iterator

from ffpga_golden import Polarity
from ffpga_golden.protocol import Opcode

from .conversation import Command, Conversation


class Rare(Conversation):
    """A conversation that is no random one, with a device after a reset. It has no faults.

    Whoever extends it says what comes before a session, `before`, and in one whose weights are 0, `said`.
    """

    def before(self) -> Iterator[bytes]:
        """Bytes, each with one delimiter at its end, that have sessions of their own."""
        raise NotImplementedError

    def said(self) -> Iterator[Command]:
        """Opcode and payload of every command."""
        raise NotImplementedError

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
