"""What flows between the bus's blocks.

Directions are those of the block that comes first in each one's description.
"""

from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig

from ..engine.signatures.port import sample_slots
from .register_map import INDEX_BITS, Error


class Access(wiring.Signature):
    """Lite to window: an access to a register."""

    def __init__(self) -> None:
        super().__init__(
            {
                "request": Out(1),  #: an access is at hand, with all that follows, until it is done
                "write": Out(1),
                "index": Out(INDEX_BITS),  #: of a word
                "data": Out(32),
                "partial": Out(1),  #: not all bytes are to be written
                "done": In(1),  #: the access has ended (pulse),
                "error": In(1),  #: with an error,
                "value": In(32),  #: with what is read
            }
        )


class Command(data.Struct):
    """A command, as the engine takes it."""

    operation: 2
    label: 8
    negative: 8


class Commands(wiring.Signature):
    """Window to dispatcher: commands, and what has become of them.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "put": Out(1),  #: a command whose values are good (pulse), while none waits
                "given": Out(Command),
                "take": Out(sample_slots(config)),  #: samples that it takes, a bit a slot
                "cancel": Out(1),  #: give up the one that waits (pulse)
                "pending": In(1),  #: one waits
                "running": In(1),  #: one has begun, and has not ended
                "quiet": In(1),  #: neither
                "finished": In(1),  #: pulse
                "failed": In(1),  #: a command failed, until `heard`
                "why": In(Error),
                "heard": Out(1),
            }
        )


class SampleRegister(wiring.Signature):
    """Window to loader: samples by the register SAMPLE, and what the register STATUS says of samples.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "beat": Out(1),  #: a beat (pulse), only where there is room for one
                "data": Out(17),  #: {tdata, tlast}
                "room": In(1),
                "waiting": In(sample_slots(config)),  #: per slot: a whole sample waits
                "discard": Out(1),  #: give up what waits or is half there (pulse)
            }
        )


class WaitingSamples(wiring.Signature):
    """Dispatcher to loader: samples that commands take, a bit a slot.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        slots = sample_slots(config)
        super().__init__(
            {
                "waiting": In(slots),  #: a whole sample waits
                "bad": In(slots),  #: it is out of range
                "commit": Out(slots),  #: take it (pulse)
                "valid": In(slots),  #: a sample was ever taken
            }
        )


class AnswerRegister(wiring.Signature):
    """Window to answers: bytes by the register ANSWER."""

    def __init__(self) -> None:
        super().__init__(
            {
                "chosen": Out(1),  #: nothing on the stream, but a byte here
                "some": In(1),  #: there are bytes
                "byte": In(9),  #: {byte, last}
                "pop": Out(1),  #: takes it (pulse)
            }
        )
