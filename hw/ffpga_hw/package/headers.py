"""The register map for programs in C or C++, and for circuits in Verilog."""

from ffpga_golden import NetworkConfig

from .constants import constants

MADE = "Made by `ffpga generate --bus axi`; not to be edited."


def c_header(config: NetworkConfig) -> str:
    """`#define` of every constant, unsigned; offsets are in bytes."""
    lines = [f"/* An ffpga core: {config}.", f" * {MADE} */", "#ifndef FFPGA_REGISTERS_H", "#define FFPGA_REGISTERS_H"]
    for title, section in constants(config):
        lines += ["", f"/* {title} */"]
        for constant in section:
            doc = f" /* {constant.doc} */" if constant.doc else ""
            lines.append(f"#define {constant.name} 0x{constant.value:x}u{doc}")
    return "\n".join([*lines, "", "#endif", ""])


def verilog_header(config: NetworkConfig) -> str:
    """`` `define `` of every constant, as numbers of 32 bits; offsets are in bytes."""
    lines = [f"// An ffpga core: {config}.", f"// {MADE}", "`ifndef FFPGA_REGISTERS_VH", "`define FFPGA_REGISTERS_VH"]
    for title, section in constants(config):
        lines += ["", f"// {title}"]
        lines += [f"`define {constant.name} 32'h{constant.value:08x}" for constant in section]
    return "\n".join([*lines, "", "`endif", ""])
