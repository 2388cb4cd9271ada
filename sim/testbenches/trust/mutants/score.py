"""Tests that are themselves tested: the whole-chip conversations against mutants of the core."""

import time
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ffpga.markdown import table
from testbenches.configurations import CONFIGURATIONS, Case
from testbenches.conversations.sessions import Session, sessions

from .core import HardwareMutant, MutatedCore
from .equivalence import proved_equivalent

#: Between them: one port and two, 8 and 16 bits, one lane and many, a black box, unlabelled data, recurrent, fields,
#: samples in few bits.
CASES = (
    "awkward",
    "two-ports",
    "one-lane",
    "sixteen-bit-extreme",
    "no-classes-one-lane",
    "black-box",
    "black-box-two-ports",
    "recurrent",
    "fields",
    "fields-two-ports",
    "few-bits",
)
#: Of the mutants that change something, at least so many must die.
LEAST = 0.95
#: Survivors of which a person says why nobody can see a difference.
REASONS = Path(__file__).with_name("equivalent.toml")

Say = Callable[[str], None]


def reasons(kind: str) -> dict[str, str]:
    """Why each mutant of a kind, "hardware" or "golden", that no proof or test decides on, changes nothing."""
    return tomllib.loads(REASONS.read_text()).get(kind, {})


def killer(core: MutatedCore, number: int, held: Sequence[Session]) -> tuple[str, str] | None:
    """The conversation that tells a mutant from the golden device, and what it says; None where all are passed."""
    for session in held:
        with core.board(number) as board:
            try:
                session.hold(board)
            except AssertionError as error:
                return session.name, str(error)
    return None


def mutate_case(
    name: str, case: Case, count: int, seed: int, held: Sequence[Session], prove: bool, sources: Sequence[str] = ()
) -> dict[str, Any]:
    """Mutants of one configuration: what became of them."""
    core = MutatedCore(case.config, count, seed, sources)
    found = killer(core, 0, held)
    assert found is None, f"{name}: the core itself fails: {found}"
    killers: Counter[str] = Counter()
    survivors: list[HardwareMutant] = []
    for mutant in core.mutants:
        found = killer(core, mutant.number, held)
        if found is None:
            survivors.append(mutant)
        else:
            killers[found[0]] += 1
    proved = proved_equivalent(core, survivors) if prove else set()
    return {
        "mutants": len(core.mutants),
        "killed": sum(killers.values()),
        "killed_by": {session.name: killers[session.name] for session in held},
        "survivors": [{**mutant.as_dict(), "proved": mutant.number in proved} for mutant in survivors],
    }


def hardware_mutants(
    names: Sequence[str] = CASES,
    count: int = 60,
    seed: int = 1,
    say: Say = print,
    prove: bool = True,
    sources: Sequence[str] = (),
) -> dict[str, Any]:
    """`count` mutants of each configuration, drawn from a seed; of `sources` alone, see `MutatedCore`.

    Returns
    -------
    dict
        How many there were and died, which survived, and whether that is `right`.
    """
    cases: dict[str, Any] = {}
    for name in names:
        begun = time.monotonic()
        case = CONFIGURATIONS[name]
        cases[name] = found = mutate_case(name, case, count, seed, sessions(case), prove, sources)
        spent = time.monotonic() - begun
        for survivor in found["survivors"]:
            said = "proved to change nothing" if survivor["proved"] else "survives"
            say(f"  {survivor['key']} {' '.join(survivor['sources'])}: {said}")
        say(f"{name}: {found['killed']} of {found['mutants']} die, {len(found['survivors'])} survive ({spent:.0f} s)")
    return judged({"seed": seed, "count": count, "cases": cases}, "hardware")


def judged(figures: dict[str, Any], kind: str) -> dict[str, Any]:
    """Figures with their sums over `cases`, the reasons for what survives, and whether enough of the mutants die."""
    known = reasons(kind)
    for name, case in figures["cases"].items():
        for survivor in case["survivors"]:
            reason = known.get(f"{name}: {survivor['key']}") or known.get(survivor["key"])
            survivor["reason"] = None if survivor["proved"] else reason
    survivors = [survivor for case in figures["cases"].values() for survivor in case["survivors"]]
    mutants = sum(case["mutants"] for case in figures["cases"].values())
    killed = sum(case["killed"] for case in figures["cases"].values())
    proved = sum(survivor["proved"] for survivor in survivors)
    reasoned = sum(bool(survivor["reason"]) for survivor in survivors)
    share = killed / max(1, mutants - proved - reasoned)
    return {
        **figures,
        "mutants": mutants,
        "killed": killed,
        "proved": proved,
        "reasoned": reasoned,
        "share": share,
        "right": share >= LEAST,
    }


def joined(figures: dict[str, Any], before: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    """Figures and, from former ones of the same draw, those of the cases that were not tried again."""
    if before and all(before[name] == figures[name] for name in ("seed", "count")):
        figures = {**figures, "cases": {**before["cases"], **figures["cases"]}}
    return judged(figures, kind)


def mutants_table(figures: dict[str, Any]) -> str:
    """A line a case, the sum, and the survivors that are not explained."""
    head = ("of", "mutants", "killed", "change nothing: proved", "with a reason", "survive", "share that dies")

    def line(name: str, mutants: int, killed: int, proved: int, reasoned: int) -> tuple[str, ...]:
        left, real = mutants - killed - proved - reasoned, mutants - proved - reasoned
        return (name, *(f"{n:,}" for n in (mutants, killed, proved, reasoned, left)), f"{100 * killed / real:.1f} %")

    lines, left = [], []
    for name, case in figures["cases"].items():
        proved = sum(survivor["proved"] for survivor in case["survivors"])
        reasoned = sum(bool(survivor["reason"]) for survivor in case["survivors"])
        lines.append(line(name, case["mutants"], case["killed"], proved, reasoned))
        left += [
            f"{name}: {survivor['key']}  {' '.join(survivor['sources'])}"
            for survivor in case["survivors"]
            if not survivor["proved"] and not survivor["reason"]
        ]
    lines.append(line("all", *(figures[what] for what in ("mutants", "killed", "proved", "reasoned"))))
    return "\n".join([table(head, lines), "", "survivors:" if left else "no survivor is left", *left])
