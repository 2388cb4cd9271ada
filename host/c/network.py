"""Writes a checkpoint as a C header: configuration, order of the features, registers and weights to begin with.

.venv/bin/python host/c/network.py runs/demo/checkpoint.npz build/network.h
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from ffpga import Checkpoint, FfpgaError, load_checkpoint
from ffpga.driver.weights import packed
from ffpga.files import write_whole
from ffpga_golden.protocol import fields_tag
from ffpga_golden.registers import registers

USAGE = "network.py takes a checkpoint and the header to write, such as runs/demo/checkpoint.npz build/network.h"


def _lines(values: Iterable[object], count: int = 20) -> list[str]:
    words = [f"{value}" for value in values]
    return [f"    {', '.join(words[at : at + count])}," for at in range(0, len(words), count)]


def header(held: Checkpoint) -> str:
    """The text of the header."""
    config = held.config
    options = config.black_box | config.recurrent << 1 | bool(config.fields) << 2 | config.few_bits << 3
    sizes = (config.features, config.classes, config.lanes, config.weight_bits, config.memory_ports, options)
    layers = ", ".join(map(str, config.layers))
    order = "#define network_order NULL"
    if held.order is not None:
        order = "\n".join([f"static const uint16_t network_order[{config.features}] = {{", *_lines(held.order), "};"])
    addresses = {register.name: register.address for register in registers(config)}
    written = sorted((addresses[name], int(value)) for name, value in held.registers.items())
    data = packed(config, held.weights)
    return "\n".join([
        f"/* {config}, after {held.epoch} epochs. Made by host/c/network.py; not to be edited. */",
        "#ifndef FFPGA_NETWORK_H",
        "#define FFPGA_NETWORK_H",
        "",
        '#include "ffpga.h"',
        "",
        f"enum {{ NETWORK_FEATURES = {config.features}, NETWORK_WEIGHTS = {config.weights} }};",
        "",
        "static const ffpga_config network_config = {",
        f"    {', '.join(map(str, sizes))}, {config.depth}, {{{layers}}}, {fields_tag(config.fields)}u",
        "};",
        order,
        "static const struct { uint8_t address; uint32_t value; } network_registers[] = {",
        *[f"    {{{address}, {value}u}}," for address, value in written],
        "};",
        f"static const uint8_t network_weights[{len(data)}] = {{",
        *_lines(data),
        "};",
        "",
        "#endif",
        "",
    ])  # fmt: skip


def main(arguments: list[str]) -> None:
    """Reads and writes; what a user can mend is one line and status 2."""
    try:
        if len(arguments) != 2:
            raise FfpgaError(USAGE)
        source, target = map(Path, arguments)
        held = load_checkpoint(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, header(held).encode())
    except FfpgaError as error:
        sys.exit(f"network.py: {error}")
    print(f"{held.config}: wrote {target}")


if __name__ == "__main__":
    main(sys.argv[1:])
