"""A family's own block beside the portable one, clock by clock, in Icarus Verilog."""

import re
import shutil
import subprocess
from pathlib import Path

from amaranth.back import verilog

from ffpga_hw.flow.verilog import run_at_time_0


def differences(portable, own, models: str, drive: str, clocks: int, place: Path) -> tuple[int, int]:
    """Runs two components on the same random inputs; returns in how many clocks outputs were known, and differed.

    `models` are the vendor cells'; `drive` may change the inputs, which are random numbers, before every clock.
    """
    ports = {name: len(getattr(own, name)) for name in own.signature.members}
    outputs = [name for name, member in own.signature.members.items() if member.flow.name == "Out"]
    texts, wires = [models], []
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


def few_places(words: int) -> str:
    """For `drive`: addresses few enough that most are read after they were written, spread over all banks."""
    return "".join(
        f"n = {name} % 64 * {words} / 64 + {name}[0] * ({words - 1} / 64); {name} = n;\n"
        for name in ("write_address", "read_address")
    )
