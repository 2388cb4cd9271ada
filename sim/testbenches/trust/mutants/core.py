"""Mutants of the core: yosys draws small faults from a seed and puts them all into one design, which chooses one."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ffpga_hw
from ffpga_golden.config import NetworkConfig
from ffpga_hw.flow import tools
from ffpga_hw.flow.verilog import generate_rtlil
from ffpga_sim import VirtualBoard
from ffpga_sim.build import QUICKLY, Flags
from ffpga_sim.tools import build_root

ROOT = Path(ffpga_hw.__file__).parents[2]

#: What yosys makes of the design before it is mutated: logic that is there twice, or does nothing, is none.
PREPARE = "hierarchy -check -top ffpga; proc -norom; opt_expr; opt_merge; wreduce; opt_clean"
#: All cells but the first values of memories.
CELLS = "* t:$meminit_v2 %d"
#: Pins that are left alone: a design has one clock.
CLOCKS = ("clk", "CLK", "RD_CLK", "WR_CLK")
WIDTH = 16  #: bits of a mutant's number
#: It runs for seconds, so it is built quickly.
FLAGS = Flags(compile=QUICKLY)

#: The mutated core as a core: it waits, in reset, for two bytes after a reset, the number of a mutant; 0 is none.
CHOOSER = """
module ffpga(
  input clk, input rst,
  input i_valid, output i_ready, input [7:0] i_payload,
  input o_ready, output o_valid, output [7:0] o_payload
);
  reg [15:0] number = 0;
  reg [2:0] count = 0;
  wire ready, run = count == 7;
  always @(posedge clk)
    if (rst) begin
      number <= 0;
      count <= 0;
    end else if (count < 2) begin
      if (i_valid) begin
        number <= {i_payload, number[15:8]};
        count <= count + 1;
      end
    end else if (!run) count <= count + 1;
  assign i_ready = run ? ready : count < 2;
  mutated mutated(
    .clk(clk), .rst(rst || !run), .mutant(number),
    .i_valid(i_valid && run), .i_ready(ready), .i_payload(i_payload),
    .o_ready(o_ready), .o_valid(o_valid), .o_payload(o_payload)
  );
endmodule
"""


@dataclass(frozen=True)
class HardwareMutant:
    """A bit of a cell's pin that is inverted, stuck, or inverted where another bit of the pin is 0 or 1."""

    number: int
    mode: str  #: inv, const0, const1, cnot0, cnot1
    module: str
    cell: str  #: yosys's name of it
    kind: str  #: type of the cell
    port: str
    bit: int
    control: int | None  #: the other bit of cnot0 and cnot1
    wire: str | None  #: where the pin has one of its own
    sources: tuple[str, ...]  #: lines of Python that made the cell

    @property
    def key(self) -> str:
        """Names it across runs, without yosys's numbers."""
        place = self.wire or ",".join(self.sources) or self.cell
        other = "" if self.control is None else f"/{self.control}"
        return f"{self.module} {place} {self.kind}.{self.port}[{self.bit}{other}] {self.mode}"

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"key": self.key, **asdict(self)}


def parse(line: str, number: int, kinds: dict[tuple[str, str], str]) -> HardwareMutant:
    """A line of `mutate -list`."""
    words = line.split()
    found: dict[str, str] = dict(zip(words[1::2], words[2::2], strict=True))
    sources = [source.removeprefix(f"{ROOT}/") for name, source in zip(words[1::2], words[2::2], strict=True)
               if name == "-src"]  # fmt: skip
    own = [source for source in sources if source.startswith("hw/")]
    control = found.get("-ctrlbit")
    return HardwareMutant(
        number=number,
        mode=found["-mode"],
        module=found["-module"],
        cell=found["-cell"],
        kind=kinds[found["-module"], found["-cell"]],
        port=found["-port"],
        bit=int(found["-portbit"]),
        control=None if control is None else int(control),
        wire=found.get("-wire"),
        sources=tuple(sorted(own)),
    )


def command(mutant: HardwareMutant, control: str = "") -> str:
    """What makes the mutant in yosys; `control` are options before it."""
    other = "" if mutant.control is None else f" -ctrlbit {mutant.control}"
    return (
        f"mutate {control} -mode {mutant.mode} -module {mutant.module} -cell {mutant.cell} -port {mutant.port} "
        f"-portbit {mutant.bit}{other}"
    )


def yosys(script: Sequence[str], folder: Path) -> str:
    """Runs a script of commands in a folder."""
    (folder / "script.ys").write_text("\n".join(script) + "\n")
    return tools.run("yosys", ["-q", "script.ys"], folder)


def selected(sources: Sequence[str]) -> str:
    """`CELLS`, or those of them that lines of some files made."""
    if not sources:
        return CELLS
    union = f"a:src=*{sources[0]}*" + "".join(f" a:src=*{source}* %u" for source in sources[1:])
    return f"{union} {CELLS} %i"


class MutatedCore:
    """A core with mutants in it.

    Parameters
    ----------
    config : NetworkConfig
    count : int
        How many are drawn.
    seed : int
    sources : sequence of str
        Only of cells that lines of files with one of these in their paths made; all where it is empty.
    """

    def __init__(self, config: NetworkConfig, count: int, seed: int, sources: Sequence[str] = ()) -> None:
        self.config = config
        self.rtlil = generate_rtlil(config)
        build_root().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=build_root(), prefix="mutants-") as temporary:
            folder = Path(temporary)
            (folder / "core.il").write_text(self.rtlil)
            yosys(
                [
                    "read_rtlil core.il",
                    PREPARE,
                    f"select -set cells {selected(sources)}",
                    "write_rtlil prepared.il",
                    "write_json prepared.json",
                    # Some are no faults: more are drawn than are asked for.
                    f"mutate -list {count + count // 2 + 20} -seed {seed} -o list.txt @cells",
                ],
                folder,
            )
            self.prepared = (folder / "prepared.il").read_text()  #: what is mutated, as yosys's text
            self._netlist = json.loads((folder / "prepared.json").read_text())["modules"]
            self.mutants = self._drawn((folder / "list.txt").read_text().splitlines(), count)
            controls = [f"-ctrl mutant {WIDTH} {mutant.number}" for mutant in self.mutants]
            yosys(
                [
                    "read_rtlil prepared.il",
                    *(command(mutant, control) for mutant, control in zip(self.mutants, controls, strict=True)),
                    "rename ffpga mutated",
                    "memory_collect",
                    "write_verilog -norename -noattr mutated.v",
                ],
                folder,
            )
            self.verilog = (folder / "mutated.v").read_text() + CHOOSER

    def _drawn(self, lines: list[str], count: int) -> list[HardwareMutant]:
        """The first mutants that change something: no clocks, no constant that is one already."""
        kinds = {
            (module, name): cell["type"]
            for module, content in self._netlist.items()
            for name, cell in content["cells"].items()
        }
        mutants: list[HardwareMutant] = []
        for line in lines:
            mutant = parse(line.replace("\\", ""), len(mutants) + 1, kinds)
            bits = self._netlist[mutant.module]["cells"][mutant.cell]["connections"][mutant.port]
            same = {"const0": "0", "const1": "1"}.get(mutant.mode)
            if mutant.port not in CLOCKS and bits[mutant.bit] not in (same, "x"):
                mutants.append(mutant)
            if len(mutants) == count:
                break
        return mutants

    def board(self, number: int) -> VirtualBoard:
        """A virtual board with a mutant in it; 0: with none."""
        board = VirtualBoard(self.config, verilog=self.verilog, flags=FLAGS)
        board.write(number.to_bytes(WIDTH // 8, "little"))
        return board
