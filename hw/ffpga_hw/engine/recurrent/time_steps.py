"""The time of a recurrent network's command: the bottom-up pass, then step by step."""

from amaranth import Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class TimeSteps(wiring.Component):
    """Counts the time steps of a command: 0 is the bottom-up pass, `steps` the last one."""

    restart: In(1)  #: the time is 0 from the next clock on
    step: In(1)  #: one step on
    steps: In(4)  #: the last time; 0 counts as 1
    bottom_up: Out(1)  #: the time is 0
    first: Out(1)  #: it is 1
    last: Out(1)  #: it is `steps`
    odd: Out(1)  #: it is odd
    odd_inputs: Out(1)  #: the lists that a walk takes are of an odd time: the one before; at time 0 its own

    def elaborate(self, platform: object) -> Module:
        m = Module()
        time = Signal(4)
        with m.If(self.restart):
            m.d.sync += time.eq(0)
        with m.Elif(self.step):
            m.d.sync += time.eq(time + 1)
        m.d.comb += [
            self.bottom_up.eq(time == 0),
            self.first.eq(time == 1),
            self.last.eq(time == Cat(self.steps[0] | ~self.steps.any(), self.steps[1:])),
            self.odd.eq(time[0]),
            self.odd_inputs.eq(~time[0] & ~self.bottom_up),
        ]
        return m
