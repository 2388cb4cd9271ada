"""The ECP5's own blocks beside the portable ones, clock by clock, in Icarus Verilog."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from amaranth.back import verilog

from ffpga_golden import NetworkConfig
from ffpga_hw.engine.lane import Lane
from ffpga_hw.engine.weight_memory import WeightMemory
from ffpga_hw.families.ecp5 import Dp16WeightMemory, Mult18Lane, banks, block_count, check
from ffpga_hw.flow.verilog import run_at_time_0
from testbenches.cells.ecp5 import ecp5_models

CELLS = ecp5_models()


def differences(portable, own, drive: str, clocks: int, place: Path) -> tuple[int, int]:
    """Runs two components on the same random inputs; returns in how many clocks outputs were known, and differed.

    `drive` may change the inputs, which are random numbers, before every clock.
    """
    ports = {name: len(getattr(own, name)) for name in own.signature.members}
    outputs = [name for name, member in own.signature.members.items() if member.flow.name == "Out"]
    texts, wires = [CELLS], []
    for name, component in (("portable", portable), ("own", own)):
        texts.append(run_at_time_0(verilog.convert(component, name=name, emit_src=False)))
        pins = [f".{p}({p}_{name})" if p in outputs else f".{p}({p})" for p in ports]
        wires += [f"wire [{ports[p] - 1}:0] {p}_{name};" for p in outputs]
        wires.append(f"{name} dut_{name}(.clk(clk), .rst(1'b0), {', '.join(pins)});")
    inputs = {name: bits for name, bits in ports.items() if name not in outputs}
    wires += [f"reg [{bits - 1}:0] {name};" for name, bits in inputs.items()]
    random = "".join(f"{name} = {{{-(-bits // 32)}{{$random}}}};\n" for name, bits in inputs.items())
    # A repeated $random is one call: the parts of a long input are told apart by what they are added to.
    for name, bits in inputs.items():
        if bits > 32:
            random += f"for (n = 0; n < {bits}; n = n + 32) {name} = {name} << 32 ^ $random;\n"
    same, known = (f"{{{', '.join(f'{p}_{name}' for p in outputs)}}}" for name in ("portable", "own"))
    texts.append(f"""
        module bench;
            reg clk = 0; integer n, at, known = 0, wrong = 0;
            {" ".join(wires)}
            initial begin
                for (at = 0; at < {clocks}; at = at + 1) begin
                    {random} {drive}
                    #1;
                    if (^{same} !== 1'bx && ^{known} !== 1'bx) begin
                        known = known + 1; wrong = wrong + ({same} !== {known});
                    end
                    clk = 1; #1 clk = 0;
                end
                $display("known %0d wrong %0d", known, wrong);
                $finish;
            end
        endmodule""")
    (place / "all.v").write_text("\n".join(texts))
    compiled = place / "all.vvp"
    subprocess.run([shutil.which("iverilog"), "-g2005", "-s", "bench", "-o", compiled, place / "all.v"], check=True)
    out = subprocess.run([shutil.which("vvp"), "-n", compiled], check=True, capture_output=True, text=True).stdout
    found = re.fullmatch(r"known (\d+) wrong (\d+)\n", out)
    assert found, out
    return int(found[1]), int(found[2])


@pytest.mark.parametrize(
    ("features", "layers", "lanes", "bits", "shapes"),
    [
        (20, (12, 8), 4, 8, [16]),
        (9, (6,), 3, 8, [16]),
        (30, (9,), 1, 16, [16]),
        (400, (12,), 4, 8, [8]),
        (700, (16,), 4, 8, [8, 16]),
        (800, (5,), 1, 16, [4]),
        (900, (7,), 1, 8, [4, 8, 16]),
        (1000, (9,), 1, 8, [2, 16]),
        (1000, (36,), 2, 8, [2, 2, 8]),
    ],
)
def test_the_weight_memory_is_the_portable_one(features, layers, lanes, bits, shapes, tmp_path):
    config = NetworkConfig(features=features, layers=layers, lanes=lanes, weight_bits=bits, classes=5, memory_ports=2)
    assert banks(config.words) == shapes
    assert block_count(config.words, lanes * bits) == sum(-(-lanes * bits // shape) for shape in shapes)
    words = config.words
    # Few enough places that most are read after they were written, spread over all banks; none is read while it is
    # written.
    drive = f"""
        n = write_address % 64 * {words} / 64 + write_address[0] * ({words - 1} / 64); write_address = n;
        n = read_address % 64 * {words} / 64 + read_address[0] * ({words - 1} / 64); read_address = n;
        if (read_address == write_address) write_enable = 0;
    """
    known, wrong = differences(WeightMemory(config=config), Dp16WeightMemory(config=config), drive, 20_000, tmp_path)
    assert wrong == 0 and known > 19_000


def test_the_lane_is_the_portable_one(tmp_path):
    drive = "b[15] = 0; keep = at % 7 == 3; clear = at % 50 == 9 || at < 2; "
    known, wrong = differences(Lane(), Mult18Lane(), drive, 20_000, tmp_path)
    assert wrong == 0 and known > 19_000


def test_a_memory_with_one_port_is_not_built_of_blocks():
    with pytest.raises(ValueError, match="memory_ports must be 2 for an ECP5's own weight memory, not 1"):
        check(NetworkConfig(features=20, layers=(8,), lanes=4))
