"""What programs and circuits around the core must know: sizes, registers, fields and values, from the one table."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from ffpga_golden import NetworkConfig
from ffpga_golden.registers import NegativePolicy, Objective, Polarity, Rounding

from ..bus.register_map import IDENTITY, MAP_VERSION, Error, Operation, register_map

#: Enumerations, and what the names of their values begin with.
ENUMERATIONS: dict[str, type[IntEnum]] = {
    "OPERATION": Operation,
    "ERROR": Error,
    "OBJECTIVE": Objective,
    "POLARITY": Polarity,
    "NEGATIVE": NegativePolicy,
    "ROUNDING": Rounding,
}


@dataclass(frozen=True)
class Constant:
    """A name and its value, with what it is."""

    name: str
    value: int
    doc: str = ""


def constants(config: NetworkConfig) -> Iterator[tuple[str, list[Constant]]]:
    """Sections, each of a title and constants; all names begin with FFPGA.

    A field's `MASK` is that of its bits in place, its `SHIFT` the place of the lowest one.
    """
    sizes = {
        "FEATURES": config.features,
        "CLASSES": config.classes,
        "DEPTH": config.depth,
        **{f"WIDTH{n}": width for n, width in enumerate(config.layers)},
        "LANES": config.lanes,
        "WEIGHT_BITS": config.weight_bits,
        "WORDS": config.words,
        "WEIGHTS": config.weights,
    }
    yield "sizes of the network", [Constant(f"FFPGA_{name}", value) for name, value in sizes.items()]
    values = [Constant("FFPGA_IDENTITY_VALUE", IDENTITY), Constant("FFPGA_VERSION_VALUE", MAP_VERSION)]
    yield "what the core says of itself", values
    for register in register_map(config):
        name = f"FFPGA_{register.name}"
        found = [Constant(f"{name}_OFFSET", register.address)]
        for field in register.fields:
            mask = (1 << field.width) - 1 << field.low
            found.append(Constant(f"{name}_{field.name.upper()}_SHIFT", field.low, field.doc))
            found.append(Constant(f"{name}_{field.name.upper()}_MASK", mask))
        yield f"{register.doc} ({register.access.value})", found
    for prefix, enumeration in ENUMERATIONS.items():
        members = [Constant(f"FFPGA_{prefix}_{value.name}", value.value) for value in enumeration]
        yield f"{enumeration.__name__}", members
