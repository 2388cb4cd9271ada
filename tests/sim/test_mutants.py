"""Tests that notice: mutants of the core die, the core itself lives; the long form is `make mutants`."""

from testbenches.configurations import CONFIGURATIONS
from testbenches.trust.equivalence import proved_equivalent
from testbenches.trust.hardware_mutants import MutatedCore
from testbenches.trust.mutants import killer
from testbenches.trust.sessions import sessions

NAME = "two-classes"


def test_mutants_of_the_core_die():
    case = CONFIGURATIONS[NAME]
    core = MutatedCore(case.config, 40, seed=1)
    held = sessions(case)[:2]
    assert killer(core, 0, held) is None, "the core itself"
    killed = [mutant for mutant in core.mutants if killer(core, mutant.number, held)]
    print([mutant.key for mutant in core.mutants if mutant not in killed])
    assert len(killed) >= 32
    assert not proved_equivalent(core, killed[:8]), "what a test tells apart is not the same"
