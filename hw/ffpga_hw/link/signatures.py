"""What flows between the link's blocks, beside streams and the ports of the memories in `slots.py`.

Directions are those of the block that comes first in each one's description.
"""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import Status

from ..engine.signatures.port import sample_slots
from .slots import RING_BITS


class Frames(wiring.Signature):
    """Intake to executor: frames that were accepted, in the order of their numbers."""

    def __init__(self) -> None:
        super().__init__(
            {
                "pending": Out(1),  #: there is one, until it is executed
                "number": Out(8),  #: its sequence number
                "executed": In(1),  #: it was executed and its answer is stored (pulse)
                #: IDENTIFY is executed: the session's bytes, the first one first.
                "session_load": In(1),
                "session_byte": In(8),
            }
        )


class SampleBytes(wiring.Signature):
    """Intake to samples: bytes after the opcode of LOAD_SAMPLE or LOAD_BITS, and the fate of their frame.

    Parameters
    ----------
    few_bits : bool
        Whether there is LOAD_BITS.
    """

    def __init__(self, *, few_bits: bool) -> None:
        few = {"few": Out(1)}  #: the frame's sample is in few bits: neither gaps nor values
        super().__init__(
            {
                **(few if few_bits else {}),
                "valid": Out(1),  #: a byte, none but a first one while `stall`; at most one every third clock
                "byte": Out(8),
                "zero": Out(1),  #: the byte is 0
                "first": Out(1),  #: it is the first one, with the slot; else:
                "gap": Out(1),  #: it is a gap, not a value
                "accept": Out(1),  #: the frame was accepted: the bank belongs to a command that is to be executed
                "stall": In(1),  #: a sample waits for its commit, or nothing may be written yet
                "bad": In(1),  #: it is out of range; valid a clock after the last byte
            }
        )


class LoadedSamples(wiring.Signature):
    """Executor to samples: LOAD_SAMPLE or LOAD_BITS takes effect.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "commit": Out(1),  #: the sample that came last counts (pulse)
                "valid": In(sample_slots(config)),  #: per slot: a sample was ever loaded
            }
        )


class Answers(wiring.Signature):
    """Executor to sender: answers that are in the ring."""

    def __init__(self) -> None:
        super().__init__(
            {
                "number": Out(8),  #: of the next one
                "last": Out(RING_BITS),  #: place of the last byte of the last one; changes with `number`
                #: The longest answer may be written: no byte in its place waits or is being copied. A clock late.
                "room": In(1),
            }
        )


class Repeats(wiring.Signature):
    """Intake to sender: the answer of a frame that was executed goes out again."""

    def __init__(self) -> None:
        super().__init__(
            {
                "send": Out(1),  #: stays until it is `taken`, and so does `number`
                "number": Out(8),
                "taken": In(1),
            }
        )


class Refusals(wiring.Signature):
    """Intake to sender: answers to frames that are not executed."""

    def __init__(self) -> None:
        super().__init__(
            {
                "send": Out(1),  #: [`sequence`, `status`] (pulse), not while `hold`
                "sequence": Out(8),  #: stays while `pending`
                "status": Out(Status),
                "hold": In(1),  #: does not last
                "pending": In(1),  #: the last one is not yet copied
            }
        )
