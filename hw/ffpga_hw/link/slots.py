"""The memories of payloads and of answers.

Payloads have 64 words a frame, frame s in slot s mod HELD; addresses are {offset, slot}. Answers follow each other
around a ring of bytes: sequence number, `Answer`, payload, and the complement of their number of bytes, by which one
goes back from an answer to the one before.
"""

from amaranth.lib import data, memory

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import ANSWER_OVERHEAD, HELD, KEPT, PAYLOAD_MAX, VERSION, pack_config

#: Place in a payload slot of the frame's `length` and `bad`; the opcode is at 0, the payload from 1 on.
HEADER_AT = 63
#: Bytes after the sequence number of a frame without payload.
OVERHEAD = 5
#: Place in a payload slot at which the executor reads the first of the constants behind IDENTIFY's session.
IDENTITY_AT = 5
#: Place of an answer's sequence number, beside its payload from 0 on; its `Answer` is at 63.
NUMBER_AT = 62
#: Bits of a place in the ring of answers.
RING_BITS = 9
#: Bytes of the ring that are free before an answer is begun, and that those who go back in it keep away from.
RESERVE = 64
assert PAYLOAD_MAX + ANSWER_OVERHEAD < RESERVE and KEPT == (1 << RING_BITS) - RESERVE - 1
#: Attribute of a memory where no word matters that is read while it is written: saves what would make it the old one.
UNCHECKED = {"no_rw_check": 1}


class Header(data.Struct):
    """What is known of a frame that was accepted."""

    length: 7  #: bytes after the sequence number; 64 and more: too many, yet odd or even as they are
    bad: 1  #: the sample is out of range


class Word(data.Struct):
    """A word of the payload memory."""

    byte: 8  #: opcode, payload, CRC
    header: 8  #: at HEADER_AT: see `Header`; elsewhere a constant, for the executor's use


class Answer(data.Struct):
    """What is known of an answer."""

    value: 6  #: bytes in the ring, where the status is OK; else the status, and there is no payload
    refused: 2  #: 0, or 2: the status is not OK


#: Ports of the payload memory; a word's two bytes are written each for itself. Data come a clock after their address.
PAYLOAD_WRITE = memory.WritePort.Signature(addr_width=8, shape=16, granularity=8)
PAYLOAD_READ = memory.ReadPort.Signature(addr_width=8, shape=Word)
#: Ports of the answer memory.
ANSWER_WRITE = memory.WritePort.Signature(addr_width=RING_BITS, shape=8)
ANSWER_READ = memory.ReadPort.Signature(addr_width=RING_BITS, shape=8)


def identity(config: NetworkConfig) -> list[int]:
    """What IDENTIFY answers after the session: version and configuration."""
    return [VERSION, *pack_config(config)]


def payload_memory(config: NetworkConfig) -> memory.Memory:
    """The payload memory. The high bytes before the header are never written: they hold what IDENTIFY answers."""
    constants = [0] * IDENTITY_AT + identity(config)
    constants = [byte << 8 for byte in constants + [0] * (64 - len(constants))] * HELD
    return memory.Memory(shape=16, depth=64 * HELD, init=constants, attrs=UNCHECKED)


def answer_memory() -> memory.Memory:
    """The ring of answers."""
    return memory.Memory(shape=8, depth=1 << RING_BITS, init=[], attrs=UNCHECKED)
