"""The short proofs; `make formal` has all of them."""

import pytest

from formal.proof import prove
from formal.proofs import all_proofs

QUICK = [proof for proof in all_proofs() if proof.quick]


@pytest.mark.parametrize("proof", QUICK, ids=lambda proof: proof.name)
def test_it_is_proved_and_broken_ones_are_refuted(proof, tmp_path):
    result = prove(proof, tmp_path)
    assert result.right, result


def test_every_proof_has_a_broken_one():
    names = [proof.name for proof in all_proofs()]
    assert len(names) == len(set(names)) and all(proof.broken for proof in all_proofs())
