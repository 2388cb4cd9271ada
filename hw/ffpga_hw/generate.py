"""Verilog of the core: one self-contained file, and the configuration beside it."""

import re
from itertools import product
from pathlib import Path

from amaranth import Value
from amaranth.back import rtlil, verilog

from ffpga_golden import NetworkConfig

from .core import Core

#: The register whose first value makes a module's combinational processes run once at time 0.
TRIGGER = re.compile(r"^( *)reg (\\\$auto\$verilog_backend\S+) += *0;$", re.MULTILINE)
#: A combinational process that has none.
BARE = re.compile(r"^( *)always @\*\n( *\S.*;)$", re.MULTILINE)


def run_at_time_0(verilog: str) -> str:
    """yosys's Verilog with every combinational process run once at time 0, in every generation of the language.

    As a declaration's initial value the trigger works in Verilog but not in SystemVerilog, where such values come
    before time 0; processes of a single assignment have no trigger. What is constant would stay X or 0 in Icarus
    Verilog.
    """
    modules = re.split(r"(?<=^endmodule\n)", verilog, flags=re.MULTILINE)
    for at, module in enumerate(modules):
        found = TRIGGER.search(module)
        module = TRIGGER.sub(r"\1reg \2 ;\n\1initial \2 = 0;", module)
        if BARE.search(module):
            name = found[2] if found else r"\$time_0"
            if not found:
                declared = f");\n  reg {name} ;\n  initial {name} = 0;\n"
                module = module.replace(");\n", declared, 1)
            literal = name.replace("\\", r"\\")
            module = BARE.sub(rf"\1always @* begin\n\1  if ({literal} ) begin end\n\2\n\1end", module)
        modules[at] = module
    return "".join(modules)


def generate_verilog(config: NetworkConfig, platform: object = None) -> str:
    """The core as Verilog: module `ffpga` with ports clk, rst and the byte streams `i_*` and `o_*`; reproducible.

    Parameters
    ----------
    config : NetworkConfig
    platform : object, optional
        What it is for; its attribute `primitives` says what to build lanes and weight memory of.
    """
    core = Core(config=config)
    text = verilog.convert(core, platform=platform, name="ffpga", ports=_ports(core), emit_src=False)
    return run_at_time_0(text)


def generate_rtlil(config: NetworkConfig) -> str:
    """The same core as yosys's own text, before its Verilog is made of it; each cell has the line it comes from."""
    core = Core(config=config)
    return rtlil.convert(core, name="ffpga", ports=_ports(core))


def _ports(core: Core) -> dict[str, tuple[Value, None]]:
    names = product(("i", "o"), ("payload", "valid", "ready"))
    return {f"{stream}_{name}": (getattr(getattr(core, stream), name), None) for stream, name in names}


def generate(config: NetworkConfig, path: Path) -> tuple[Path, Path]:
    """Write the Verilog to `path` and the configuration to the same name with `.json`; returns both paths."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(generate_verilog(config))
    described = path.with_suffix(".json")
    described.write_text(config.to_json() + "\n")
    return path, described
