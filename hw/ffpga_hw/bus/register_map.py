"""The register map of a core behind AXI4-Lite: the one table that core, C header and documents are made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum

from ffpga_golden import COUNTERS, NetworkConfig, registers
from ffpga_golden.protocol import fields_tag

#: Bits of a byte address, and of the index of a 32-bit word.
ADDRESS_BITS = 8
INDEX_BITS = ADDRESS_BITS - 2
#: What IDENTITY says: "FFPG" as bytes in memory.
IDENTITY = int.from_bytes(b"FFPG", "little")
#: Version of the map.
MAP_VERSION = 2


class Access(Enum):
    """What may be done with a register."""

    READ = "r"
    WRITE = "w"
    BOTH = "rw"
    CLEAR = "r, 1 clears"  #: read; a write clears the bits that are 1 in it


class Operation(IntEnum):
    """What COMMAND starts."""

    TRAIN_PAIR = 0
    TRAIN_PHASE = 1
    INFER = 2
    ACTIVITIES = 3  #: cores without labels only


class Error(IntEnum):
    """Why an access or a command was refused; where the byte protocol has the same reason, it has the same number."""

    NONE = 0
    BAD_OPERATION = 4  #: the core has no such operation
    BAD_VALUE = 6  #: label, phase, layer, part, sample slot or weight address out of range
    NO_SAMPLE = 7  #: no sample was ever loaded
    BAD_SAMPLE = 16  #: the sample that the command took is out of range; the one before it is still there
    BUSY = 17  #: not while commands wait or run; COMMAND: one waits already; SAMPLE: there is no room yet
    BAD_ADDRESS = 18  #: there is no such register, or it cannot be read, or it cannot be written
    PARTIAL = 19  #: a write of less than 32 bits


@dataclass(frozen=True)
class Field:
    """Some bits of a register; those that no field names read as 0."""

    name: str
    low: int
    width: int
    doc: str


@dataclass(frozen=True)
class BusRegister:
    """One register of 32 bits."""

    name: str
    address: int
    access: Access
    fields: tuple[Field, ...]
    doc: str

    @property
    def index(self) -> int:
        """Its place among the words."""
        return self.address >> 2

    @property
    def readable(self) -> bool:
        """Whether a read is answered."""
        return self.access is not Access.WRITE

    @property
    def writable(self) -> bool:
        """Whether a write does something."""
        return self.access is not Access.READ


#: What each counter counts, in this core.
COUNTED = {
    "clocks": "clocks of training steps and inferences",
    "words_read": "weight words read by forward walks",
    "words_updated": "weight words written by updates",
    "pairs": "pairs trained",
    "phases": "single phases trained",
    "inferences": "inferences",
    "updates": "layer updates made",
    "updates_skipped": "layer updates skipped because c was 0",
    "link_errors": "accesses and commands that were refused",
}
#: First addresses of 16 registers each, of run time and counters.
RUN_TIME_AT, COUNTERS_AT = 0x40, 0x80
#: First address of the registers of run time that are behind the first 16; address of the tag of receptive fields.
FURTHER_AT, FIELDS_AT = 0xC0, 0xE8


def register_map(config: NetworkConfig) -> tuple[BusRegister, ...]:
    """All registers of a core, in the order of their addresses."""
    return tuple(sorted(_registers(config), key=lambda register: register.address))


def _registers(config: NetworkConfig) -> Iterator[BusRegister]:
    r, w, rw = Access.READ, Access.WRITE, Access.BOTH
    events = (Field("done", 0, 1, "a command has ended"), Field("error", 1, 1, "ERROR holds an error"))
    slots = 1 if config.classes else 2
    take = "take the next sample first" if config.classes else "take the next sample first, a bit a slot"

    def one(name: str, width: int, doc: str) -> tuple[Field, ...]:
        return (Field(name, 0, width, doc),)

    yield BusRegister("IDENTITY", 0x00, r, one("magic", 32, f"0x{IDENTITY:08x}: the bytes FFPG"), "what this is")
    yield BusRegister("VERSION", 0x04, r, one("map", 8, f"{MAP_VERSION}"), "version of this map")
    sizes = (Field("features", 0, 16, "inputs"), Field("classes", 16, 8, "labels"), Field("lanes", 24, 8, "lanes"))
    yield BusRegister("SIZES", 0x08, r, sizes, "sizes of the network")
    build = (
        Field("weight_bits", 0, 8, "8 or 16"),
        Field("memory_ports", 8, 8, "1 or 2"),
        Field("black_box", 16, 1, "there are tables"),
        Field("recurrent", 17, 1, "each layer also sees the one above"),
        Field("fields", 18, 1, "layers have receptive fields: see FIELDS"),
        Field("few_bits", 19, 1, "samples begin with a header, and may come in few bits"),
        Field("depth", 24, 8, "layers"),
    )
    yield BusRegister("BUILD", 0x0C, r, build, "how the core was built")
    for half in range(2):
        widths = tuple(Field(f"width{2 * half + n}", 16 * n, 16, "neurons; 0: no such layer") for n in range(2))
        yield BusRegister(f"WIDTHS{half}", 0x10 + 4 * half, r, widths, "widths of the layers")
    status = (
        Field(
            "running",
            0,
            1,
            "a command runs" + ("; or tables are made ready, after a reset" if config.black_box else ""),
        ),
        Field("waiting", 1, 1, "a command waits: for the running one, its sample, or room for its answer"),
        Field("answer", 2, 1, "there are bytes of answers"),
        Field("error", 3, 1, "ERROR holds an error"),
        Field("sample_room", 4, 1, "SAMPLE may be written"),
        Field("samples", 8, slots, "a whole sample waits to be taken" + ("" if config.classes else ", a bit a slot")),
    )
    yield BusRegister("STATUS", 0x18, r, status, "what goes on")
    yield BusRegister("ERROR", 0x1C, rw, one("code", 8, "see Error"), "the first error; any write clears it")
    control = (
        Field("cancel", 0, 1, "write 1: the command that waits is given up; reads as 0"),
        Field("discard", 1, 1, "write 1: samples that wait, or are half there, are given up; reads as 0"),
        Field("answers", 2, 1, "1: ANSWER gives the answers, not m_axis; changes only while no answer is under way"),
    )
    yield BusRegister("CONTROL", 0x20, rw, control, "recovery; who takes the answers")
    command = (
        Field("operation", 0, 8, "see Operation"),
        Field("label", 8, 8, "label of the sample; activities: the layer"),
        Field(
            "negative", 16, 8, "pair: the host's negative label; phase: 1 for the negative one; activities: the part"
        ),
        Field("take", 24, slots, take),
    )
    yield BusRegister("COMMAND", 0x24, w, command, "starts a command, or lets it wait for the one that runs")
    yield BusRegister("IRQ_ENABLE", 0x28, rw, events, "events that make an interrupt")
    yield BusRegister(
        "IRQ_PENDING", 0x2C, Access.CLEAR, events, "events that have come; irq is high while an enabled one is 1"
    )
    place = (Field("word", 0, 16, "word of the weight memory"), Field("lane", 16, 8, "lane"))
    yield BusRegister("WEIGHT_ADDRESS", 0x30, rw, place, "the weight at hand; any after a reset")
    value = one("value", config.weight_bits, "signed; reads with its sign in all higher bits")
    yield BusRegister("WEIGHT", 0x34, rw, value, "that weight; then the next lane's or word's is at hand")
    if config.black_box:
        place = (Field("input", 0, 8, "activity that is looked up"), Field("layer", 8, 8, "layer whose table it is"))
        yield BusRegister("TABLE_ADDRESS", 0x38, rw, place, "the table's byte at hand")
        value = one("value", 8, "activity that it becomes")
        yield BusRegister("TABLE", 0x3C, rw, value, "that byte; then the next input's or layer's is at hand")
    if config.fields:
        tag = one("tag", 32, f"0x{fields_tag(config.fields):08x}: as `ffpga_golden.protocol.fields_tag` makes it")
        yield BusRegister("FIELDS", FIELDS_AT, r, tag, "by which receptive fields are known")
    for register in registers(config):
        field = one("value", register.width, f"{register.low} to {register.high}")
        block, number = (RUN_TIME_AT, FURTHER_AT)[register.address // 16], register.address % 16
        yield BusRegister(register.name.upper(), block + 4 * number, rw, field, register.doc)
    for number, name in enumerate(COUNTERS):
        field = one("count", 32, "modulo 2^32")
        yield BusRegister(f"COUNT_{name.upper()}", COUNTERS_AT + 4 * number, r, field, COUNTED[name])
    beat = (
        Field("gap", 0, 8, "as in s_axis_tdata"),
        Field("value", 8, 8, "as there"),
        Field("last", 16, 1, "s_axis_tlast"),
    )
    yield BusRegister("SAMPLE", 0xE0, w, beat, "a beat of a sample, where nothing drives s_axis")
    byte = (
        Field("byte", 0, 8, "the next byte of an answer"),
        Field("last", 8, 1, "it is the answer's last one"),
        Field("valid", 9, 1, "there was one"),
    )
    yield BusRegister("ANSWER", 0xE4, r, byte, "takes a byte of an answer; needs CONTROL.answers")
