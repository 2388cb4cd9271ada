"""One proof: what is claimed of what, how it is proved, and what shows that it could fail."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import engines
from .bench import Bench
from .broken import Broken
from .engines import Answer
from .model import has_path, write_aig, write_smt2


class Fails(Exception):
    """A case for which a claim does not hold."""


def nothing(_: Bench) -> None:
    """The bench of a proof that has none."""


def no_cases() -> int:
    """The check of a proof that has none."""
    return 0


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A claim and how it is proved.

    Parameters
    ----------
    name : str
        Unique; also the name of its folder.
    claim, of : str
        The property in words; component, configuration and bounds.
    bench : callable
        Builds a `Bench`; or `check`: goes through all cases and returns their number, `Fails` where one does.
    method : str
        "reachability" or "induction" over `depth` clocks, which are unbounded; "bounded": up to `depth`; "structure":
        see `Bench.apart`; "cases".
    depth : int
        Clocks.
    search : int
        Clocks in which witnesses, and faults of broken ones, are looked for.
    seconds : int
        After which a prover gives up; what is not proved by then counts as not proved.
    broken : list of Broken
        Each of them must be refuted.
    rewritten : Broken
        A change that leaves a component the same and helps the prover.
    initial, extra, kept, clocks
        See `model.write_aig`.
    """

    name: str
    claim: str
    of: str
    broken: list[Broken]
    bench: Callable[[Bench], None] = nothing
    check: Callable[[], int] = no_cases
    method: str = "reachability"
    depth: int = 0
    search: int = 40
    seconds: int = 120
    quick: bool = False
    rewritten: Broken | None = None
    initial: bool = False
    extra: str = ""
    kept: str = ""
    clocks: bool = False


@dataclass
class Result:
    """What came of a proof."""

    name: str
    claim: str
    of: str
    method: str
    verdict: str = "not proved"
    depth: int = 0  #: clocks; frames of reachability; number of cases
    seconds: float = 0.0
    witness: int | None = None  #: clock by which all witnesses have happened
    broken: list[dict[str, Any]] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """It is proved, and nothing broken is."""
        return self.verdict == "proved" and all(one["refuted"] for one in self.broken) and bool(self.broken)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "right": self.right}


def prove(proof: Proof, folder: Path) -> Result:
    """Proves it, shows its witnesses, and refutes what is broken; files and logs are left in `folder`."""
    with proof.rewritten.applied() if proof.rewritten else nullcontext():
        return _prove(proof, folder)


def _prove(proof: Proof, folder: Path) -> Result:
    result = Result(proof.name, proof.claim, proof.of, proof.method)
    started = time.perf_counter()
    answer = _answer(proof, folder / "proof", None)
    result.verdict = {"holds": "proved", "unknown": "not proved"}.get(answer.verdict, answer.verdict)
    result.depth = answer.depth
    result.seconds = time.perf_counter() - started
    if proof.method in ("reachability", "induction", "bounded"):
        write_aig(_bench(proof, witness=True), folder / "witness", **_options(proof))
        seen = engines.bounded(folder / "witness", proof.search, proof.seconds)
        if seen.verdict == "refuted":
            result.witness = seen.depth
        else:
            result.verdict = "not proved"
    for number, broken in enumerate(proof.broken):
        with broken.applied():
            found = _answer(proof, folder / f"broken{number}", broken)
        result.broken.append({"change": str(broken), "refuted": found.verdict == "refuted", "clock": found.depth})
    return result


def _options(proof: Proof) -> dict[str, Any]:
    return {"extra": proof.extra, "kept": proof.kept, "initial": proof.initial, "clocks": proof.clocks}


def _bench(proof: Proof, *, witness: bool = False) -> Bench:
    bench = Bench(witness=witness)
    proof.bench(bench)
    return bench


def _answer(proof: Proof, folder: Path, broken: Broken | None) -> Answer:
    """The prover's word on a component, or on a broken one, whose fault is looked for clock by clock first."""
    if proof.method == "cases":
        try:
            return Answer("proved", proof.check())
        except Fails:
            return Answer("refuted")
    if proof.method == "structure":
        return Answer("refuted" if has_path(_bench(proof), folder) else "proved")
    options = _options(proof)
    if proof.method == "induction" and not broken:
        write_smt2(_bench(proof), folder, **options)
        return engines.induction(folder, proof.depth, proof.seconds)
    write_aig(_bench(proof), folder, **options)
    if proof.method == "bounded":
        return engines.bounded(folder, proof.depth, proof.seconds)
    if broken:
        return engines.bounded(folder, proof.search, proof.seconds)
    return engines.reachability(folder, proof.seconds)
