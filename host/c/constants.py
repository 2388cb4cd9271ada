"""Writes `ffpga_constants.h`: what the C driver shares with core and Python, from the golden model's tables.

.venv/bin/python host/c/constants.py
"""

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path

from ffpga_golden.config import MAX_LAYERS, NetworkConfig
from ffpga_golden.protocol import HELD, PART, PAYLOAD_MAX, VERSION, Opcode, Status
from ffpga_golden.registers import (
    CONTENDERS,
    COUNTERS,
    NegativePolicy,
    Objective,
    Polarity,
    Rounding,
    registers,
)

HEADER = Path(__file__).parent / "ffpga_constants.h"


def _block(title: str, named: Iterable[tuple[str, int]]) -> list[str]:
    lines = [f"    {name} = {value}," for name, value in named]
    lines[-1] = lines[-1].rstrip(",")
    return [f"/* {title} */", "enum {", *lines, "};", ""]


def _members(prefix: str, kind: type[IntEnum]) -> list[tuple[str, int]]:
    return [(f"FFPGA_{prefix}{member.name}", int(member)) for member in kind]


def _registers() -> list[tuple[str, int]]:
    """Names and addresses; those of layers once, without the layer's number."""
    recurrent = registers(NetworkConfig(features=1, classes=2, layers=(1, 1), lanes=1, recurrent=True))
    found = {"contenders": CONTENDERS} | {one.name.removesuffix("0"): one.address for one in recurrent}
    named = {name: address for name, address in found.items() if not name.endswith("1")}
    return [(f"FFPGA_REG_{name.upper()}", at) for name, at in sorted(named.items(), key=lambda one: one[1])]


def header() -> str:
    """The text of the header."""
    sizes = {"PROTOCOL": VERSION, "WINDOW": HELD, "PAYLOAD_MAX": PAYLOAD_MAX, "PART": PART, "LAYERS": MAX_LAYERS}
    counters = [*(f"FFPGA_COUNTER_{name.upper()}" for name in COUNTERS), "FFPGA_COUNTERS"]
    options = [("FFPGA_OPTION_BLACK_BOX", 1), ("FFPGA_OPTION_RECURRENT", 2), ("FFPGA_OPTION_FIELDS", 4)]
    options.append(("FFPGA_OPTION_FEW_BITS", 8))
    values = (
        ("OBJECTIVE_", Objective),
        ("POLARITY_", Polarity),
        ("NEGATIVES_", NegativePolicy),
        ("ROUNDING_", Rounding),
    )
    lines = [
        "/* Made by host/c/constants.py from the golden model's tables; not to be edited. */",
        "#ifndef FFPGA_CONSTANTS_H",
        "#define FFPGA_CONSTANTS_H",
        "",
        *_block("Version of the protocol, and its sizes", ((f"FFPGA_{name}", value) for name, value in sizes.items())),
        *_block("Commands", _members("OP_", Opcode)),
        *_block("First byte of an answer after the sequence number", _members("STATUS_", Status)),
        *_block("Bits of a configuration's options", options),
        *_block("Addresses of registers; of a temperature or threshold that of layer 0", _registers()),
        *_block("Values of registers", (one for prefix, kind in values for one in _members(prefix, kind))),
        *_block("Places of counters, and how many there are", zip(counters, range(len(counters)), strict=True)),
        "#endif",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    HEADER.write_text(header())
    print(f"wrote {HEADER}")
