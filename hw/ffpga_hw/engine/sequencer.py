"""The order of a step: which layer, phase and unit comes next. The hardware of `ffpga_golden.network`'s steps."""

from amaranth import Array, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NegativePolicy, NetworkConfig

from .compare import better
from .scorer import slot_bits

PAIR, PHASE, INFER = range(3)
UNLABELLED = 255

#: Bytes of the answers, (source, byte): two entries of a step, its label; an inference.
ANSWER = [
    (name, byte) for name, count in (("a", 5), ("c", 1), ("b", 5), ("c", 1), ("label", 1)) for byte in range(count)
]
ANSWER += [("best_label", 0), *(("best", byte) for byte in range(5))]


class Sequencer(wiring.Component):
    """Runs one command from `start` to `done`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        slot, total = slot_bits(config), config.goodness_bits
        classes = max(2, config.classes)
        super().__init__(
            {
                # The command.
                "start": In(1),
                "command": In(2),  #: 0 pair, 1 phase, 2 inference
                "label": In(8),
                "negative": In(8),  #: negative label of a pair; 1 for a negative phase
                "done": Out(1),
                "running": Out(1),
                # Registers.
                "threshold_objective": In(1),
                "minus": In(1),  #: goodness is minus the sum of squares
                "policy": In(2),
                "shortlist": In(6),
                # Random labels.
                "draw": Out(1),  #: step the generator
                "random": In(8),  #: top byte of its new state
                # Walks.
                "layer": Out(2),
                "sample_slot": Out(1),  #: sample that a walk over layer 0 takes
                "phase": Out(1),  #: list that a walk over another layer takes
                "walk_start": Out(1),
                "walk_update": Out(1),
                "walk_done": In(1),
                "walk_labels": Out(6),
                "labelled": Out(1),  #: the layer has label rows
                "every": Out(1),  #: all labels are scored
                "label_a": Out(8),  #: label of slot a, and of the walk's first label row
                "label_b": Out(8),
                "single": Out(1),  #: one phase, not a pair
                "update_set": Out(2),  #: set of local errors of the walk's list
                "slots": Out(range(classes + 1)),
                "slot_a": Out(slot),
                "slot_b": Out(slot),
                "score_slot": Out(slot),  #: slot of an unlabelled forward walk
                "scored": In(1),  #: the walk's totals are there
                # Goodness.
                "total_slot": Out(slot),
                "total": In(total),
                "total_a": Out(total),
                "total_b": Out(total),
                "select_start": Out(1),
                "excluded": Out(classes),
                "selected": In(8),
                "select_done": In(1),
                "select_slot": In(slot),
                "decide_start": Out(1),
                "decide_done": In(1),
                "negate_margin": Out(1),
                "c": In(8),
                # Local errors and lists.
                "vector_start": Out(1),
                "vector_errors": Out(1),
                "vector_sets": Out(2),
                "vector_normals": Out(2),
                "vector_negate": Out(1),
                "vector_idle": In(1),
                "vector_second": In(1),  #: the vector goes on to phase b: its sum is moved to `total_a`
                "listed": In(2),
                "skipped": Out(1),  #: pulse: an update was skipped
                "updated": Out(1),  #: pulse: an update was made
                # The answer.
                "result_valid": Out(1),
                "result": Out(8),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        classes = config.classes
        last_layer = Signal()
        contrast, infer, negative_phase, again = (Signal(name=n) for n in ("contrast", "infer", "negative", "again"))
        own_inputs, hard, layer_first = Signal(), Signal(), Signal()
        totals_read = Signal(2)
        at, left = Signal(range(len(ANSWER))), Signal(range(13))  # byte of the answer, and how many are to come
        sum_layers = Signal(config.goodness_bits + 2)
        best = Signal.like(sum_layers)
        best_label = Signal(8)
        candidates = Signal(6)
        wrong = Signal(8)
        drawn, offset = Signal(8), Signal(8)
        second_walk = Signal()
        next_layer = Signal(2)

        m.d.comb += [
            last_layer.eq(self.layer == config.depth - 1),
            layer_first.eq(self.layer == 0),
            self.labelled.eq(layer_first if classes else 0),
            own_inputs.eq(~self.labelled),
            hard.eq(self.policy == NegativePolicy.HARD),
            self.single.eq(~contrast),
            self.every.eq(self.labelled & (infer | (hard & (contrast | negative_phase)))),
            self.slots.eq(Mux(self.every, classes, Mux(self.labelled & contrast, 2, 1))),
            self.sample_slot.eq(Mux(contrast, self.phase, negative_phase & (self.command == PAIR))),
            self.negate_margin.eq(self.minus ^ negative_phase),
            self.vector_negate.eq(self.minus ^ negative_phase),
            self.vector_sets.eq(Mux(contrast, Mux(own_inputs, 2, 3), 1)),
            self.vector_normals.eq(Mux(infer, 1, Mux(last_layer, 0, Mux(contrast, 2, 1)))),
            self.update_set.eq(second_walk),
            next_layer.eq(self.layer + 1),
        ]
        plain = [Const(classes + n, slot_bits(config)) for n in range(4)]
        plain_slot = Array(plain)
        m.d.comb += [
            self.score_slot.eq(plain_slot[self.phase + 2 * self.layer[0]]),
            self.slot_a.eq(Mux(self.labelled, self.label_a, plain_slot[2 * self.layer[0]])),
            self.slot_b.eq(Mux(self.labelled, self.label_b, plain_slot[2 * self.layer[0] + 1])),
            self.walk_labels.eq(Mux(self.labelled, Mux(self.walk_update, Mux(contrast, 2, 1), self.slots), 0)),
        ]
        # Random wrong label: (label + 1 + (random * (classes - 1) >> 8)) mod classes.
        if classes:
            sum_label = Signal(9)
            m.d.sync += [drawn.eq(self.random), offset.eq((drawn * (classes - 1)) >> 8)]
            m.d.comb += sum_label.eq(self.label + offset + 1)
            m.d.sync += wrong.eq(Mux(sum_label >= classes, sum_label - classes, sum_label))

        # The answer leaves byte by byte beside the next unit's work.
        with m.If(left != 0):
            m.d.comb += self.result_valid.eq(1)
            m.d.sync += [at.eq(at + 1), left.eq(left - 1)]
        sources = {
            "a": self.total_a,
            "b": self.total_b,
            "c": self.c,
            "best": best,
            "best_label": best_label,
            "label": Mux(contrast, self.label_b, self.label_a) if classes else Const(UNLABELLED, 8),
        }
        with m.Switch(at):
            for place, (name, byte) in enumerate(ANSWER):
                with m.Case(place):
                    m.d.comb += self.result.eq(sources[name][8 * byte : 8 * byte + 8])

        draws = Signal()
        m.d.comb += draws.eq(
            (self.policy == NegativePolicy.RANDOM) & (contrast | negative_phase) if classes else Const(0)
        )
        wait = Signal(3)
        m.d.comb += self.running.eq(1)
        with m.If(self.vector_second):
            m.d.sync += self.total_a.eq(self.total_b)
        with m.FSM():
            with m.State("IDLE"):
                m.d.comb += self.running.eq(self.start)
                m.d.sync += [
                    self.layer.eq(0),
                    self.phase.eq(0),
                    self.excluded.eq(0),
                    candidates.eq(0),
                    contrast.eq((self.command == PAIR) & ~self.threshold_objective),
                    infer.eq(self.command == INFER),
                    negative_phase.eq((self.command == PHASE) & self.negative[0]),
                    again.eq((self.command == PAIR) & self.threshold_objective),
                    wait.eq(0),
                ]
                with m.If(self.start):
                    m.next = "LABELS"
            with m.State("LABELS"):
                m.d.comb += self.draw.eq(draws & (wait == 0))
                m.d.sync += [wait.eq(wait + 1), self.label_a.eq(self.label), self.label_b.eq(self.negative)]
                with m.If(wait == 4):
                    with m.If(draws):
                        with m.If(contrast):
                            m.d.sync += self.label_b.eq(wrong)
                        with m.Else():
                            m.d.sync += self.label_a.eq(wrong)
                    with m.If(
                        ~contrast & negative_phase & (self.policy >= NegativePolicy.HOST) & (self.command == PAIR)
                    ):
                        m.d.sync += self.label_a.eq(self.negative)
                    m.next = "FORWARD"
            with m.State("FORWARD"):
                with m.If(layer_first | self.listed.bit_select(self.phase, 1)):
                    m.d.comb += self.walk_start.eq(1)
                    m.next = "SCORE"
            with m.State("SCORE"):
                with m.If(self.scored):
                    with m.If(contrast & own_inputs & ~self.phase):
                        m.d.sync += self.phase.eq(1)
                        m.next = "FORWARD"
                    with m.Elif(self.every):
                        with m.If(~infer):
                            m.d.sync += self.excluded.eq(1 << self.label)
                        m.next = "SELECT"
                    with m.Else():
                        m.d.sync += totals_read.eq(0)
                        m.next = "TOTALS"
            with m.State("SELECT"):
                m.d.comb += self.select_start.eq(1)
                m.next = "SELECTED"
            with m.State("SELECTED"):
                m.d.comb += self.total_slot.eq(self.select_slot)
                with m.If(self.select_done):
                    with m.If(contrast):
                        m.d.sync += self.label_b.eq(self.selected)
                    with m.Else():
                        m.d.sync += self.label_a.eq(self.selected)
                    m.d.sync += totals_read.eq(0)
                    m.next = "TOTALS"
            with m.State("TOTALS"):
                m.d.sync += totals_read.eq(totals_read + 1)
                m.d.comb += self.total_slot.eq(Mux(totals_read == 0, self.slot_a, self.slot_b))
                with m.If(totals_read == 1):
                    m.d.sync += self.total_a.eq(self.total)
                with m.If(totals_read == 2):
                    m.d.sync += [self.total_b.eq(self.total), self.phase.eq(0)]
                    with m.If(infer):
                        m.d.sync += sum_layers.eq(Mux(layer_first, 0, sum_layers) + self.total_a)
                        m.next = "INFERRED"
                    with m.Else():
                        m.next = "DECIDE"
            with m.State("DECIDE"):
                m.d.comb += self.decide_start.eq(1)
                m.next = "DECIDED"
            with m.State("DECIDED"):
                with m.If(self.decide_done):
                    m.next = "LEARN"
            with m.State("LEARN"):
                with m.If(self.vector_idle):
                    m.d.comb += [
                        self.vector_start.eq((self.c != 0) | ~last_layer),
                        self.vector_errors.eq(self.c != 0),
                        self.updated.eq(self.c != 0),
                        self.skipped.eq(self.c == 0),
                    ]
                    m.d.sync += [at.eq(0), left.eq(Mux(contrast, 12, 6)), second_walk.eq(0), self.phase.eq(0)]
                    with m.If(self.c != 0):
                        m.next = "UPDATE"
                    with m.Else():
                        m.next = "NEXT"
            with m.State("UPDATE"):
                m.d.comb += [self.walk_start.eq(1), self.walk_update.eq(1)]
                m.next = "UPDATING"
            with m.State("UPDATING"):
                m.d.comb += self.walk_update.eq(1)
                with m.If(self.walk_done):
                    with m.If(contrast & own_inputs & ~second_walk):
                        m.d.sync += [second_walk.eq(1), self.phase.eq(1)]
                        m.next = "UPDATE"
                    with m.Else():
                        m.d.sync += self.phase.eq(0)
                        m.next = "NEXT"
            with m.State("NEXT"):
                with m.If(~last_layer):
                    m.d.sync += self.layer.eq(next_layer)
                    m.next = "FORWARD"
                with m.Elif(again):
                    m.d.sync += [again.eq(0), negative_phase.eq(1), self.layer.eq(0), wait.eq(0)]
                    m.next = "LABELS"
                with m.Else():
                    m.next = "ANSWER"
            with m.State("ANSWER"):
                with m.If(left == 0):
                    m.d.sync += [at.eq(ANSWER.index(("label", 0))), left.eq(1)]
                    m.next = "END"
            with m.State("INFERRED"):
                if classes:
                    deeper = ~last_layer & (self.shortlist > 1)
                else:
                    deeper = ~last_layer
                with m.If(deeper):
                    m.d.comb += self.vector_start.eq(1)
                    m.d.sync += self.layer.eq(next_layer)
                    m.next = "LISTING"
                with m.Else():
                    m.next = "COMPARE"
            with m.State("LISTING"):
                m.next = "FORWARD"
            with m.State("COMPARE"):
                with m.If((candidates == 0) | better(sum_layers, best, self.minus)):
                    m.d.sync += [best.eq(sum_layers), best_label.eq(self.label_a if classes else UNLABELLED)]
                m.d.sync += [
                    candidates.eq(candidates + 1),
                    self.excluded.eq(self.excluded | (1 << self.label_a)),
                    self.layer.eq(0),
                ]
                m.next = "CANDIDATE"
            with m.State("CANDIDATE"):
                with m.If((candidates < self.shortlist) & (candidates < classes)):
                    m.next = "SELECT"
                with m.Else():
                    m.d.sync += [at.eq(ANSWER.index(("best_label", 0))), left.eq(6)]
                    m.next = "END"
            with m.State("END"):
                with m.If(left == 0):
                    m.d.comb += self.done.eq(1)
                    m.next = "IDLE"
        return m
