"""What is made of sums of squares, byte by byte: the probability c, the best label, an inference's sum, the answer."""

from amaranth import Array, C, Cat, Module, Mux, Signal
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.arithmetic import probability_table

from ...machine import Machine
from ..signatures.host import Settings, ThresholdPort
from ..signatures.sizes import label_bits
from ..signatures.vectors import AnswerByte, Decided, Decision, TotalsPort

#: Bytes of a goodness in an answer.
ANSWER_BYTES = 5
THRESHOLD_BYTES = 4


class Goodness(wiring.Component):
    """Two registers a and b of `total_bytes`, whose lowest bytes meet in an adder of one byte.

    A turn takes `total_bytes` clocks: each byte of one goes in at the top of the other, so that they have changed
    places in the end. Each command of the sequencer starts with a pulse; what goes with it holds until `done`, a pulse
    too.

    - `decide`: a and b are taken from `slot_a` and `slot_b`; c = T[clamp(+-(a - b) >> k)], 0 below the gate. The
      bytes of a and c go into the answer, those of b and c again if `pair`.
    - `select`: the label of highest goodness among those not excluded (or, `among`, only those), the lowest on a tie.
    - `sum`: a + b, or `first`, a is stored in `slot_sum`; a becomes b.
    - `tell`: a of `slot_a` goes into the answer.

    When the vector unit asks for its `second` vector a turn makes a of what was b; without `done`.

    While no step runs the registers' thresholds pass through: `load` takes one as a, `push` takes a byte into b and
    gives one of a, `keep` writes the last four bytes that were pushed.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "settings": In(Settings(config)),
                "decision": In(self._decision_signature(config)),
                "thresholds": In(ThresholdPort(config)),
                "totals": Out(TotalsPort(config)),
                "decided": Out(Decided(config)),
                "answer": Out(AnswerByte()),
            }
        )

    def _decision_signature(self, config: NetworkConfig) -> wiring.Signature:
        return Decision(config)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        decision, thresholds, totals, answer = self.decision, self.thresholds, self.totals, self.answer
        count, classes = config.total_bytes, label_bits(config)
        lowest = self.settings.polarity  # goodness is minus the sum of squares
        temperatures = [getattr(self.settings, f"temperature{layer}") for layer in range(config.depth)]
        k = Signal(5)
        gate, c = self.settings.update_gate, self.decided.c
        m.d.comb += k.eq(Array(temperatures)[decision.layer])
        entries = probability_table().tolist()
        m.submodules.table = table = memory.Memory(shape=8, depth=256, init=entries[128:] + entries[:128])
        port = table.read_port()

        a, b = (Signal(8 * count, name=name, reset_less=True) for name in "ab")
        load_a, load_b, turn = Signal(), Signal(), Signal()
        deciding, selecting, summing, telling = (Signal(name=f"is_{n}") for n in ("decide", "select", "sum", "tell"))
        told = Signal()  # the second half of a decision: b's bytes are told
        at = Signal(3)  # byte of a turn, less one

        # The adder: a - b - less is a + ~b + carry, and ~b is what the register holds but for a sum: so no table stands
        # before the carry chain.
        carry, less = Signal(reset_less=True), Signal()
        digit = Signal(9)
        m.d.comb += digit.eq((Cat(C(1, 1), a[:8]) + Cat(carry, b[:8]))[1:])
        top_b, turned = Signal(8), (~summing).replicate(8)
        m.d.comb += top_b.eq(Mux(turn, Mux(summing & ~decision.first, digit[:8], a[:8] ^ turned), thresholds.byte))
        with m.If(turn | thresholds.push):
            m.d.sync += [a.eq(Cat(a[8:], b[:8] ^ turned)), b.eq(Cat(b[8:], top_b)), carry.eq(digit[8])]
        with m.If(load_a):
            m.d.sync += a.eq(totals.total)
        with m.If(load_b):
            m.d.sync += b.eq(Cat(totals.total, C(0, 8 * count - config.total_bits)) ^ (~summing).replicate(8 * count))
        kept = Signal()
        m.d.sync += [kept.eq(thresholds.keep), totals.store.eq(thresholds.keep)]
        m.d.comb += [
            self.decided.total.eq(a),
            thresholds.value.eq(a[:8]),
            totals.data.eq(Mux(kept, b[8 * (count - THRESHOLD_BYTES) :], b)),
        ]

        # The margin: 16 bits from bit k - k % 8 on, and whether the bytes above are all zeros or all ones.
        window = Signal(16, reset_less=True)
        by_byte, bit = Signal(), Signal()  # it takes the next byte; it loses its lowest bit
        moving = Signal()  # a turn's clocks and the one after it
        past, some, not_all = Signal(), Signal(reset_less=True), Signal(reset_less=True)
        byte, negative, outside = Signal(8), Signal(reset_less=True), Signal()
        fine = Signal(3, reset_less=True)
        m.d.comb += outside.eq(
            Mux(negative, not_all | ~window[7:].all(), some | window[7:].any()),
        )
        # -d >> k is ~(d - 1 >> k), so a turned sign is a complement at the end.
        index = Mux(outside, Cat((~negative).replicate(7), negative), window[:8])
        m.d.comb += port.addr.eq(index ^ decision.negate.replicate(8))

        slot_a, slot_b = Signal.like(totals.slot), Signal.like(totals.slot)
        label = Signal(range(classes))
        swapped, found = Signal(), Signal()  # the best one is a; there is one
        last_label, better = Signal(), Signal()
        skips = Signal(classes, reset_less=True)  # from the label at hand on
        m.d.comb += [
            last_label.eq(label == classes - 1),
            less.eq(Mux(selecting, ~(swapped ^ lowest), decision.negate)),
            better.eq(~carry ^ less),
            totals.slot.eq(slot_a),
            totals.store_slot.eq(Mux(decision.active, decision.slot_sum, thresholds.store_slot)),
            answer.data.eq(a[:8]),
        ]
        end, idle, past_one = Signal(), Signal(), Signal()  # `past_one`: on to the next label
        m.d.comb += end.eq(at == (count - 2) % 8)
        with m.If(idle | past_one):
            m.d.sync += skips.eq(Mux(idle, decision.excluded ^ decision.among.replicate(classes), skips[1:]))
        with m.If(past_one):
            m.d.sync += label.eq(label + 1)

        m.d.sync += [
            slot_a.eq(Mux(decision.active, decision.slot_a, thresholds.slot)),
            slot_b.eq(decision.slot_b),
            decision.changes.eq(c != 0),
        ]
        with Machine(m, "goodness") as machine:
            with machine.state("IDLE"):
                m.d.sync += [at.eq(7), past.eq(0), some.eq(0), not_all.eq(0), told.eq(0), fine.eq(k)]
                m.d.sync += [deciding.eq(decision.decide), summing.eq(decision.sum), telling.eq(decision.tell)]
                m.d.sync += [label.eq(0), swapped.eq(0), found.eq(0), selecting.eq(decision.select)]
                m.d.comb += [idle.eq(1), load_a.eq(thresholds.load)]
                with m.If(decision.decide | decision.sum | decision.tell):
                    machine.go("ADDRESS")
                with m.Elif(decision.select):
                    machine.go("SCAN")
                with m.Elif(self.decided.second):
                    machine.go("TURN")
            with machine.state("ADDRESS"):
                machine.go("LOAD-A")
            with machine.state("LOAD-A"):
                m.d.comb += [totals.slot.eq(slot_b), load_a.eq(1)]
                machine.go("LOAD-B")
            with machine.state("LOAD-B"):
                m.d.comb += load_b.eq(1)
                m.d.sync += carry.eq(~less & ~summing)
                machine.go("TURN")
            with machine.state("TURN"):
                m.d.comb += [turn.eq(1), moving.eq(1), answer.valid.eq(Mux(told, decision.pair, deciding | telling))]
                m.d.sync += at.eq(at + 1)
                with m.If(end):
                    machine.go("TURNED")
            with machine.state("TURNED"):
                m.d.comb += moving.eq(1)
                m.d.sync += at.eq(7)
                if count < ANSWER_BYTES:
                    m.d.comb += [answer.valid.eq(Mux(told, decision.pair, deciding | telling)), answer.data.eq(0)]
                m.d.sync += negative.eq(~carry)
                with m.If(selecting):
                    with m.If(better):
                        m.d.sync += decision.label.eq(label)
                    with m.Else():
                        m.d.sync += swapped.eq(~swapped)
                    m.d.comb += past_one.eq(1)
                    machine.go("SCAN")
                    with m.If(last_label):
                        machine.go("DONE")
                with m.Elif(deciding):
                    machine.go("SHIFT")
                    with m.If(told):
                        machine.go("AGAIN")
                with m.Elif(summing | telling):
                    m.d.sync += totals.store.eq(summing)
                    machine.go("DONE")
                with m.Else():
                    machine.go("IDLE")
            with machine.state("SCAN"):
                m.d.comb += totals.slot.eq(label)
                with m.If(skips[0]):
                    m.d.comb += past_one.eq(1)
                    with m.If(last_label):
                        machine.go("DONE")
                with m.Else():
                    machine.go("CANDIDATE")
            with machine.state("CANDIDATE"):
                m.d.comb += [load_a.eq(~swapped), load_b.eq(swapped)]
                m.d.sync += [carry.eq(~less), found.eq(1)]
                machine.go("TURN")
                with m.If(~found):  # the first one is the best one so far
                    m.d.comb += past_one.eq(1)
                    m.d.sync += [decision.label.eq(label), swapped.eq(1)]
                    machine.go("SCAN")
                    with m.If(last_label):
                        machine.go("DONE")
            with machine.state("SHIFT"):
                with m.If(fine == 0):
                    machine.go("READ")
                with m.Else():
                    m.d.comb += bit.eq(1)
                    m.d.sync += fine.eq(fine - 1)
            with machine.state("READ"):
                machine.go("GATE")
            with machine.state("GATE"):
                m.d.sync += c.eq(Mux(port.data < gate, 0, port.data))
                machine.go("PROBABILITY")
            with machine.state("PROBABILITY"):
                m.d.comb += [answer.valid.eq(1), answer.data.eq(c)]
                m.d.sync += told.eq(1)
                machine.go("TURN")
            with machine.state("AGAIN"):
                m.d.comb += [answer.valid.eq(decision.pair), answer.data.eq(c)]
                machine.go("DONE")
            with machine.state("DONE"):
                m.d.comb += decision.done.eq(1)
                machine.go("IDLE")
        with m.If(by_byte | bit):
            m.d.sync += window.eq(Mux(by_byte, Cat(window[8:], byte), Cat(window[1:], window[-1])))
        # A turn's bytes of the margin, its sign as one byte more.
        m.d.comb += byte.eq(Mux(turn, digit[:8], (~carry).replicate(8)))
        above, above_valid = Signal(8, reset_less=True), Signal()
        m.d.sync += [above.eq(byte), above_valid.eq(0)]
        with m.If(above_valid):
            m.d.sync += [some.eq(some | above.any()), not_all.eq(not_all | ~above.all())]
        with m.If(moving & deciding & ~told):
            with m.If(past):
                m.d.sync += above_valid.eq(1)
            with m.Else():
                m.d.comb += by_byte.eq(1)
            with m.If(at == k[3:]):
                m.d.sync += past.eq(1)
        return m
