"""The order of a step: which layer, phase and unit comes next. The hardware of `ffpga_golden.network`'s steps."""

from amaranth import Array, Const, Module, Mux, Signal
from amaranth.lib import wiring

from ffpga_golden import NegativePolicy, NetworkConfig

from ..machine import Machine
from .scorer import TotalSlots, slot_bits
from .sequencer_ports import sequencer_ports
from .time_steps import TimeSteps

PAIR, PHASE, INFER, ACTIVITIES = range(4)
UNLABELLED = 255


class Sequencer(wiring.Component):
    """Runs one command from `start` to `done`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(sequencer_ports(config))

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        classes = config.classes
        slots = TotalSlots(config)
        last_layer = Signal()
        contrast, infer, negative_phase, again = (Signal(name=n) for n in ("contrast", "infer", "negative", "again"))
        own_inputs, scoring, layer_first = Signal(), Signal(), Signal()
        more = Signal(6)  # candidates of an inference that are left, with the one at hand
        wrong, offset = Signal(range(classes)), Signal(range(classes))
        drawn = Signal(8)
        second_walk = Signal()
        next_layer = Signal(2)
        # A recurrent network's time. Without it the first layer has the labels, and the last one ends the pass.
        recurrent = config.recurrent
        bottom_up, last_time, restart, step = (Signal(name=n) for n in ("bottom_up", "last_time", "restart", "step"))
        scanned = Signal()  # an inference has scored the labels
        named, final, learns = self.labelled, last_layer, self.changes
        if recurrent:
            m.submodules.time = time = TimeSteps()
            named, final, learns = self.named, last_time, self.changes & ~bottom_up
            m.d.comb += [
                time.steps.eq(self.time_steps),
                time.restart.eq(restart),
                time.step.eq(step),
                bottom_up.eq(time.bottom_up),
                last_time.eq(time.last),
                self.bottom_up.eq(bottom_up),
                self.odd.eq(time.odd),
                self.odd_inputs.eq(time.odd_inputs),
                self.common.eq(time.first),
                self.named.eq(last_layer & bottom_up),
                self.sum_first.eq(bottom_up | (time.first & layer_first)),
                self.quiet.eq(~last_time & ~infer),
            ]
        wait = Signal(3)

        # Both phases have lists of their own: at time 0 the top layer only.
        both = contrast & (last_layer | ~bottom_up) if recurrent else contrast
        m.d.comb += [
            last_layer.eq(self.layer == config.depth - 1),
            layer_first.eq(self.layer == 0),
            own_inputs.eq(~bottom_up if recurrent else ~self.labelled),
            scoring.eq((self.policy == NegativePolicy.HARD) | (self.policy == NegativePolicy.OWN)),
            self.single.eq(~contrast),
            self.sample_slot.eq(Mux(contrast, self.phase, negative_phase & (self.command == PAIR))),
            self.negate.eq(self.minus ^ negative_phase),
            self.vector_sets.eq(Mux(contrast, Mux(own_inputs, 2, 3), 1)),
            self.vector_normals.eq(Mux(infer, 1, Mux(final, 0, Mux(both, 2, 1)))),
            self.update_set.eq(second_walk),
            next_layer.eq(self.layer + 1),
        ]
        plain = [Const(classes + n, slot_bits(config)) for n in range(4)]
        plain_slot = Array(plain)
        m.d.comb += [
            self.score_slot.eq(plain_slot[self.phase + 2 * self.layer[0]]),
            self.slot_a.eq(Mux(named, self.label_a, plain_slot[2 * self.layer[0]])),
            self.slot_b.eq(Mux(named, self.label_b, plain_slot[2 * self.layer[0] + 1])),
        ]
        # What depends on the layer is valid from the clock after the layer's first.
        every, deeper, lists = Signal(), Signal(), Signal()
        scans = infer & ~scanned if recurrent else infer
        few = Mux(contrast & bottom_up if recurrent else contrast, 2, 1)
        m.d.comb += [
            self.labelled.eq((last_layer if recurrent else layer_first) if classes else 0),
            every.eq(named & (scans | (scoring & (contrast | negative_phase)))),
        ]
        most = self.shortlist[1:].any() if classes else Const(1)
        m.d.sync += [
            self.every.eq(every),
            deeper.eq(~(last_layer & final) & (most | (bottom_up & ~last_layer)) if recurrent else ~last_layer & most),
            lists.eq(self.changes | ~final),
            self.slots.eq(Mux(every, classes, Mux(self.labelled, few, 1))),
            self.walk_labels.eq(Mux(self.labelled, Mux(every & ~self.walk_update, classes, few), 0)),
        ]
        # Random wrong label: (label + 1 + (random * (classes - 1) >> 8)) mod classes.
        if classes:
            sum_label = Signal(range(2 * classes))
            with m.If(wait == 1):
                m.d.sync += drawn.eq(self.random[24:])
            m.d.sync += offset.eq((drawn * (classes - 1)) >> 8)
            m.d.comb += sum_label.eq(self.label[: len(wrong)] + offset + 1)
            m.d.sync += wrong.eq(Mux(sum_label >= classes, sum_label - classes, sum_label))

        # An inference adds up its layers in the label's slot, or in one of their own.
        threshold = slots.threshold(self.layer, self.written_thresholds.bit_select(self.layer, 1))
        sum_slot = self.label_a if classes else Const(slots.sum, slots.bits)
        m.d.comb += [
            self.total_a.eq(self.slot_a),
            self.total_b.eq(Mux(contrast, self.slot_b, threshold)),
            self.total_sum.eq(sum_slot),
            self.result.eq((Mux(contrast, self.label_b, self.label_a)) if classes else UNLABELLED),
        ]
        with m.If(infer):
            m.d.comb += self.total_b.eq(self.slot_a)
            with m.If(~self.sum_first | self.among if recurrent else ~layer_first):
                m.d.comb += self.total_a.eq(sum_slot)

        late = Signal()  # the draw is over
        draws, drawing, tossing = Signal(), Signal(), Signal()  # the generator is wanted; for a label, for tosses
        named, bare = Signal(), Signal()  # the host's label of a pair's negative phase; no wrong label takes part
        own, host = self.policy == NegativePolicy.OWN, self.policy == NegativePolicy.HOST
        true_label = Signal(max(2, classes))
        m.d.comb += true_label.eq(1 << self.label_a)
        m.d.sync += [
            late.eq(wait == 3),
            drawing.eq(draws & ~own),
            tossing.eq(draws & own),
            bare.eq((self.excluded | true_label).all()),
            named.eq(~contrast & negative_phase & host & (self.command == PAIR)),
        ]
        m.d.comb += draws.eq(
            ((self.policy == NegativePolicy.RANDOM) | own) & (contrast | negative_phase) if classes else Const(0)
        )
        m.d.comb += [self.active.eq(1), self.running.eq(self.active | self.start)]
        with Machine(m, "sequencer") as machine:
            with machine.state("IDLE"):
                m.d.comb += self.active.eq(0)
                m.d.sync += [
                    self.layer.eq(0),
                    self.phase.eq(0),
                    self.excluded.eq(0),
                    more.eq(self.shortlist),
                    self.among.eq(0),
                    contrast.eq((self.command == PAIR) & ~self.threshold_objective),
                    infer.eq(self.command[1] if not classes else self.command == INFER),
                    negative_phase.eq((self.command == PHASE) & self.negative[0]),
                    again.eq((self.command == PAIR) & self.threshold_objective),
                    wait.eq(0),
                ]
                if recurrent:
                    m.d.comb += restart.eq(1)
                    m.d.sync += scanned.eq(0)
                with m.If(self.start):
                    machine.go("LABELS")
            with machine.state("LABELS"):
                m.d.comb += self.draw.eq(draws & (wait == 0))
                m.d.sync += [wait.eq(wait + 1), self.label_a.eq(self.label), self.label_b.eq(self.negative)]
                with m.If(tossing & (wait == 1)):
                    m.d.sync += self.excluded.eq(self.random)
                with m.If(late):
                    with m.If(drawing):
                        with m.If(contrast):
                            m.d.sync += self.label_b.eq(wrong)
                        with m.Else():
                            m.d.sync += self.label_a.eq(wrong)
                    with m.If(named):
                        m.d.sync += self.label_a.eq(self.negative)
                    machine.go("FORWARD")
            with machine.state("FORWARD"):
                # In the last time step no lists are made.
                free = Mux(layer_first, bottom_up, last_time) if recurrent else layer_first
                with m.If(free | self.listed.bit_select(self.phase, 1)):
                    m.d.comb += self.walk_start.eq(1)
                    machine.go("SCORE")
            with machine.state("SCORE"):
                with m.If(self.scored):
                    with m.If(contrast & own_inputs & ~self.phase):
                        m.d.sync += self.phase.eq(1)
                        machine.go("FORWARD")
                    with m.Elif(self.every):
                        with m.If(~infer):
                            m.d.sync += self.excluded.eq(Mux(bare, 0, self.excluded) | true_label)
                        machine.go("SELECT")
                    with m.Else():
                        machine.go("DECIDE")
            with machine.state("SELECT"):
                m.d.comb += self.select_start.eq(1)
                machine.go("SELECTED")
            with machine.state("SELECTED"):
                with m.If(self.total_done):
                    with m.If(contrast):
                        m.d.sync += self.label_b.eq(self.selected)
                    with m.Else():
                        m.d.sync += self.label_a.eq(self.selected)
                    machine.go("DECIDE")
                    if recurrent:
                        with m.If(scanned):
                            machine.go("FORWARD")
                    with m.If(self.among):
                        machine.go("TELL")
            with machine.state("DECIDE"):
                m.d.comb += [self.decide_start.eq(~infer), self.sum_start.eq(infer)]
                m.d.sync += self.phase.eq(0)
                machine.go("DECIDED")
            with machine.state("DECIDED"):
                with m.If(self.total_done):
                    machine.go("LEARN")
                    with m.If(infer):
                        machine.go("INFERRED")
            with machine.state("LEARN"):
                with m.If(self.vector_idle):
                    m.d.comb += [
                        self.vector_start.eq(lists),
                        self.vector_errors.eq(learns),
                        self.updated.eq(learns),
                        self.skipped.eq(~self.changes & ~bottom_up if recurrent else ~self.changes),
                    ]
                    m.d.sync += [second_walk.eq(0), self.phase.eq(0)]
                    with m.If(learns):
                        m.d.sync += self.walk_update.eq(1)
                        machine.go("UPDATE")
                    with m.Else():
                        machine.go("NEXT")
            with machine.state("UPDATE"):
                m.d.comb += self.walk_start.eq(1)
                machine.go("UPDATING")
            with machine.state("UPDATING"):
                with m.If(self.walk_done):
                    with m.If(contrast & own_inputs & ~second_walk):
                        m.d.sync += [second_walk.eq(1), self.phase.eq(1)]
                        machine.go("UPDATE")
                    with m.Else():
                        m.d.sync += [self.phase.eq(0), self.walk_update.eq(0)]
                        machine.go("NEXT")
            with machine.state("NEXT"):
                with m.If(~last_layer):
                    m.d.sync += self.layer.eq(next_layer)
                    machine.go("FORWARD")
                if recurrent:
                    with m.Elif(~last_time):
                        m.d.sync += self.layer.eq(0)
                        m.d.comb += step.eq(1)
                        machine.go("FORWARD")
                with m.Elif(again):
                    m.d.sync += [again.eq(0), negative_phase.eq(1), self.layer.eq(0), wait.eq(0)]
                    if recurrent:
                        m.d.comb += restart.eq(1)
                    machine.go("LABELS")
                with m.Else():
                    machine.go("ANSWER")
            with machine.state("ANSWER"):
                m.d.comb += [self.result_valid.eq(1), self.done.eq(1)]
                machine.go("IDLE")
            with machine.state("INFERRED"):
                with m.If(deeper):
                    m.d.comb += self.vector_start.eq(~last_time if recurrent else 1)
                    m.d.sync += self.layer.eq(Mux(last_layer, 0, next_layer) if recurrent else next_layer)
                    if recurrent:
                        m.d.comb += step.eq(last_layer)
                    machine.go("LISTING")
                with m.Else():
                    machine.go("CANDIDATE")
                if not classes:
                    with m.If((self.command == ACTIVITIES) & (self.layer == self.label[:2])):
                        m.d.comb += [self.vector_start.eq(1), self.vector_read.eq(1)]
                        m.d.sync += self.layer.eq(self.layer)
                        machine.go("READING")
            with machine.state("LISTING"):
                machine.go("FORWARD")
            if not classes:
                with machine.state("READING"):
                    machine.go("READ")
                with machine.state("READ"):
                    with m.If(self.listed[0]):
                        m.d.comb += self.done.eq(1)
                        machine.go("IDLE")
            with machine.state("CANDIDATE"):
                if classes:
                    m.d.sync += [self.excluded.eq(self.excluded | true_label), self.layer.eq(0)]
                    if recurrent:  # the next candidate begins anew: the lists of time 0 are gone
                        m.d.comb += restart.eq(1)
                        m.d.sync += scanned.eq(1)
                    machine.go("MORE")
                else:
                    machine.go("TELL")
            with machine.state("MORE"):
                m.d.sync += more.eq(more - 1)
                with m.If(~more[1:].any() | self.excluded.all()):
                    m.d.sync += self.among.eq(1)
                machine.go("SELECT")
            with machine.state("TELL"):
                m.d.comb += [self.result_valid.eq(1), self.tell_start.eq(1)]
                machine.go("TELLING")
            with machine.state("TELLING"):
                with m.If(self.total_done):
                    m.d.comb += self.done.eq(1)
                    machine.go("IDLE")
        return m
