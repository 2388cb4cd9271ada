"""The time of a recurrent network's command, for every number of time steps."""

from ffpga_golden import NetworkConfig
from ffpga_golden.registers import registers
from ffpga_hw.engine.recurrent.time_steps import TimeSteps

from ...block_bench import simulate

RECURRENT = NetworkConfig(features=4, classes=2, layers=(8, 8), lanes=4, recurrent=True)
(REGISTER,) = (register for register in registers(RECURRENT) if register.name == "time_steps")


def test_time_ends_at_every_value_of_the_register():
    dut = TimeSteps()
    assert len(dut.steps) == REGISTER.width

    async def bench(ctx):
        for steps in range(1 << REGISTER.width):
            ctx.set(dut.steps, steps)
            ctx.set(dut.step, 0)
            ctx.set(dut.restart, 1)
            await ctx.tick()
            ctx.set(dut.restart, 0)
            ctx.set(dut.step, 1)
            last = max(1, steps)
            for time in range(last + 1):
                assert ctx.get(dut.last) == (time == last), (steps, time)
                assert (ctx.get(dut.bottom_up), ctx.get(dut.first)) == (time == 0, time == 1)
                assert ctx.get(dut.odd) == time % 2
                assert ctx.get(dut.odd_inputs) == (time > 0 and (time - 1) % 2)
                await ctx.tick()

    simulate(dut, bench)
