"""What a waveform shows first: the core's signals in groups, under names of their own, states as words.

The core's state machines have a flip-flop a state, and its nets have the names that synthesis leaves them. A board that
records waveforms gets a module `view` beside the chip, made here from the chip's Verilog; no other build has it. Its
words are enumerations whose values are their own letters: a viewer that knows FST's enumerations shows them, and so
does one that is told to show ASCII.
"""

import re
from dataclasses import dataclass
from functools import lru_cache, partial

#: A declaration in the Verilog that Amaranth writes; memories are left out.
DECLARED = re.compile(r"^  (?:wire|reg|input|output) (?:\[(\d+):0\] )?(\w+)(?: = (\d+'h[0-9a-f]+))?;$", re.MULTILINE)
#: A module, whose name is its path.
MODULE = re.compile(r"^module \\?(\S+?)\s*\(", re.MULTILINE)
#: Where the scopes of a waveform's view begin.
SCOPE = "TOP.board.view"
#: Lanes that are shown.
LANES = 4


@dataclass(frozen=True)
class Shown:
    """A signal of the view: `name` in its group, `path` from the chip.

    `words` are what its values mean; without them it is a number, shown as `form`: unsigned, signed or hex.
    """

    name: str
    path: str
    form: str = "unsigned"
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class States:
    """The state of a machine: `machine` is the path of the module that has it, and its last part its name."""

    name: str
    machine: str


_signed, _hex = partial(Shown, form="signed"), partial(Shown, form="hex")

#: The groups in the order in which they are shown.
GROUPS: dict[str, tuple[Shown | States, ...]] = {
    "link": (
        Shown("rx_valid", "i_valid"),
        Shown("rx_ready", "i_ready"),
        _hex("rx_byte", "i_payload"),
        Shown("tx_valid", "o_valid"),
        Shown("tx_ready", "o_ready"),
        _hex("tx_byte", "o_payload"),
        States("receiver", "link.receiver"),
        States("intake", "link.intake"),
        States("executor", "link.executor"),
        States("sender", "link.sender"),
        Shown("sample_write", "link.samples.sample__write"),
        Shown("sample_row", "link.samples.sample__row"),
        Shown("sample_value", "link.samples.sample__value"),
        Shown("sample_bank", "link.samples.sample__bank"),
    ),
    "sequencer": (
        States("state", "engine.sequencer"),
        Shown("running", "engine.sequencer.state__running"),
        Shown("command", "engine.sequencer.step__command", words=("PAIR", "PHASE", "INFER", "ACTIVITIES")),
        Shown("layer", "engine.sequencer.layer"),
        Shown("phase", "engine.sequencer.phase"),
        Shown("label_a", "engine.sequencer.label_a"),
        Shown("label_b", "engine.sequencer.label_b"),
        Shown("walk_start", "engine.sequencer.walk__start"),
        Shown("update", "engine.sequencer.walk__update"),
    ),
    "walker": (
        States("state", "engine.walker"),
        Shown("issue", "engine.walker.word__issue"),
        Shown("kind", "engine.walker.word__kind", words=("LIST", "BIAS", "LABEL", "ABOVE")),
        Shown("group", "engine.walker.word__group"),
        Shown("pointer", "engine.walker.word__pointer"),
        Shown("label", "engine.walker.word__label"),
        Shown("row", "engine.fetch.row"),
        Shown("x", "engine.fetch.fetched__value"),
    ),
    "weight_memory": (
        Shown("read_address", "engine.weights.read_address"),
        _hex("read_data", "engine.weights.read_data"),
        _hex("write_enable", "engine.weights.write_enable"),
        Shown("write_address", "engine.weights.write_address"),
        _hex("write_data", "engine.weights.write_data"),
    ),
    "lanes": (
        Shown("add", "engine.array.work__add"),
        Shown("load", "engine.array.work__load"),
        Shown("clear", "engine.array.work__clear"),
        *(
            _signed(f"{name}{lane}", f"engine.array.lane{lane}.{signal}")
            for lane in range(LANES)
            for name, signal in (("a", "a"), ("b", "b"), ("sum", "sum"))
        ),
    ),
    "scorer": (
        Shown("capture", "engine.scorer.group__capture"),
        Shown("y_write", "engine.scorer.activity__write"),
        Shown("y", "engine.scorer.activation0.y"),
        *(Shown(f"y{n}", f"engine.scorer.activation{n}.y") for n in range(1, LANES)),
        Shown("y_place", "engine.scorer.activity__place"),
        Shown("y_slot", "engine.scorer.activity__slot"),
        Shown("done", "engine.scorer.order__done"),
    ),
    "goodness": (
        States("state", "engine.goodness"),
        Shown("slot", "engine.goodness.totals__slot"),
        Shown("label", "engine.goodness.decision__label"),
        Shown("c", "engine.goodness.decided__c"),
        Shown("changes", "engine.goodness.decision__changes"),
    ),
    "vector": (
        States("state", "engine.vector"),
        Shown("place", "engine.vector.activity__place"),
        _hex("g_write", "engine.vector.errors__write"),
        Shown("g_set", "engine.vector.errors__set"),
        _signed("g", "engine.vector.errors__g"),
        Shown("list_write", "engine.vector.list__write"),
        Shown("list_row", "engine.vector.list__row"),
        Shown("list_value", "engine.vector.list__value"),
        Shown("listed", "engine.vector.order__listed"),
    ),
}  # fmt: skip


class _Design:
    """The chip's signals by their paths: their bits, and how Verilog says them from the board."""

    def __init__(self, verilog: str) -> None:
        self.bits: dict[str, int] = {}
        self.said: dict[str, str] = {}
        self._machines: dict[str, dict[str, str]] = {}
        for text in re.split(r"(?<=^endmodule\n)", verilog, flags=re.MULTILINE):
            if found := MODULE.search(text):
                self._add(found[1], text)

    def _add(self, module: str, text: str) -> None:
        """A module, whose name is its path, in which an instance beside a net of its name has a number."""
        whole = ".".join(f"\\{part} " if "$" in part else part for part in module.split("."))
        place = re.sub(r"\$\d+", "", module).removeprefix("ffpga").removeprefix(".")
        start = place.rpartition(".")[2] + "_"
        for high, name, initial in DECLARED.findall(text):
            path = f"{place}.{name}".removeprefix(".")
            self.bits[path], self.said[path] = int(high or 0) + 1, f"{whole}.{name}"
            if initial and name.startswith(start):  # a flip-flop named after the module is one of its state machine's
                state = name.removeprefix(start).upper()
                self._machines.setdefault(place, {})[state] = self.said[path]

    def states(self, machine: str) -> dict[str, str]:
        """The states of a machine, and the flip-flop of each."""
        return self._machines.get(machine, {})


class _Writer:
    """SystemVerilog: enumerations, each in a package of its own since they share words, and the groups' signals."""

    def __init__(self) -> None:
        self.packages: list[str] = []
        self.body: list[str] = []

    def number(self, shown: Shown, bits: int, value: str) -> None:
        """A signal that is a number."""
        sign = "signed " if shown.form == "signed" else ""
        size = f"[{bits - 1}:0] " if bits > 1 else ""
        self.body.append(f"    wire {sign}{size}{shown.name} = {value};")

    def words(self, group: str, name: str, conditions: dict[str, str], default: str) -> int:
        """A signal whose value is the word whose condition is true, else a default; returns its bits."""
        package = f"{group}_{name}_words"
        values = [*conditions, default]
        named = ", ".join(f'{word} = "{word}"' for word in values)
        bits = 8 * max(map(len, values))
        self.packages.append(f"package {package};\n  typedef enum logic [{bits - 1}:0] {{{named}}} word;\nendpackage")
        chosen = "".join(f"\n      {value} ? {package}::{word} :" for word, value in conditions.items())
        self.body.append(f"    {package}::word {name};\n    assign {name} ={chosen} {package}::{default};")
        return bits


@dataclass(frozen=True)
class Signal:
    """A signal of a recording's view: its name in its group, its bits, and its form: unsigned, signed, hex or words."""

    name: str
    bits: int
    form: str


def layout(verilog: str) -> dict[str, list[Signal]]:
    """The signals of each group of the view, in a recording of this chip; see `view_verilog`."""
    return _made(verilog)[1]


def view_verilog(verilog: str) -> str:
    """SystemVerilog of the module `view`, which binds itself into the board beside the chip.

    Parameters
    ----------
    verilog : str
        What `ffpga_hw.flow.verilog.generate_verilog` returns. Signals that this core does not have are left out.
    """
    return _made(verilog)[0]


@lru_cache(maxsize=4)
def _made(verilog: str) -> tuple[str, dict[str, list[Signal]]]:
    design, writer = _Design(verilog), _Writer()
    groups: dict[str, list[Signal]] = {}
    for group, signals in GROUPS.items():
        writer.body.append(f"  if (1) begin : {group}")
        shown = groups[group] = []
        for signal in signals:
            words = _words(signal, design)
            if words:
                shown.append(Signal(signal.name, writer.words(group, signal.name, words, "NONE"), "words"))
            elif isinstance(signal, Shown) and signal.path in design.said:
                shown.append(Signal(signal.name, design.bits[signal.path], signal.form))
                writer.number(signal, design.bits[signal.path], design.said[signal.path])
        writer.body.append("  end")
    text = [*writer.packages, "module view;", *writer.body, "endmodule", "bind board view view();", ""]
    return "\n".join(text), groups


def _words(signal: Shown | States, design: _Design) -> dict[str, str]:
    """The words of a signal, and when each is its value; none where it is a number or is not there."""
    if isinstance(signal, States):
        return design.states(signal.machine)
    if signal.path not in design.said:
        return {}
    return {word: f"{design.said[signal.path]} == {n}" for n, word in enumerate(signal.words)}
