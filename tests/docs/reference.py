"""The tables of the documents that are made from the code: print them with `python tests/docs/reference.py`."""

import inspect
import json
import re
import textwrap
from dataclasses import asdict
from enum import IntEnum
from pathlib import Path

import typer

import ffpga
from ffpga.bench.boards import network
from ffpga.cli.app import app
from ffpga_golden import NetworkConfig, protocol
from ffpga_golden.registers import registers
from ffpga_hw.flow import stored

ROOT = Path(__file__).parents[2]
#: Labels of the network whose registers are compared with the documents.
CLASSES = 10


def _comments(kind: type[IntEnum]) -> dict[str, str]:
    """The `#:` comment of each member."""
    found = re.findall(r"^    (\w+) = \d+(?:  #: (.*))?$", inspect.getsource(kind), re.MULTILINE)
    return dict(found)


def opcodes() -> str:
    """Commands: what goes in, what comes back."""
    lines = ["| code | command | payload | payload of the answer |", "|---|---|---|---|"]
    for code in protocol.Opcode:
        asked, _, said = _comments(protocol.Opcode)[code.name].partition("->")
        answer, _, note = (part.strip() for part in said.partition("; "))
        answer = answer.replace("see `StepResult`", "(sum of squares u40, c u8) each, label u8")
        answer = answer.replace(" (see `pack_config`)", "")
        note = f" ({note})" if note else ""
        lines.append(f"| {int(code)} | `{code.name}`{note} | {asked.strip() or '-'} | {answer or '-'} |")
    return "\n".join(lines)


def statuses() -> str:
    """Status codes."""
    lines = ["| code | status | meaning |", "|---|---|---|"]
    comments = {**_comments(protocol.Status), "OK": "executed", "BAD_OPCODE": "there is no such command on this device"}
    comments["BAD_LENGTH"] = "the payload is too short or too long"
    for status in protocol.Status:
        lines.append(f"| {int(status)} | `{status.name}` | {comments[status.name]} |")
    return "\n".join(lines)


def summary(thing: object) -> str:
    """The first sentence of a docstring, in one line."""
    paragraph = (inspect.getdoc(thing) or "").split("\n\n")[0]
    return re.split(r"(?<=[.;]) |\.$", " ".join(paragraph.split()))[0].rstrip(".;")


def signature(thing: object) -> str:
    """Its parameters without their types."""
    if not callable(thing) or (inspect.isclass(thing) and issubclass(thing, Exception)):
        return ""
    if getattr(thing, "_is_protocol", False):
        return ""
    shown, star = [], False
    for name, one in inspect.signature(thing).parameters.items():
        if name == "self":
            continue
        if one.kind is one.VAR_KEYWORD:
            shown.append(f"**{name}")
            continue
        if one.kind is one.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        shown.append(name if one.default is one.empty else f"{name}=...")
    return f"({', '.join(shown)})"


def interface() -> str:
    """What `import ffpga` gives."""
    lines = ["| name | what it is |", "|---|---|"]
    for name in ffpga.__all__:
        thing = getattr(ffpga, name)
        if name == "open":
            lines.append("| `open` | the same as `open_device` |")
        else:
            lines.append(f"| `{name}{signature(thing)}` | {summary(thing)} |")
    return "\n".join(lines)


def driver() -> str:
    """The methods of a device."""
    lines = ["| method | what it does |", "|---|---|"]
    for name, thing in vars(ffpga.Device).items():
        if not name.startswith("_") and inspect.isfunction(thing):
            lines.append(f"| `{name}{signature(thing)}` | {summary(thing)} |")
    return "\n".join(lines)


def commands() -> str:
    """What `ffpga` can do."""
    lines = ["| command | what it does |", "|---|---|"]
    group = typer.main.get_command(app)
    for name, one in group.commands.items():  # type: ignore[attr-defined]
        lines.append(f"| `ffpga {name}` | {one.get_short_help_str(500).rstrip('.')} |")
    return "\n".join(lines)


def register_rows() -> dict[int, tuple[str, int, int, int, int]]:
    """Address: name, bits, value after a reset, range; of a device of 8-bit weights, ten labels, two layers."""
    config = NetworkConfig(features=8, classes=CLASSES, layers=(8, 8))
    return {one.address: (one.name, one.width, one.reset, one.low, one.high) for one in registers(config)}


def _stored(name: str) -> dict:
    return json.loads((ROOT / "host" / "results" / f"{name}.json").read_text())


def choosing_digits() -> str:
    """What a sweep over the digits found."""
    found = {(one["layers"], one["weight_bits"], one["gate"]): one for one in _stored("choosing")["configurations"]}
    head = ("layers", "weights", "8 bit", "gate 32", "16 bit", "gate 32", "clocks a pair", "gate 32")
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for layers in dict.fromkeys(key[0] for key in found):
        plain, gated = (found[layers, 8, gate] for gate in (0, 32))
        shares = [f"{100 * found[layers, bits, gate]['accuracy']:.1f} %" for bits in (8, 16) for gate in (0, 32)]
        clocks = [f"{one['clocks_a_pair']:,.0f}" for one in (plain, gated)]
        lines.append(f"| {layers} | {plain['weights']:,} | {' | '.join(shares + clocks)} |")
    return "\n".join(lines)


#: Trials of the accuracy table that tell what to choose, and what they are called here.
TRIALS = {
    "16-16 8 bit": "16-16", "32-32 8 bit": "32-32", "32-32 16 bit": "32-32, 16 bit", "64-64 8 bit": "64-64",
    "64-64 16 bit": "64-64, 16 bit", "14x14 64-64": "64-64, images of 14 x 14", "128-128 8 bit": "128-128",
    "128-128 16 bit": "128-128, 16 bit", "128": "128", "128-128 gate 16": "128-128, gate 16",
    "128-128 gate 32": "128-128, gate 32", "128-128 gate 64": "128-128, gate 64",
}  # fmt: skip


def choosing_mnist() -> str:
    """What the accuracy table has of MNIST in 10 epochs."""
    trials = {one["name"]: one for one in _stored("accuracy")["trials"]}
    lines = ["| network | accuracy | clocks a pair | weight bytes |", "| --- | --- | --- | --- |"]
    for name, said in TRIALS.items():
        one = trials[name]
        assert one["options"]["epochs"] == 10
        lines.append(
            f"| {said} | {100 * one['median']:.2f} % | {one['clocks_a_pair']:,.0f} | {one['weight_bytes']:,} |"
        )
    return "\n".join(lines)


def choosing_chips() -> str:
    """How wide two layers of 784 features can be, by chip."""
    head = ("chip", "most lanes", "widest 784-w-w with 8 lanes", "16 lanes", "32 lanes")
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    for one in {end["chip"]: end for end in _stored("scaling")["ends"]}.values():
        widths = [str(one["widths"].get(lanes, "-")) for lanes in ("8", "16", "32")]
        lines.append(f"| {one['chip']} | {one['dsp']} | {' | '.join(widths)} |")
    return "\n".join(lines)


def placed() -> str:
    """What the boards' own networks, and others, take of their chips, as it is stored, and of which nothing is."""
    head = ("board, network", "cells", "block RAMs", "DSPs", "clock")
    lines = [f"| {' | '.join(head)} |", "|" + " --- |" * len(head)]
    table = stored.load()
    for name, figures in table.items():
        build = stored.BUILDS[name]
        made = build.board
        if figures is not None:
            used = {
                kind: f"{figures[kind]:,} of {getattr(made.chip, kind):,}" for kind in ("cells", "bram", "dsp", "spram")
            }
            sprams = f", {used['spram']} SPRAMs" if made.chip.spram else ""
            what = f"`{name}`, {network(asdict(build.config))}, seed {figures['seed']}"
            clock = f"{figures['fmax_mhz']:.1f} MHz, runs at {made.clock_hz / 1e6:g}"
            lines.append(f"| {what} | {used['cells']} | {used['bram']} | {used['dsp']}{sprams} | {clock} |")
    missing = [f"`{name}`" for name, figures in table.items() if figures is None]
    rest = textwrap.fill(f"No figures are stored of {', '.join(missing)}.", 120, break_on_hyphens=False)
    return "\n".join(lines) + (f"\n\n{rest}" if missing else "")


#: The tables by the file that has them.
TABLES = {
    "golden/protocol.md": (opcodes, statuses),
    "host/docs/api.md": (interface,),
    "host/docs/commands.md": (commands,),
    "host/docs/driver.md": (driver,),
    "host/docs/choosing.md": (choosing_digits, choosing_mnist, choosing_chips),
    "hw/README.md": (placed,),
}

if __name__ == "__main__":
    for path, tables in TABLES.items():
        for table in tables:
            print(f"\n{path}: {table.__doc__}\n\n{table()}")
