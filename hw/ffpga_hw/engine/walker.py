"""The walk over a layer's words: group by group, the listed inputs, the bias, then label rows.

In a recurrent network two lists follow each other: the inputs from below and those from above.
"""

from amaranth import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.dither import ROTATE
from ffpga_golden.timing import fetch_latency, memory_latency

from ..machine import Machine
from .delay import delayed

#: Clocks after an update's last word until another walk may read it, beside the latencies of lists and memory.
FLUSH = 6


class Kind:
    """What a word of the walk is."""

    LIST, BIAS, LABEL, ABOVE = range(4)


def layer_parameters(config: NetworkConfig) -> list[dict[str, int]]:
    """What a walk needs to know of each layer."""
    return [
        {
            "base": config.base(layer),
            "rows": config.rows(layer),
            "bias": config.bias_row(layer),
            "groups": config.groups[layer],
        }
        for layer in range(config.depth)
    ]


class Walker(wiring.Component):
    """Issues one word a clock forward; in an update one every ``3 - memory_ports`` clocks.

    Forward, the bias of a group waits while `busy` (the scorer still needs the last group's pre-activations), and
    between groups one clock without a product clears the accumulators: a label's, or an idle one. In an update a
    group waits until its local errors are `ready`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        address = max(1, (config.words - 1).bit_length())
        groups = range(max(config.groups) + 1)
        recurrent = {"length_above": In(11)} if config.recurrent else {}  #: entries of the list from above, 0 and up
        super().__init__(
            {
                **recurrent,
                "start": In(1),  #: begin a walk; all of the following inputs hold during it
                "update": In(1),  #: an update, not a forward walk
                "base": In(address),  #: first word of the layer
                "rows": In(11),  #: rows of the layer
                "groups": In(groups),  #: groups of the layer
                "length": In(11),  #: entries of the list, 0 and up
                "labels": In(6),  #: label rows after the bias, 0 and up
                "busy": In(1),  #: see above
                "ready": In(groups),  #: groups whose local errors are there
                "issue": Out(1),  #: a word this clock
                "kind": Out(2),  #: see Kind
                "pointer": Out(10),  #: entry of the list
                "label": Out(config.classes.bit_length()),  #: ordinal of the label row
                "first": Out(1),  #: first word of a group
                "group": Out(groups),
                "group_base": Out(address),  #: first word of the group, `fetch_latency` clocks late
                "turn": Out(5),  #: rotation of the dither for the group's first neuron
                "running": Out(1),
                "done": Out(1),  #: an update's last word is in the memory
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        beat = Signal(init=1)
        enter, go = Signal(), Signal()
        flush = FLUSH + fetch_latency(config) + memory_latency(config)
        wait = Signal(range(flush + 1))
        turn_step = ROTATE * config.lanes % 32
        # What holds during the walk is needed from the clock after `start` on: with two ports, from registers.
        later = config.memory_ports - 1
        update, rows = (delayed(m, held, later)[later] for held in (self.update, self.rows))
        # Whether a counter is at its end is known when it gets there: compared with the last value but one.
        last_group, last_entry, last_label = Signal(), Signal(), Signal()
        labelled, empty = Signal(), Signal()
        direct = Signal()  # an update's groups without labels follow each other
        m.d.sync += [labelled.eq(self.labels != 0), empty.eq(self.length == 0)]
        m.d.sync += direct.eq(self.update & (self.labels == 0))

        def penultimate(count: Value, like: Value) -> Signal:
            value = Signal.like(like)
            m.d.sync += value.eq(count - 2)
            return value

        group_before = penultimate(self.groups, self.group)
        entry_before = penultimate(self.length, self.pointer)
        label_before = penultimate(self.labels, self.label)
        one_group, one_entry, one_label = Signal(), Signal(), Signal()
        m.d.sync += [one_group.eq(self.groups == 1), one_entry.eq(self.length == 1), one_label.eq(self.labels == 1)]
        none_above, one_above, last_above = Signal(), Signal(), Signal()
        if config.recurrent:
            m.d.sync += [none_above.eq(self.length_above == 0), one_above.eq(self.length_above == 1)]
            m.d.comb += last_above.eq(self.pointer == penultimate(self.length_above, self.pointer))
        if config.memory_ports == 1:
            with m.If(enter):
                m.d.sync += beat.eq(1)
            with m.Else():
                m.d.sync += beat.eq(~beat | ~update)
        held = Signal()  # a group whose local errors are not there yet
        domain = "sync" if config.memory_ports == 1 else "comb"  # the clock between two words is enough for a register
        m.d[domain] += held.eq(update & self.first & (self.ready <= self.group))
        m.d.comb += go.eq(beat & ~held)

        # A word needs its group's base when its row comes.
        advance, late = Signal(), fetch_latency(config)
        starts, advances = delayed(m, enter, late, reset=True), delayed(m, advance, late, reset=True)
        with m.If(starts[late]):
            m.d.sync += self.group_base.eq(self.base)
        with m.Elif(advances[late]):
            m.d.sync += self.group_base.eq(self.group_base + rows)

        def enter_above() -> None:
            """The list from above, if there is one and it is not empty, comes before what was meant to come."""
            if config.recurrent:
                with m.If(~none_above):
                    m.d.sync += [self.pointer.eq(0), last_entry.eq(one_above)]
                    machine.go("ABOVE")

        def next_group() -> None:
            m.d.sync += [self.pointer.eq(0), self.label.eq(0), self.first.eq(1)]
            m.d.sync += last_entry.eq(one_entry)
            with m.If(last_group):
                machine.go("FLUSH")
            with m.Else():
                m.d.comb += advance.eq(1)
                m.d.sync += [
                    self.group.eq(self.group + 1),
                    last_group.eq(self.group == group_before),
                    self.turn.eq(self.turn + turn_step),
                ]
                with m.If(empty):
                    machine.go("BIAS")
                    enter_above()
                with m.Else():
                    machine.go("LIST")

        with m.If(self.issue):
            m.d.sync += self.first.eq(0)
        m.d.comb += self.running.eq(1)
        with Machine(m, "walker") as machine:
            with machine.state("IDLE"):
                m.d.comb += self.running.eq(0)
                m.d.sync += [
                    wait.eq(0),
                    self.group.eq(0),
                    self.turn.eq(0),
                    self.pointer.eq(0),
                    self.label.eq(0),
                    self.first.eq(1),
                ]
                with m.If(self.start):
                    machine.go("ENTER")
            with machine.state("ENTER"):
                m.d.comb += enter.eq(1)
                m.d.sync += [last_group.eq(one_group), last_entry.eq(one_entry)]
                with m.If(empty):
                    machine.go("BIAS")
                    enter_above()
                with m.Else():
                    machine.go("LIST")
            with machine.state("LIST"):
                m.d.comb += [self.kind.eq(Kind.LIST), self.issue.eq(go)]
                with m.If(go):
                    m.d.sync += [self.pointer.eq(self.pointer + 1), last_entry.eq(self.pointer == entry_before)]
                    with m.If(last_entry):
                        machine.go("BIAS")
                        enter_above()
            if config.recurrent:
                with machine.state("ABOVE"):
                    m.d.comb += [self.kind.eq(Kind.ABOVE), self.issue.eq(go)]
                    with m.If(go):
                        m.d.sync += [self.pointer.eq(self.pointer + 1), last_entry.eq(last_above)]
                        with m.If(last_entry):
                            machine.go("BIAS")
            with machine.state("BIAS"):
                m.d.sync += last_label.eq(one_label)
                m.d.comb += [self.kind.eq(Kind.BIAS), self.issue.eq(go & ~self.busy)]
                with m.If(go & direct):
                    next_group()
                with m.Elif(self.issue):
                    machine.go("GAP")
                    with m.If(labelled):
                        machine.go("LABEL")
            with machine.state("LABEL"):
                m.d.comb += [self.kind.eq(Kind.LABEL), self.issue.eq(go)]
                with m.If(go):
                    m.d.sync += [self.label.eq(self.label + 1), last_label.eq(self.label == label_before)]
                    with m.If(last_label):
                        next_group()
            with machine.state("GAP"):
                next_group()
            with machine.state("FLUSH"):
                m.d.sync += [wait.eq(wait + 1), self.done.eq(update & (wait == flush - 2))]
                with m.If(~update | self.done):
                    m.d.sync += self.done.eq(0)
                    machine.go("IDLE")
        return m
