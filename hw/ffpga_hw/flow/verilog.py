"""Verilog of the core, and of the core on a board: text, the same at every run."""

import re
from itertools import product
from types import SimpleNamespace
from typing import Any

from amaranth import ClockDomain, ClockSignal, Elaboratable, Module, ResetSignal, Signal, Value
from amaranth.back import rtlil, verilog
from amaranth.back.verilog import YosysError
from amaranth.lib import wiring

from ffpga_golden import NetworkConfig

from ..boards.board import Board
from ..boards.top import Top
from ..bus.axi import flat_ports
from ..bus_core import BusCore
from ..core import Core
from . import naming  # noqa: F401, for its effect on names
from .environment import surroundings
from .tools import ToolFailure, last_words

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
    ports : dict of Value
        `aclk`, `aresetn` (low: reset, synchronous), and the core's.
    """

    def __init__(self, *, core: BusCore) -> None:
        self._core = core
        self._clock, self._reset = Signal(name="aclk"), Signal(name="aresetn")
        self.ports: dict[str, Value] = {"aclk": self._clock, "aresetn": self._reset, **flat_ports(core)}

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
    return _convert(top, platform=platform, name=name, ports=ports)


def generate_rtlil(config: NetworkConfig) -> str:
    """The same core as yosys's own text, before its Verilog is made of it; each cell has the line it comes from."""
    core = Core(config=config)
    return rtlil.convert(core, name="ffpga", ports=_ports(core))


def _ports(core: Core) -> dict[str, tuple[Value, None]]:
    names = product(("i", "o"), ("payload", "valid", "ready"))
    return {f"{stream}_{name}": (getattr(getattr(core, stream), name), None) for stream, name in names}


def generate_top(board: Board, config: NetworkConfig) -> str:
    """A board's design as Verilog: module `top`, whose ports are the board's pins; reproducible."""
    return top_verilog(board, Core(config=config))


def top_verilog(board: Board, core: wiring.Component) -> str:
    """A board's design around any core, as Verilog: module `top`; see `Top`."""
    top = Top(board=board, core=core)
    platform = SimpleNamespace(primitives=board.primitives)
    ports = {name: (signal, None) for name, signal in top.ports.items()}
    return _convert(top, platform=platform, name="top", ports=ports)


def _convert(top: Elaboratable, **options: Any) -> str:
    """The Verilog that Amaranth's yosys writes; ToolFailure where that does not run."""
    try:
        with surroundings():
            text = verilog.convert(top, emit_src=False, **options)
    except (YosysError, OSError) as error:
        raise ToolFailure(f"yosys, which writes the Verilog, failed: {last_words(str(error))}") from None
    return run_at_time_0(text)
