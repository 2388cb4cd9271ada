"""Verilog of the core: one self-contained file, and the configuration beside it."""

import re
from pathlib import Path

from amaranth.back import verilog

from ffpga_golden import NetworkConfig

from .core import Core

#: What makes combinational processes run once at time 0. As a declaration's initial value it does so in Verilog, but
#: not in SystemVerilog, where such values come before time 0: constants would stay 0 in Icarus Verilog.
TRIGGER = re.compile(r"^( *)reg (\\\$auto\$verilog_backend\S+) += *0;$", re.MULTILINE)


def generate_verilog(config: NetworkConfig, platform: object = None) -> str:
    """The core as Verilog: module `ffpga` with ports clk, rst and the byte streams `i_*` and `o_*`; reproducible.

    Parameters
    ----------
    config : NetworkConfig
    platform : object, optional
        What it is for; its attribute `primitives` says what to build lanes and weight memory of.
    """
    core = Core(config=config)
    ports = {
        f"{stream}_{name}": getattr(getattr(core, stream), name)
        for stream in ("i", "o")
        for name in ("payload", "valid", "ready")
    }
    text = verilog.convert(
        core,
        platform=platform,
        name="ffpga",
        ports={name: (port, None) for name, port in ports.items()},
        emit_src=False,
    )
    return TRIGGER.sub(r"\1reg \2 ;\n\1initial \2 = 0;", text)


def generate(config: NetworkConfig, path: Path) -> tuple[Path, Path]:
    """Write the Verilog to `path` and the configuration to the same name with `.json`; returns both paths."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(generate_verilog(config))
    described = path.with_suffix(".json")
    described.write_text(config.to_json() + "\n")
    return path, described
