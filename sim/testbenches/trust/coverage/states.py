"""Which states of the core's machines are seen while an answer waits for the host to take it."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ffpga_sim import VirtualBoard
from ffpga_sim.build import QUICKLY, Flags
from ffpga_sim.verilog import core_verilog
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.sessions import Session

#: Where the machines are, in two parts: a board can watch 64 signals.
PARTS = {
    "link": {
        "receiver": "link.receiver",
        "intake": "link.intake",
        "executor": "link.executor",
        "sender": "link.sender",
    },
    "engine": {
        "sequencer": "engine.sequencer",
        "walker": "engine.walker",
        "goodness": "engine.goodness",
        "vector": "engine.vector",
    },
}
#: Between them they have every state.
NAMES = ("awkward", "black-box-two-ports", "recurrent", "fields")
#: A byte of an answer is offered and not taken.
STALLED = ("o_valid", "o_ready")
#: States that cannot be seen then, and why.
UNREACHABLE = {
    "sender": "the sender offers in OFFER alone",
    "intake: OPENING": "a session opens once everything was answered",
}


def unreachable(state: str) -> str | None:
    """Why a state cannot be seen while an answer waits; None where it can."""
    if state == "sender: OFFER":
        return None
    return UNREACHABLE.get(state) or UNREACHABLE.get(state.partition(":")[0])


def _verilog(name: str) -> str:
    return core_verilog(CONFIGURATIONS[name].config)


def states(name: str, part: str) -> dict[str, str]:
    """States of a part's machines in a configuration, such as "walker: LIST", and the signals that say so."""
    found = {}
    modules = re.split(r"(?<=^endmodule\n)", _verilog(name), flags=re.MULTILINE)
    for machine, place in PARTS[part].items():
        text = next(module for module in modules if re.search(rf"^module \\?ffpga\.{place} ", module, re.MULTILINE))
        for signal in re.findall(rf"^  reg ({machine}_\w+)\b", text, re.MULTILINE):
            if "_to_" not in signal and f" {signal}_to_" in text:  # it is left for other states: it is one itself
                found[f"{machine}: {signal.removeprefix(machine + '_').upper()}"] = f"{place}.{signal}"
    return found


def stalled_states(name: str, part: str, seed: int = 1, settings: int = 16) -> Counter[str]:
    """Clocks that each state of a part's machines was seen in while an answer waited for the host."""
    case = replace(CONFIGURATIONS[name], settings=settings)
    named = states(name, part)
    watch = (*STALLED, *named.values())
    with VirtualBoard(case.config, verilog=_verilog(name), watch=watch, flags=Flags(compile=QUICKLY)) as board:
        Session("stalled", case, seed, 0.2, in_flight=True).hold(board)
        seen: Counter[str] = Counter(dict.fromkeys(named, 0))
        for (valid, ready, *on), clocks in board.seen().items():
            if valid and not ready:
                seen.update({state: clocks for state, is_on in zip(named, on, strict=True) if is_on})
    return seen


def all_stalled_states(names: Sequence[str], seed: int = 1) -> dict[str, int]:
    """The same of all machines over some configurations."""
    total: Counter[str] = Counter()
    for name in names:
        for part in PARTS:
            total.update(stalled_states(name, part, seed))
    return dict(total)
