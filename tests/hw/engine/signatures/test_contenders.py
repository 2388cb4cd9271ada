# amaranth: UnusedElaboratable=no
"""The order in which labels contend, for every true label and every first one, against the golden model."""

from types import SimpleNamespace

import numpy as np
import pytest
from amaranth import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NegativePolicy, Network, NetworkConfig
from ffpga_hw.engine.signatures.contenders import Contenders

from ...block_bench import simulate


class Turns(wiring.Component):
    """Labels one after the other, a clock each, since `begin`."""

    true: In(8)
    first: In(8)
    begin: In(1)
    label: Out(8)

    def __init__(self, config: NetworkConfig) -> None:
        self._config = config
        super().__init__()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        ordinal = Signal(6)
        contenders = Contenders(m, self._config, self.true, self.first)
        m.d.comb += self.label.eq(contenders.label(ordinal))
        m.d.sync += ordinal.eq(ordinal + 1)
        contenders.step(ordinal)
        with m.If(self.begin):
            m.d.sync += ordinal.eq(0)
        return m


def sized(classes: int) -> NetworkConfig:
    return NetworkConfig(features=1, classes=classes, layers=(1,), lanes=1)


@pytest.mark.parametrize("classes", range(3, 33))
def test_the_order_is_goldens(classes):
    config, wrong = sized(classes), classes - 1
    dut, network = Turns(config), Network(config)
    network.write_register("contenders", wrong - 1)
    network.write_register("negative_policy", NegativePolicy.HARD)

    async def script(ctx):
        for true in range(classes):
            firsts = set()
            for drawn in range(wrong):
                high = -(-drawn * 256 // wrong)  # the least random number that draws this one
                network._wrong._random = SimpleNamespace(states=lambda _, high=high: np.array([high << 24]))
                labels, _ = network._wrong._contending(true)
                ctx.set(dut.true, true)
                ctx.set(dut.first, labels[1])
                firsts.add(labels[1])
                ctx.set(dut.begin, 1)
                await ctx.tick()
                ctx.set(dut.begin, 0)
                for label in labels:
                    assert ctx.get(dut.label) == label
                    await ctx.tick()
            assert firsts == {*range(classes)} - {true}

    simulate(dut, script)


def test_where_fewer_may_contend():
    assert sized(3).has_contenders and not sized(2).has_contenders and not sized(0).has_contenders
    assert not NetworkConfig(features=4, classes=3, layers=(2, 2), lanes=1, recurrent=True).has_contenders
