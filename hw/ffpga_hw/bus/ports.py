"""Ports of the bus, under the names by which tools know an AXI port."""

from amaranth.lib.wiring import In, Out

from ..interface import Ports
from .register_map import ADDRESS_BITS

#: AXI4-Lite (subordinate): all registers.
LITE_PORTS: Ports = {
    "s_axi_awaddr": In(ADDRESS_BITS),
    "s_axi_awprot": In(3),
    "s_axi_awvalid": In(1),
    "s_axi_awready": Out(1),
    "s_axi_wdata": In(32),
    "s_axi_wstrb": In(4),
    "s_axi_wvalid": In(1),
    "s_axi_wready": Out(1),
    "s_axi_bresp": Out(2),
    "s_axi_bvalid": Out(1),
    "s_axi_bready": In(1),
    "s_axi_araddr": In(ADDRESS_BITS),
    "s_axi_arprot": In(3),
    "s_axi_arvalid": In(1),
    "s_axi_arready": Out(1),
    "s_axi_rdata": Out(32),
    "s_axi_rresp": Out(2),
    "s_axi_rvalid": Out(1),
    "s_axi_rready": In(1),
}

#: AXI4-Stream in: samples. A beat is {gap, value}, the gap lowest: as `ffpga_golden.protocol.pack_sample` has them in
#: memory. TLAST ends a sample. Without labels the first beat of a sample is its slot: 0 positive, 1 negative.
SAMPLE_PORTS: Ports = {
    "s_axis_tdata": In(16),
    "s_axis_tvalid": In(1),
    "s_axis_tready": Out(1),
    "s_axis_tlast": In(1),
}

#: AXI4-Stream out: answers, byte by byte, as in the payloads of `ffpga_golden.protocol`. TLAST ends one.
ANSWER_PORTS: Ports = {
    "m_axis_tdata": Out(8),
    "m_axis_tvalid": Out(1),
    "m_axis_tready": In(1),
    "m_axis_tlast": Out(1),
}

#: All of them, and the interrupt.
BUS_PORTS: Ports = {**LITE_PORTS, **SAMPLE_PORTS, **ANSWER_PORTS, "irq": Out(1)}
