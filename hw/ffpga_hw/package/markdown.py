"""The register map as Markdown."""

from ffpga_golden import NetworkConfig

from ..bus.register_map import Error, Field, Operation, register_map

#: What each error says.
ERRORS = {
    Error.NONE: "nothing",
    Error.BAD_OPERATION: "the core has no such operation",
    Error.BAD_VALUE: "a label, phase, layer, part, sample's slot or weight that there is not",
    Error.NO_SAMPLE: "no sample was ever taken",
    Error.BAD_SAMPLE: "the sample that the command took is out of range; the one before it is still there",
    Error.BUSY: "not while commands wait or run; COMMAND: one waits already; SAMPLE: there is no room yet; CONTROL, "
    "ANSWER: who takes the answers",
    Error.BAD_ADDRESS: "there is no such register, or it cannot be read, or it cannot be written",
    Error.PARTIAL: "a write of less than 32 bits",
}


def markdown(config: NetworkConfig) -> str:
    """The map as one page."""
    lines = [
        "# Registers of a core behind AXI4-Lite",
        "",
        f"Made by `ffpga generate --bus axi`; not to be edited. This is the map of: {config}.",
        "",
        "All registers have 32 bits; bits that are not named read as 0. What is refused answers SLVERR and changes",
        "nothing but ERROR, IRQ_PENDING and COUNT_LINK_ERRORS.",
        "",
        "| offset | register | access | bits | field | |",
        "|---|---|---|---|---|---|",
    ]
    for register in register_map(config):
        offset, name, access = f"0x{register.address:02x}", f"`{register.name}`", register.access.value
        lines.append(f"| {offset} | {name} | {access} | | | {register.doc} |")
        lines += [f"| | | | {_bits(field)} | `{field.name}` | {field.doc} |" for field in register.fields]
    lines += ["", "| COMMAND.operation | |", "|---|---|"]
    lines += [f"| {operation.value} | {operation.name} |" for operation in Operation]
    lines += ["", "| ERROR.code | | |", "|---|---|---|"]
    lines += [f"| {error.value} | {error.name} | {ERRORS[error]} |" for error in Error]
    return "\n".join([*lines, ""])


def _bits(field: Field) -> str:
    return str(field.low) if field.width == 1 else f"{field.low + field.width - 1}:{field.low}"
