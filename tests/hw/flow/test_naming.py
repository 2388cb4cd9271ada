"""Names in the Verilog: those that Python 3.11 and 3.12 lead to, in 3.13 as well."""

import pytest
from amaranth import Signal, tracer

from ffpga_hw.flow import naming


def test_variables_that_are_stored_together():
    """The last call names its signal; an attribute that comes behind it is passed over, as it is in Amaranth."""
    first, second = Signal(), Signal()
    assert (first.name, second.name) == ("$signal", "second")
    third, fourth, fifth = Signal(2), Signal(3), Signal()
    assert (third.name, fourth.name, fifth.name) == ("$signal", "$signal", "fifth")
    sixth, seventh = Signal(2), fifth.name
    assert (sixth.name, seventh) == ("seventh", "fifth")


def test_what_is_stored_nowhere():
    assert [Signal().name, Signal(name="own").name] == ["$signal", "own"]
    with pytest.raises(tracer.NameNotFound):
        str(naming.get_var_name(depth=1))
