"""Tests that notice: mutants of core and golden model die, they themselves live; the long form is `make mutants`."""

import json
import shutil
from pathlib import Path

from typer.testing import CliRunner

from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.sessions import sessions
from testbenches.trust.__main__ import app
from testbenches.trust.mutants import golden
from testbenches.trust.mutants.core import MutatedCore
from testbenches.trust.mutants.equivalence import proved_equivalent
from testbenches.trust.mutants.golden import golden_mutants
from testbenches.trust.mutants.score import killer

NAME = "two-classes"
STORED = Path(__file__).parents[3] / "host" / "results" / "mutants.json"


def test_mutants_of_the_core_die():
    case = CONFIGURATIONS[NAME]
    core = MutatedCore(case.config, 16, seed=1)
    held = sessions(case, 2)
    assert killer(core, 0, held) is None, "the core itself"
    killed = [mutant for mutant in core.mutants if killer(core, mutant.number, held)]
    print([mutant.key for mutant in core.mutants if mutant not in killed])
    assert len(killed) >= 13
    assert not proved_equivalent(core, killed[:2]), "what a test tells apart is not the same"


def test_mutants_of_the_arithmetic_die():
    figures = golden_mutants(
        60, seed=5, only="arithmetic.py", names=["awkward"], tests=["tests/golden/test_arithmetic.py"]
    )
    assert figures["mutants"] == figures["killed"] >= 4, figures


def test_what_is_not_tried_again_stays_stored(monkeypatch, tmp_path):
    before = json.loads(STORED.read_text())
    file = "compiled/network.py"
    case = {"mutants": 7, "killed": 7, "killed_by": {}, "survivors": []}
    monkeypatch.setattr(golden, "golden_mutants", lambda count, seed, only: {
        "seed": seed, "count": count, "cases": {only: case},
    })  # fmt: skip
    store = shutil.copy(STORED, tmp_path / "mutants.json")
    arguments = ["mutants", "--part", "golden", "--only", file, "--out", tmp_path / "out", "--store", store]
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.stdout
    after = json.loads(store.read_text())
    assert after["hardware"] == before["hardware"] and after["golden"]["cases"].pop(file) == case
    before["golden"]["cases"].pop(file)
    assert after["golden"]["cases"] == before["golden"]["cases"]
