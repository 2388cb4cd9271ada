"""The short proofs; `make formal` has all of them. The document's table is that of the stored figures."""

import json
from pathlib import Path

import pytest

from ffpga_hw.engine.lanes.saturate import Saturate
from formal.__main__ import proof_table
from formal.proofs import all_proofs
from formal.prover.broken import Broken
from formal.prover.proof import prove

QUICK = [proof for proof in all_proofs() if proof.quick]
#: Those that take as long as all others together: the whole chip's conversations and mutants hold their properties,
#: too, and of 16 bits only the constants differ from 8. `make formal` proves them again.
LATER = ("saturation, 16 bit", "tiles: walk, 1 port", "sequence: accepted once")


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


def test_a_broken_component_is_restored():
    """What a broken one leaves behind would make the next proof another one's."""
    (walk,) = (proof for proof in all_proofs() if proof.name == "walk: 1 port")
    broken = walk.broken[0]
    before = dict(vars(broken.of))
    with broken.applied():
        assert broken.of.elaborate is not before["elaborate"]
    assert dict(vars(broken.of)) == before


def test_a_change_that_finds_nothing_to_change_is_an_error():
    with pytest.raises(ValueError, match="must have 'no such source' once, not 0 times"):
        with Broken(Saturate, "no such source", "").applied():
            pass
