"""No block RAM's output is used that was read where a word was written in the same clock.

FPGAs differ in what such a read returns, and synthesis is told that it does not matter. Here it returns the
complement, and the chip must not notice.
"""

import re
from dataclasses import replace

import pytest

from ffpga_sim import VirtualBoard
from ffpga_sim.verilog import core_verilog
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import hold_to_golden

MEMORY = re.compile(r"^  reg \[\d+:0\] (\S+)\s*\[\d+:0\];$", re.MULTILINE)


def complement_collisions(verilog: str) -> tuple[str, int]:
    """The Verilog with every read of a memory changed that is written in whole words or bytes, and how many."""
    changed, modules = 0, re.split(r"(?<=^endmodule\n)", verilog, flags=re.MULTILINE)
    for at, module in enumerate(modules):
        for name in MEMORY.findall(module):
            word = re.escape(name) + r"\s*\[(.*)\]"
            bytewise = re.findall(rf"^    if \((.*)\)\n      {word}\[\d+:\d+\] <= .*;$", module, re.MULTILINE)
            writes = bytewise or re.findall(rf"^    if \((.*)\)\n      {word} <= .*;$", module, re.MULTILINE)
            if len(writes) != (2 if bytewise else 1):
                continue  # a table, a delay line, or the weights: their lanes are written one by one
            read = re.compile(rf"^( +\S+ <= )({word});$", re.MULTILINE)
            collides = " || ".join(f"(({enable}) && ({place}) == (AT))" for enable, place in writes)
            module, count = read.subn(
                lambda m, c=collides: f"{m[1]}({c.replace('AT', m[3])}) ? ~{m[2]} : {m[2]};", module
            )
            changed += count
        modules[at] = module
    return "".join(modules), changed


@pytest.mark.parametrize(
    ("name", "memories"),
    [
        pytest.param("awkward", 11, marks=pytest.mark.all),  # "fields" has one more
        pytest.param("no-classes-one-lane", 10, marks=pytest.mark.all),
        ("fields", 12),
    ],
)
def test_the_chip_does_not_notice(name, memories):
    case = replace(CONFIGURATIONS[name], settings=48, steps=4)
    verilog, changed = complement_collisions(core_verilog(case.config))
    assert changed == memories
    with VirtualBoard(case.config, verilog=verilog) as board:
        hold_to_golden(board, case, seed=4)
