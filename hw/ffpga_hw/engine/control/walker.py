"""The walk over a layer's words: group by group, the listed inputs, the bias, then label rows."""

from amaranth import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.dither import ROTATE
from ffpga_golden.timing import fetch_latency, follows_list, memory_latency

from ...delay import delayed
from ...machine import Machine
from ..signatures.sizes import group_counts, neuron_bits
from ..signatures.walk import Kind, LayerSizes, ListLengths, WalkOrder, WalkWord

#: Clocks after an update's last word until another walk may read it, beside the latencies of lists and memory.
FLUSH = 6


class Walker(wiring.Component):
    """Issues one word a clock forward; in an update one every ``3 - memory_ports`` clocks.

    If a forward walk's list is `open` when it starts, its first group follows the list: an entry is issued 2 clocks
    after it was written or later, the bias when nothing is left of the list, 3 clocks after it was complete or later.

    Forward, the bias of a group waits while `busy` (its sums or labels would come before the scorer can take them), and
    between groups one clock without a product clears the accumulators: a label's, or an idle one. In an update a
    group waits until its local errors are `ready`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "order": In(WalkOrder()),
                "sizes": In(LayerSizes(config)),  #: of the layer that is walked; they stay, as the order does
                "lengths": In(self._lengths_signature()),  #: and so do these
                "busy": In(1),  #: see above
                "ready": In(group_counts(config)),  #: groups whose local errors are there
                "word": Out(self._word_signature(config)),
                "running": Out(1),
            }
        )

    def _lengths_signature(self) -> wiring.Signature:
        return ListLengths()

    def _word_signature(self, config: NetworkConfig) -> wiring.Signature:
        return WalkWord(config)

    def _begin(self, m: Module, machine: Machine) -> None:
        """On to a group's first word."""
        with m.If(self._empty):
            self._listed(m, machine)
        with m.Else():
            machine.go("LIST")

    def _pointed(self, pointer: Value) -> Value:
        """The next entry; `pointer`: of a whole list."""
        return pointer

    def _entry(self, m: Module, last: Value) -> None:
        """An entry is issued; `last`: the one after it is the list's last one."""
        m.d.sync += self._last_entry.eq(last)

    def _listed(self, m: Module, machine: Machine) -> None:
        """After the list."""
        machine.go("BIAS")

    def _more(self, m: Module, machine: Machine, go: Value) -> None:
        """States beside those below."""

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, order, sizes, word = self._config, self.order, self.sizes, self.word
        length = self.lengths.list
        beat = Signal(init=1)
        enter, go = Signal(), Signal(init=1)
        begins, listed, ends = Signal(), Signal(), Signal()  # no walk runs; an entry is issued; the group ends
        closing, gap = Signal(attrs={"keep": 1}), Signal()  # it ends if this is a word's clock; it does in any case
        lists, drained = Signal(), Signal()  # if this is a word's clock an entry is issued; the list ends
        follows_on = Signal()  # an entry of a list that is followed is issued
        opening, opens = Signal(), Signal()  # the next clock is a walk's first one, or the one between two groups
        elsewhere = Signal()  # a state where the pointer is of no account
        self._pointer = pointer = Signal.like(word.pointer, reset_less=True)
        m.d.comb += word.pointer.eq(pointer)
        flush = FLUSH + fetch_latency(config) + memory_latency(config)
        wait = Signal(range(flush + 1))
        turn_step = ROTATE * config.lanes % 32
        # What holds during the walk is needed from the clock after its start on: with two ports, from registers.
        later = config.memory_ports - 1
        update, rows = delayed(m, order.update, later)[later], delayed(m, sizes.rows, 1)[1]
        # Whether a counter is at its end is known when it gets there: compared with the last value but one.
        last_group, last_label = Signal(), Signal()
        last_entry = Signal()
        self._last_entry = last_entry
        labelled, empty = Signal(), Signal()
        self._empty, self._beat, self._go = empty, beat, go
        self._closing, self._opens, self._drained, self._elsewhere = closing, opens, drained, elsewhere
        direct = Signal()  # an update's groups without labels follow each other
        m.d.sync += [labelled.eq(order.labels != 0), empty.eq(length == 0)]
        m.d.sync += direct.eq(order.update & (order.labels == 0))

        group_before = self._penultimate(m, sizes.groups, word.group)
        entry_before = self._penultimate(m, length, word.pointer)
        label_before = self._penultimate(m, order.labels, word.label)
        one_group, one_entry, one_label = Signal(), Signal(), Signal()
        m.d.sync += [one_group.eq(sizes.groups == 1), one_entry.eq(length == 1), one_label.eq(order.labels == 1)]
        held = Signal()  # a group whose local errors are not there yet
        m.d.comb += held.eq(update & word.first & (self.ready <= word.group))
        if config.memory_ports == 1:  # the clock between two words is enough for a register
            due = enter | ~beat | ~update
            m.d.sync += [beat.eq(due), go.eq(due & ~held)]
        else:
            m.d.comb += go.eq(beat & ~held)

        # Of a list that is followed: whether there is another entry, and whether it may still grow.
        follows = any(follows_list(config, layer) for layer in range(config.depth))
        there, still, onwards, following = Signal(), Signal(), Signal(), Signal.like(word.pointer)
        known = neuron_bits(config) + 1
        reached = Mux(onwards, _precedes(word.pointer[:known], length[:known]), word.pointer[:known] == length[:known])
        m.d.comb += following.eq(word.pointer + 1)
        m.d.sync += [still.eq(order.open), there.eq(~reached)]

        # A word needs its group's base when its row comes.
        advance, late = Signal(), fetch_latency(config)
        starts, advances = delayed(m, enter, late, reset=True), delayed(m, advance, late, reset=True)
        with m.If(starts[late]):
            m.d.sync += word.base.eq(sizes.base)
        with m.Elif(advances[late]):
            m.d.sync += word.base.eq(word.base + rows)

        def next_group() -> None:
            with m.If(last_group):
                machine.go("FLUSH")
            with m.Else():
                self._begin(m, machine)

        last_follows = Signal()  # the next group is the last one
        m.d.comb += [
            listed.eq((lists & go) | follows_on),
            ends.eq((closing & go) | gap),
            advance.eq(ends & ~last_group),
            last_follows.eq(Mux(enter, one_group, word.group == group_before)),
        ]
        m.d.sync += opens.eq(opening)
        self._on, self._last_follows = enter | advance, last_follows

        # The pointer moves in more clocks than it need: in these it is 0 already, or of no account.
        self._moves = begins | opens | elsewhere | listed | (closing & go)
        with m.If(self._moves):
            m.d.sync += pointer.eq(self._pointed(Mux(listed, following, 0)))
        with m.If(begins | ends):
            m.d.sync += [word.label.eq(0), word.first.eq(1)]
        with m.Elif(word.issue):
            m.d.sync += word.first.eq(0)
        with m.If(listed):
            self._entry(m, word.pointer == entry_before)
        with m.If(enter | advance):
            m.d.sync += last_group.eq(last_follows)
        with m.If(enter | ends):
            m.d.sync += last_entry.eq(one_entry)
        with m.If(begins):
            m.d.sync += [word.group.eq(0), word.turn.eq(0)]
        with m.Elif(advance):
            m.d.sync += [word.group.eq(word.group + 1), word.turn.eq(word.turn + turn_step)]
        m.d.comb += self.running.eq(~begins)
        with Machine(m, "walker") as machine:
            with machine.state("IDLE"):
                m.d.comb += begins.eq(1)
                m.d.sync += wait.eq(0)
                m.d.comb += opening.eq(order.start)
                with m.If(order.start):
                    machine.go("ENTER")
            with machine.state("ENTER"):
                m.d.comb += enter.eq(1)
                self._begin(m, machine)
                if follows:
                    with m.If(order.open):
                        machine.go("FOLLOW")
            if follows:
                with machine.state("FOLLOW"):
                    m.d.comb += [word.kind.eq(Kind.LIST), word.issue.eq(there), onwards.eq(there)]
                    m.d.comb += follows_on.eq(there)
                    with m.If(~there & ~still):
                        machine.go("BIAS")
            with machine.state("LIST"):
                m.d.comb += [word.kind.eq(Kind.LIST), word.issue.eq(go), lists.eq(1), drained.eq(last_entry)]
                with m.If(go):
                    with m.If(last_entry):
                        self._listed(m, machine)
            with machine.state("BIAS"):
                m.d.sync += last_label.eq(one_label)
                m.d.comb += [word.kind.eq(Kind.BIAS), word.issue.eq(go & ~self.busy), closing.eq(direct)]
                with m.If(go & direct):
                    next_group()
                with m.Elif(word.issue):
                    machine.go("GAP")
                    m.d.comb += opening.eq(~labelled)
                    with m.If(labelled):
                        machine.go("LABEL")
            with machine.state("LABEL"):
                m.d.comb += [word.kind.eq(Kind.LABEL), word.issue.eq(go), closing.eq(last_label)]
                with m.If(go):
                    m.d.sync += last_label.eq(word.label == label_before)
                    with m.If(last_label):
                        next_group()
                    with m.Else():
                        m.d.sync += word.label.eq(word.label + 1)
            with machine.state("GAP"):
                m.d.comb += gap.eq(1)
                next_group()
            with machine.state("FLUSH"):
                m.d.sync += [wait.eq(wait + 1), order.done.eq(update & (wait == flush - 2))]
                with m.If(~update | order.done):
                    m.d.sync += order.done.eq(0)
                    machine.go("IDLE")
            self._more(m, machine, go)
        return m

    def _penultimate(self, m: Module, count: Value, like: Value) -> Signal:
        """The last value but one of a counter up to `count`."""
        value = Signal.like(like)
        m.d.sync += value.eq(count - 2)
        return value


def _precedes(low: Value, high: Value) -> Value:
    """`low` + 1 == `high`, of as many bits, in tables of their own: an adder's chain would come before the comparison.

    A bit differs where the one below it is carried on: that of `low` is 1, that of `high` 0.
    """
    carries = Cat(Const(1, 1), low & ~high)[: len(low)]
    return (low ^ high) == carries
