"""Tests that notice: mutants of the golden model die, the model itself lives; the long form is `make mutants`."""

from testbenches.trust.golden_mutants import golden_mutants


def test_mutants_of_the_arithmetic_die():
    figures = golden_mutants(
        120, seed=2, only="arithmetic.py", names=["one-neuron"], tests=["tests/golden/test_arithmetic.py"]
    )
    assert figures["mutants"] >= 12
    assert figures["share"] >= 0.9, figures
