"""A LiteX module around the generated Verilog, as Python text: what LiteX is needed for happens at its user's."""

import re

from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig

from ..bus.axi import FLAT
from ..bus.register_map import ADDRESS_BITS

#: A stream's signals at an Endpoint, by the last letters of the port.
STREAM = {"data": "data", "payload": "data", "valid": "valid", "ready": "ready", "last": "last"}

HEAD = '''"""LiteX module of the core in {verilog}: {config}.

Made by `ffpga generate`; not to be edited.
"""

from pathlib import Path

from litex.gen import LiteXModule
from litex.soc.interconnect import {imports}
from migen import ClockSignal, Instance, ResetSignal{more}


class FFPGA(LiteXModule):
    """{doc}

    Parameters
    ----------
    platform : Platform, optional
        To which the Verilog beside this file is added.
    clock_domain : str
    """

    def __init__(self, platform=None, clock_domain="sys"):
        self.sink = sink = stream.Endpoint([("data", {width})])  # {sink}
        self.source = source = stream.Endpoint([("data", 8)])  # {source}
{attributes}        self.specials += Instance(
            "ffpga",
{ports}
        )
        if platform is not None:
            platform.add_source(str(Path(__file__).with_name("{verilog}")))
'''
BYTES = {
    "imports": "stream",
    "more": "",
    "doc": "A network that learns, behind the byte protocol: `sink` takes a host's frames, `source` gives answers.",
    "width": 8,
    "sink": "bytes of frames; `last` does not matter",
    "source": "bytes of answers; no `last`",
    "attributes": "",
}
AXI = {
    "imports": "axi, stream\nfrom litex.soc.interconnect.csr_eventmanager import EventManager, EventSourceLevel",
    "more": ", Signal",
    "doc": "A network that learns: registers on `bus`, samples into `sink`, answers from `source`, interrupts by `ev`.",
    "width": 16,
    "sink": "beats {gap, value}, the gap lowest; `last` ends a sample",
    "source": "bytes; `last` ends an answer",
    "attributes": f"""        self.bus = bus = axi.AXILiteInterface(
            data_width=32, address_width=32, clock_domain=clock_domain
        )  # a region of {1 << ADDRESS_BITS} bytes
        self.irq = Signal()
        self.ev = EventManager()
        self.ev.event = EventSourceLevel()
        self.ev.finalize()
        self.comb += self.ev.event.trigger.eq(self.irq)
""",
}


def module_name(verilog: str) -> str:
    """Name of a Python module for a Verilog file's name without its ending: `_` for what none can have in it."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", verilog)
    return f"{'_' if name[0].isdigit() else ''}{name}_litex"


def litex_module(config: NetworkConfig, bus: str, verilog: str) -> str:
    """Text of a module whose class `FFPGA` instantiates the core.

    Parameters
    ----------
    config : NetworkConfig
    bus : str
        "bytes" or "axi".
    verilog : str
        Name of the Verilog file beside the module.
    """
    if bus == "axi":
        ports = {"i_aclk": "ClockSignal(clock_domain)", "i_aresetn": "~ResetSignal(clock_domain)"}
        for name, member in FLAT.items():
            ports[f"{'i' if member.flow == In else 'o'}_{name}"] = _axi(name)
    else:
        ports = {"i_clk": "ClockSignal(clock_domain)", "i_rst": "ResetSignal(clock_domain)"}
        for endpoint, prefix, taken in (("sink", "i", True), ("source", "o", False)):
            for signal in ("payload", "valid", "ready"):
                way = "i" if taken ^ (signal == "ready") else "o"
                ports[f"{way}_{prefix}_{signal}"] = f"{endpoint}.{STREAM[signal]}"
    lines = [f"            {port}={value}," for port, value in ports.items()]
    words = AXI if bus == "axi" else BYTES
    return HEAD.format(config=config, verilog=verilog, ports="\n".join(lines), **words)


def _axi(name: str) -> str:
    """What an AXI port is connected with."""
    if name == "irq":
        return "self.irq"
    if found := re.fullmatch(r"(s|m)_axis_t(\w+)", name):
        return f"{'sink' if found[1] == 's' else 'source'}.{STREAM[found[2]]}"
    ((channel, signal),) = re.findall(r"s_axi_(aw|ar|w|b|r)(addr|prot|valid|ready|data|strb|resp)$", name)
    return f"bus.{channel}.{signal}" + (f"[:{ADDRESS_BITS}]" if signal == "addr" else "")
