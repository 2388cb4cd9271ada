"""Every board's pins are pins of its chip's package, and its memories have a place there, as nextpnr knows them."""

import json
from dataclasses import replace

import pytest
from amaranth import Module
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from ffpga_hw.boards.table import BOARDS, board
from ffpga_hw.flow import synth, tools
from ffpga_hw.flow.verilog import top_verilog


class Echo(wiring.Component):
    """In the place of a core: what comes goes back, by way of small memories of two kinds, one that is read later."""

    i: In(stream.Signature(8))
    o: Out(stream.Signature(8))
    beat: Out(1)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        byte = self.i.payload
        for depth in (16, 256):
            m.submodules[f"memory{depth}"] = kept = memory.Memory(shape=8, depth=depth, init=[])
            write, read = kept.write_port(), kept.read_port()
            m.d.comb += [write.addr.eq(byte), write.data.eq(byte), write.en.eq(self.i.valid), read.addr.eq(~byte)]
            byte = read.data
        m.d.comb += [self.o.payload.eq(byte), self.o.valid.eq(self.i.valid), self.i.ready.eq(self.o.ready)]
        m.d.sync += self.beat.eq(self.i.valid)
        return m


#: Netlists by what they are made of: the same for boards that differ in their pins, or in their chip's size, alone.
NETLISTS: dict[tuple[str, str], str] = {}


def packed(made, folder) -> str:
    """What nextpnr says as it puts a board's pins, PLL and serial line into the chip; ToolFailure where it cannot."""
    verilog = top_verilog(made, Echo())
    key, path = (made.chip.script(), verilog), folder / "netlist.json"
    if key not in NETLISTS:
        synth.make_netlist(made, verilog, folder)
        NETLISTS[key] = path.read_text()
    path.write_text(NETLISTS[key])
    arguments = [
        *synth.packing_only(made, synth.write_constraints(made, folder)),
        "--pack-only",
        "--write",
        "packed.json",
    ]
    return tools.run(made.chip.placer, arguments, folder)


@pytest.mark.parametrize("name", BOARDS)
def test_the_chip_has_every_pin(name, tmp_path):
    made = board(name)
    used = synth.utilisation(packed(made, tmp_path))
    pads = {"ice40": "SB_IO", "ecp5": "TRELLIS_IO", "gowin": "IOB"}[made.chip.family]
    assert used[pads][0] == len(made.pins)
    cells = json.loads((tmp_path / "packed.json").read_text())["modules"]["top"]["cells"].values()
    memories = {cell["type"] for cell in cells if "RAM" in cell["type"]}
    assert memories <= used.keys(), "nextpnr has no place for some of them"


@pytest.mark.parametrize(
    ("name", "pin", "reason"),
    [
        ("icebreaker", "99", "package does not have a pin named '99'"),
        ("ulx3s-25f", "Z9", "pin 'Z9', which does not exist"),
        ("tangnano9k", "99", "Pin 99 not found"),
    ],
)
def test_a_pin_that_there_is_not(name, pin, reason, tmp_path):
    """What holds for every board could fail."""
    made = replace(board(name), tx=pin)
    with pytest.raises(tools.ToolFailure):
        packed(made, tmp_path)
    assert reason in (tmp_path / f"{made.chip.placer}.log").read_text()
