"""A LiteX design around a generated wrapper, with the core's own ports again: what LiteX makes of it, as Verilog."""

import importlib.util
from pathlib import Path

from amaranth.lib.wiring import In
from litex.gen import LiteXModule
from litex.gen.fhdl.verilog import convert
from litex.soc.interconnect import stream
from migen import ClockDomain, Signal

from ffpga_hw.bus.axi import FLAT


def wrapper(path: Path):
    """The class FFPGA of a generated module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FFPGA


class Top(LiteXModule):
    """The wrapper behind a stream's buffer at each end, as in a system; ports as those of the core."""

    def __init__(self, core: LiteXModule, bus: str) -> None:
        self.core = core
        self.cd_sys = ClockDomain()
        self.pads: dict[str, Signal] = {}
        self.buffer_in = stream.Buffer(core.sink.description)
        self.buffer_out = stream.Buffer(core.source.description)
        self.comb += [self.buffer_in.source.connect(core.sink), core.source.connect(self.buffer_out.sink)]
        sink, source = self.buffer_in.sink, self.buffer_out.source
        if bus == "axi":
            self.comb += [self.cd_sys.clk.eq(self.pad("aclk")), self.cd_sys.rst.eq(~self.pad("aresetn"))]
            for name, member in FLAT.items():
                port, _, signal = name.rpartition("_")
                if port == "s_axi":
                    channel = signal[:2] if signal[:2] in ("aw", "ar") else signal[0]
                    inside = getattr(getattr(core.bus, channel), signal.removeprefix(channel))
                elif port:
                    inside = getattr({"s_axis": sink, "m_axis": source}[port], signal.removeprefix("t"))
                else:
                    inside = core.irq
                self._join(name, member.flow == In, inside, member.shape)
        else:
            self.comb += [self.cd_sys.clk.eq(self.pad("clk")), self.cd_sys.rst.eq(self.pad("rst"))]
            for prefix, endpoint in (("i", sink), ("o", source)):
                self._join(f"{prefix}_payload", prefix == "i", endpoint.data, 8)
                self._join(f"{prefix}_valid", prefix == "i", endpoint.valid, 1)
                self._join(f"{prefix}_ready", prefix == "o", endpoint.ready, 1)

    def pad(self, name: str, width: int = 1) -> Signal:
        """A port of the design."""
        return self.pads.setdefault(name, Signal(width, name=name))

    def _join(self, name: str, into: bool, inside: Signal, width: int) -> None:
        pad = self.pad(name, width)
        self.comb += inside.eq(pad) if into else pad.eq(inside)


def litex_verilog(path: Path, bus: str) -> str:
    """A design around a generated wrapper as Verilog, without the core: module `top`."""
    top = Top(wrapper(path)(), bus)
    text = convert(top, ios=set(top.pads.values()), name="top").main_source
    return text
