"""Files of the core: its Verilog, and what describes it beside it."""

import re
from collections.abc import Callable
from pathlib import Path

from ffpga_golden import NetworkConfig

from ..package.fusesoc import core_file
from ..package.headers import c_header, verilog_header
from ..package.litex import litex_module, module_name
from ..package.markdown import markdown
from .verilog import generate_verilog

#: What may stand between the engine and the world: the link's byte streams, or AXI4-Stream and AXI4-Lite.
BUSES = ("bytes", "axi")

#: Names of the Verilog that every tool reads: FuseSoC takes words of these apart, and at one space only.
NAME = re.compile(r"[A-Za-z0-9_.+=,~-]+( [A-Za-z0-9_.+=,~-]+)*")


def places(path: Path, bus: str = "bytes") -> dict[str, Path]:
    """Where `generate` writes what; ValueError where the Verilog's name or the bus is none."""
    if bus not in BUSES:
        raise ValueError(f"bus must be one of {', '.join(BUSES)}, not {bus!r}")
    path = Path(path)
    if not NAME.fullmatch(path.name):
        raise ValueError(
            f"out must have a name of letters a to z, digits and any of _ . + = , ~ -, not {path.name!r}: FuseSoC "
            "reads no other"
        )
    endings = {"configuration": ".json", "core": ".core"}
    if bus == "axi":
        endings |= {"header": "_registers.h", "verilog_header": "_registers.vh", "registers": "_registers.md"}
    found = {"verilog": path, **{kind: path.with_name(path.stem + ending) for kind, ending in endings.items()}}
    for kind, place in found.items():
        if kind != "verilog" and place == path:
            raise ValueError(f"out must not end in {path.suffix}, which is what the {kind} beside it ends in: take .v")
    return {**found, "litex": path.with_name(f"{module_name(path.stem)}.py")}


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def generate(
    config: NetworkConfig, path: Path, bus: str = "bytes", *, write: Callable[[Path, bytes], None] = _write
) -> dict[str, Path]:
    """Write the core and what describes it, in one folder.

    Parameters
    ----------
    config : NetworkConfig
    path : Path
        Of the Verilog. The others have the same name with another ending.
    bus : str
        "bytes" or "axi".
    write : callable
        Writes a file, and makes its folder.

    Returns
    -------
    dict of Path
        `verilog`; `configuration`, JSON; `core`, a FuseSoC core file; `litex`, a LiteX module; with the bus "axi" also
        `header` and `verilog_header`, and `registers`, the map in Markdown.

    Raises
    ------
    ValueError
        See `places`.
    ToolFailure
        The yosys that writes the Verilog does not run.
    """
    found = places(path, bus)
    verilog, include = found["verilog"].name, found.get("verilog_header")
    texts = {
        "verilog": generate_verilog(config, bus=bus),
        "configuration": config.to_json() + "\n",
        "core": core_file(config, bus, verilog, None if include is None else include.name),
        "litex": litex_module(config, bus, verilog),
    }
    if bus == "axi":
        texts |= {"header": c_header(config), "verilog_header": verilog_header(config), "registers": markdown(config)}
    for kind, text in texts.items():
        write(found[kind], text.encode())
    return {kind: found[kind] for kind in texts}
