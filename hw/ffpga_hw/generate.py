"""Verilog of the core: one self-contained file, and what describes it beside it."""

import re
from itertools import product
from pathlib import Path

from amaranth import ClockDomain, ClockSignal, Elaboratable, Module, ResetSignal, Signal, Value
from amaranth.back import rtlil, verilog

from ffpga_golden import NetworkConfig

from .bus.ports import BUS_PORTS
from .bus_core import BusCore
from .core import Core
from .package.fusesoc import core_file
from .package.headers import c_header, verilog_header
from .package.litex import litex_module
from .package.markdown import markdown

#: What may stand between the engine and the world: the link's byte streams, or AXI4-Stream and AXI4-Lite.
BUSES = ("bytes", "axi")

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


class Clocked(Elaboratable):
    """A core in a system: its clock and reset under the names that AXI gives them.

    Parameters
    ----------
    core : BusCore

    Attributes
    ----------
    ports : dict of Signal
        `aclk`, `aresetn` (low: reset, synchronous), and the core's.
    """

    def __init__(self, *, core: BusCore) -> None:
        self._core = core
        self._clock, self._reset = Signal(name="aclk"), Signal(name="aresetn")
        self.ports = {"aclk": self._clock, "aresetn": self._reset}
        self.ports |= {name: getattr(core, name) for name in BUS_PORTS}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.domains.sync = ClockDomain()
        m.submodules.core = self._core
        m.d.comb += [ClockSignal().eq(self._clock), ResetSignal().eq(~self._reset)]
        return m


def generate_verilog(config: NetworkConfig, platform: object = None, bus: str = "bytes", *, name: str = "ffpga") -> str:
    """The core as Verilog; reproducible.

    Its ports are clk, rst and the byte streams `i_*` and `o_*`, or with the bus "axi" those of `Clocked`.

    Parameters
    ----------
    config : NetworkConfig
    platform : object, optional
        What it is for; its attribute `primitives` says what to build lanes and weight memory of.
    bus : str
        "bytes" or "axi".
    name : str
        Of the module.
    """
    if bus == "axi":
        top: Elaboratable = (clocked := Clocked(core=BusCore(config=config)))
        ports = {port: (signal, None) for port, signal in clocked.ports.items()}
    else:
        top = core = Core(config=config)
        ports = _ports(core)
    return run_at_time_0(verilog.convert(top, platform=platform, name=name, ports=ports, emit_src=False))


def generate_rtlil(config: NetworkConfig) -> str:
    """The same core as yosys's own text, before its Verilog is made of it; each cell has the line it comes from."""
    core = Core(config=config)
    return rtlil.convert(core, name="ffpga", ports=_ports(core))


def _ports(core: Core) -> dict[str, tuple[Value, None]]:
    names = product(("i", "o"), ("payload", "valid", "ready"))
    return {f"{stream}_{name}": (getattr(getattr(core, stream), name), None) for stream, name in names}


def generate(config: NetworkConfig, path: Path, bus: str = "bytes") -> dict[str, Path]:
    """Write the core and what describes it, in one folder.

    Parameters
    ----------
    config : NetworkConfig
    path : Path
        Of the Verilog. The others have the same name with another ending.
    bus : str
        "bytes" or "axi".

    Returns
    -------
    dict of Path
        `verilog`; `configuration`, JSON; `core`, a FuseSoC core file; `litex`, a LiteX module; with the bus "axi" also
        `header` and `verilog_header`, and `registers`, the map in Markdown.
    """
    if bus not in BUSES:
        raise ValueError(f"bus must be one of {', '.join(BUSES)}, not {bus!r}")
    path = Path(path)

    def beside(ending: str) -> Path:
        return path.with_name(path.stem + ending)

    headers = {
        "header": (beside("_registers.h"), c_header(config)),
        "verilog_header": (beside("_registers.vh"), verilog_header(config)),
        "registers": (beside("_registers.md"), markdown(config)),
    }
    headers = headers if bus == "axi" else {}
    include = headers["verilog_header"][0].name if headers else None
    texts = {
        "verilog": (path, generate_verilog(config, bus=bus)),
        "configuration": (beside(".json"), config.to_json() + "\n"),
        "core": (beside(".core"), core_file(config, bus, path.name, include)),
        "litex": (beside("_litex.py"), litex_module(config, bus, path.name)),
        **headers,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    for place, text in texts.values():
        place.write_text(text)
    return {kind: place for kind, (place, _) in texts.items()}
