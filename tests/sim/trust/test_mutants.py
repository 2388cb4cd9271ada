"""Tests that notice: mutants of core and golden model die, they themselves live; the long form is `make mutants`."""

from testbenches.chip.sessions import sessions
from testbenches.configurations import CONFIGURATIONS
from testbenches.trust.mutants.core import MutatedCore
from testbenches.trust.mutants.equivalence import proved_equivalent
from testbenches.trust.mutants.golden import golden_mutants
from testbenches.trust.mutants.score import killer

NAME = "two-classes"


def test_mutants_of_the_core_die():
    case = CONFIGURATIONS[NAME]
    core = MutatedCore(case.config, 30, seed=1)
    held = sessions(case, 2)
    assert killer(core, 0, held) is None, "the core itself"
    killed = [mutant for mutant in core.mutants if killer(core, mutant.number, held)]
    print([mutant.key for mutant in core.mutants if mutant not in killed])
    assert len(killed) >= 24
    assert not proved_equivalent(core, killed[:2]), "what a test tells apart is not the same"


def test_mutants_of_the_arithmetic_die():
    figures = golden_mutants(
        60, seed=5, only="arithmetic.py", names=["awkward"], tests=["tests/golden/test_arithmetic.py"]
    )
    assert figures["mutants"] == figures["killed"] >= 4, figures
