"""Proofs that a mutant of the core changes nothing: its next state and its outputs are the core's, in every state.

Registers and memories are taken out of the flattened design: what they hold becomes an input, what they take an
output. Then mutant and core are two functions, and yosys's SAT solver looks for inputs on which they differ. What
nobody reads is removed before, and a memory's address and data count only while it is enabled. So a proof holds for
good, but a mutant that differs in states which the core never comes to is not proved.
"""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ffpga_sim.tools import build_root

from .core import WIDTH, HardwareMutant, MutatedCore, command, yosys

#: Removes what nobody reads, bit by bit; keeps plain registers plain.
SWEEP = "opt_expr; opt_merge; opt_muxtree; opt_reduce; wreduce; splitcells; opt_clean -purge"
_CELL = re.compile(r"^  cell (\S+) (\S+)\n((?:    .*\n)*?)  end\n", re.MULTILINE)
_PIN = re.compile(r"^    connect (\S+) (.*)$", re.MULTILINE)
_PARAMETER = re.compile(r"^    parameter (?:signed )?(\S+) (\S+)$", re.MULTILINE)


def evert(rtlil: str) -> str:
    """A flat design without its registers and memories: their contents are ports `from`, what they take ports `to`."""
    wires: list[str] = []
    cells: list[str] = []
    joins: list[str] = []
    ports = 100  # behind the design's own

    def port(kind: str, width: int) -> str:
        nonlocal ports
        ports += 1
        name = rf"\{'from' if kind == 'input' else 'to'}{ports}"
        wires.append(f"  wire width {width} {kind} {ports} {name}\n")
        return name

    def replaced(cell: re.Match[str]) -> str:
        kind, name, body = cell.groups()
        pins, parameters = dict(_PIN.findall(body)), dict(_PARAMETER.findall(body))
        if kind == "$dff":
            width = int(parameters[r"\WIDTH"])
            joins.append(f"  connect {pins[chr(92) + 'Q']} {port('input', width)}\n")
            joins.append(f"  connect {port('output', width)} {pins[chr(92) + 'D']}\n")
        elif kind == "$memrd_v2":
            width, address = int(parameters[r"\WIDTH"]), int(parameters[r"\ABITS"])
            joins.append(f"  connect {pins[chr(92) + 'DATA']} {port('input', width)}\n")
            cells.append(_gated(name, "ADDR", pins[r"\ADDR"], pins[r"\EN"], address, 1, port("output", address)))
            joins.append(f"  connect {port('output', 1)} {pins[chr(92) + 'EN']}\n")
        elif kind == "$memwr_v2":
            width, address = int(parameters[r"\WIDTH"]), int(parameters[r"\ABITS"])
            enable = pins[r"\EN"]
            cells.append(_gated(name, "ADDR", pins[r"\ADDR"], enable, address, width, port("output", address)))
            cells.append(_masked(name, pins[r"\DATA"], enable, width, port("output", width)))
            joins.append(f"  connect {port('output', width)} {enable}\n")
        elif kind != "$meminit_v2":
            return cell[0]
        return ""

    plain = re.sub(r"^ *attribute .*\n|^  memory .*\n", "", rtlil, flags=re.MULTILINE)
    body = _CELL.sub(replaced, plain)
    head, _, tail = body.rpartition("end\n")
    if "$mem" in head:
        raise ValueError("a design to be everted has only $dff, $memrd_v2, $memwr_v2 and $meminit_v2 as its state")
    first = head.index("\n", head.index("\nmodule ") + 1) + 1
    return head[:first] + "".join(wires) + head[first:] + "".join(cells) + "".join(joins) + "end\n" + tail


def _gated(name: str, what: str, signal: str, enable: str, width: int, enables: int, target: str) -> str:
    """`target` is `signal` where any bit of `enable` is set, else 0."""
    return (
        f"  wire {name}_any\n  cell $reduce_or {name}_or\n"
        f"    parameter \\A_SIGNED 0\n    parameter \\A_WIDTH {enables}\n"
        f"    parameter \\Y_WIDTH 1\n    connect \\A {enable}\n    connect \\Y {name}_any\n  end\n"
        f"  cell $mux {name}_{what}\n    parameter \\WIDTH {width}\n    connect \\A {width}'{'0' * width}\n"
        f"    connect \\B {signal}\n    connect \\S {name}_any\n    connect \\Y {target}\n  end\n"
    )


def _masked(name: str, signal: str, enable: str, width: int, target: str) -> str:
    """`target` is `signal` and `enable`, bit by bit."""
    widths = "".join(f"    parameter \\{pin}_WIDTH {width}\n    parameter \\{pin}_SIGNED 0\n" for pin in "AB")
    return (
        f"  cell $and {name}_DATA\n{widths}    parameter \\Y_WIDTH {width}\n    connect \\A {signal}\n"
        f"    connect \\B {enable}\n    connect \\Y {target}\n  end\n"
    )


def proved_equivalent(core: MutatedCore, mutants: Sequence[HardwareMutant], timeout: int = 20) -> set[int]:
    """Numbers of those of the mutants that are proved to change nothing; a proof may take `timeout` seconds."""
    if not mutants:
        return set()
    with tempfile.TemporaryDirectory(dir=build_root(), prefix="proofs-") as temporary:
        folder = Path(temporary)
        (folder / "prepared.il").write_text(core.prepared)
        yosys(
            [
                "read_rtlil prepared.il",
                *(command(mutant, f"-ctrl mutant {WIDTH} {mutant.number}") for mutant in mutants),
                "flatten -noscopeinfo; setattr -unset init w:*",
                *[SWEEP] * 3,
                "write_rtlil flat.il",
            ],
            folder,
        )
        (folder / "everted.il").write_text(evert((folder / "flat.il").read_text()))
        script = ["read_rtlil everted.il", "check -assert", "design -save everted"]
        for mutant in mutants:
            script += [
                "design -load everted",
                "rename ffpga gold",
                "copy gold gate",
                *(
                    f"cd {name}; delete -input mutant; connect -set mutant {WIDTH}'d{value}; cd .."
                    for name, value in (("gold", 0), ("gate", mutant.number))
                ),
                "opt_expr; opt_clean",
                "miter -equiv -flatten gold gate miter",
                "cd miter",
                *["opt_expr; opt_merge; opt_clean"] * 3,
                f"tee -q -o {mutant.number}.txt sat -timeout {timeout} -prove trigger 0",
            ]
        yosys(script, folder)
        said = {mutant.number: (folder / f"{mutant.number}.txt").read_text() for mutant in mutants}
    return {number for number, text in said.items() if "SAT proof finished - no model found: SUCCESS!" in text}
