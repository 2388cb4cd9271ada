"""The short proofs; `make formal` has all of them. The document's table is that of the stored figures."""

import json
from pathlib import Path

import pytest
from amaranth import Mux, Signal
from amaranth.lib.cdc import FFSynchronizer

from ffpga_hw.boards import spi
from ffpga_hw.engine.lanes.saturate import Saturate
from formal.__main__ import among, proof_table
from formal.proofs import all_proofs
from formal.prover.broken import Broken
from formal.prover.crossing import in_doubt
from formal.prover.proof import Proof, prove

QUICK = [proof for proof in all_proofs() if proof.quick]
#: Those that take longest: the whole chip's conversations, its pins and mutants hold their properties, too, and of 16
#: bits only the constants differ from 8. `make formal` proves them again.
LATER = ("saturation, 16 bit", "tiles: walk, 1 port", "sequence: accepted once", "spi: hears", "spi: waits")


@pytest.mark.parametrize(
    "proof",
    [pytest.param(proof, marks=[pytest.mark.all] * (proof.name in LATER)) for proof in QUICK],
    ids=lambda proof: proof.name,
)
def test_it_is_proved_and_broken_ones_are_refuted(proof, tmp_path):
    result = prove(proof, tmp_path)
    assert result.right, result


def test_every_proof_has_a_broken_one():
    names = [proof.name for proof in all_proofs()]
    assert len(names) == len(set(names)) and all(proof.broken for proof in all_proofs())
    assert {proof.name for proof in QUICK} > set(LATER)


def test_every_broken_one_is_of_todays_source():
    """Where its proof takes minutes, too; what is stored was made with the same ones."""
    root = Path(__file__).parents[3]
    stored = json.loads((root / "host" / "results" / "formal.json").read_text())["proofs"]
    for proof, kept in zip(all_proofs(), stored, strict=True):
        assert [one["change"] for one in kept["broken"]] == list(map(str, proof.broken)), proof.name
        for one in proof.broken:
            with one.applied():
                pass


def test_the_document_has_the_stored_table():
    root = Path(__file__).parents[3]
    stored = json.loads((root / "host" / "results" / "formal.json").read_text())
    assert stored["right"] and [one["name"] for one in stored["proofs"]] == [proof.name for proof in all_proofs()]
    assert f"\n\n{proof_table(stored)}\n\n" in (root / "sim" / "README.md").read_text()


def figures(tools, **seconds):
    return {"tools": tools, "proofs": [{"name": name, "seconds": n, "right": n > 0} for name, n in seconds.items()]}


def test_figures_of_some_proofs_are_kept_among_the_others():
    """In the table's order; a proof that is no more leaves none."""
    kept = among(figures("tools", a=1, gone=2, c=3), figures("tools", b=4, c=5), ["a", "b", "c"])
    assert [(one["name"], one["seconds"]) for one in kept["proofs"]] == [("a", 1), ("b", 4), ("c", 5)]
    assert kept["right"] and kept["seconds"] == 10
    assert not among(figures("tools", a=1), figures("tools", b=0), ["a", "b"])["right"]
    assert not among(figures("tools", a=1), figures("tools", b=1), ["a", "b", "c"])["right"], "one has no figures"


def test_figures_of_other_tools_are_not_mixed():
    with pytest.raises(ValueError, match="must be made with new, not old: prove all of them"):
        among(figures("old", a=1), figures("new", b=1), ["a", "b"])


def test_a_broken_component_is_restored():
    """What a broken one leaves behind would make the next proof another one's."""
    (walk,) = (proof for proof in all_proofs() if proof.name == "walk: 1 port")
    broken = walk.broken[0]
    before = dict(vars(broken.of))
    with broken.applied():
        assert broken.of.elaborate is not before["elaborate"]
    assert dict(vars(broken.of)) == before


def test_a_synchroniser_in_doubt_is_of_a_bit():
    with in_doubt(spi):
        assert spi.FFSynchronizer is not FFSynchronizer
        with pytest.raises(ValueError, match="must be of one bit, without a reset"):
            spi.FFSynchronizer(Signal(2), Signal(2))
    assert spi.FFSynchronizer is FFSynchronizer


def counting(bench):
    """A counter that a free signal moves: of 3 bits, and never 7."""
    count, moves = Signal(3), bench.free(name="moves")
    bench.m.d.sync += count.eq(Mux(moves & (count != 6), count + 1, count))
    bench.claim(count != 7)
    bench.witness(count == 6)


@pytest.mark.parametrize("method", ["reachability", "induction", "bounded"])
def test_each_method_takes_all_options_of_a_proof(method, tmp_path):
    """Induction is z3's, which few of the short proofs need; broken ones are others' business."""
    proof = Proof(name="count", claim="", of="", broken=[], bench=counting, method=method, depth=9)
    found = prove(proof, tmp_path)
    assert (found.verdict, found.witness) == ("proved", 7), found


def test_a_change_that_finds_nothing_to_change_is_an_error():
    with pytest.raises(ValueError, match="must have 'no such source' once, not 0 times"):
        with Broken(Saturate, "no such source", "").applied():
            pass
