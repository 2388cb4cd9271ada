"""The order of a step: which layer, phase and unit comes next. The hardware of `ffpga_golden.network`'s steps."""

from amaranth import Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NegativePolicy, NetworkConfig

from ...machine import Machine
from ..signatures.host import Settings, StepEvents
from ..signatures.lanes import Draw
from ..signatures.port import StepPort
from ..signatures.sizes import label_bits
from ..signatures.vectors import AnswerByte, Decision, ScoreOrder, VectorOrder
from ..signatures.walk import WalkInputs, WalkOrder, WalkState
from .passes import ACTIVITIES, INFER, PAIR, PHASE, Passes
from .random_label import RandomLabel

UNLABELLED = 255


class Sequencer(Passes):
    """Runs one command from `step.start` to `step.done`.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "step": In(StepPort()),
                "settings": In(Settings(config)),
                "draw": Out(Draw()),
                "walk": Out(WalkOrder()),
                "inputs": Out(self._inputs_signature(config)),
                "state": Out(WalkState()),
                "score": Out(ScoreOrder(config)),
                "decision": Out(self._decision_signature(config)),
                "vector": Out(self._vector_signature(config)),
                "answer": Out(AnswerByte()),  #: the label
                "events": Out(StepEvents()),
            }
        )

    def _inputs_signature(self, config: NetworkConfig) -> wiring.Signature:
        return WalkInputs(config)

    def _decision_signature(self, config: NetworkConfig) -> wiring.Signature:
        return Decision(config)

    def _vector_signature(self, config: NetworkConfig) -> wiring.Signature:
        return VectorOrder(config)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        classes = config.classes
        step, settings, policy = self.step, self.settings, self.settings.negative_policy
        walk, score, decision, vector = self.walk, self.score, self.decision, self.vector
        layer, phase, label_a, label_b = self._layer, self._phase, self._label_a, self._label_b
        contrast, infer, negative, again = self._contrast, self._infer, self._negative, self._again
        more = Signal(6)  # candidates of an inference that are left, with the one at hand
        second_walk, wait, done = Signal(), Signal(3), Signal()
        own_inputs = Signal()  # it holds for long: from a register
        m.d.sync += own_inputs.eq(self._own_inputs())

        # Labels: random ones, tosses for those that take part.
        true_label, scored = Signal(label_bits(config)), Signal(label_bits(config))  # as bits
        others = ~scored | true_label  # labels that cannot be the wrong one
        bare = Signal()  # no wrong label takes part
        late, draws, drawing, tossing = Signal(), Signal(), Signal(), Signal()  # the draw is over; it is wanted; for
        hosts = Signal()  # the host's label is that of a pair's negative phase
        own, host = policy == NegativePolicy.OWN, policy == NegativePolicy.HOST
        m.d.comb += true_label.eq(1 << label_a)
        m.d.sync += [
            late.eq(wait == 3),
            drawing.eq(draws & (policy == NegativePolicy.RANDOM)),
            tossing.eq(draws & own),
            bare.eq((decision.excluded | others).all()),
            hosts.eq(~contrast & negative & host & (step.command == PAIR)),
        ]
        wrong: Value = Const(0)
        few, chance = Signal(), Signal()  # not all wrong labels contend; the generator has a part in the wrong one
        fewer: Value = Const(0)
        if config.has_contenders:
            contenders = settings.contenders
            fewer = (contenders < classes - 1) & (own | (policy == NegativePolicy.HARD))
        m.d.sync += [few.eq(fewer), chance.eq((policy == NegativePolicy.RANDOM) | own | fewer)]
        if classes:
            with m.If(self.state.begun):
                m.d.sync += scored.eq(0)
            with m.Else():
                m.d.sync += scored.eq(scored | score.scored)
            m.submodules.random = random = RandomLabel(config=config)
            m.d.comb += [
                random.take.eq(wait == 1),
                random.byte.eq(self.draw.random[24:]),
                random.label.eq(step.label[: len(random.label)]),
            ]
            wrong = random.wrong

        # What holds of the layer: some of it is valid from the clock after the layer's first on.
        scoring = Signal()  # the hardest label is wanted
        m.d.sync += scoring.eq(((policy == NegativePolicy.HARD) | own) & (contrast | negative))
        every, deeper, lists = Signal(), Signal(), Signal()
        below = Signal()  # an inference makes a list for the next layer
        pair = Mux(contrast & ~self._own_inputs(), 2, 1)
        most = settings.shortlist[1:].any() if classes else Const(1)
        m.d.comb += [
            self._first_layer.eq(layer == 0),
            self._last_layer.eq(layer == config.depth - 1),
            self._labelled.eq(self._has_labels() if classes else 0),
            every.eq(self._named() & (self._scans() | scoring)),
        ]
        most_scored = Signal(6)
        m.d.comb += most_scored.eq(classes)
        if config.has_contenders:
            some = Signal()  # not all labels are scored
            m.d.sync += some.eq(few & (contrast | negative))
            contender = Signal.like(score.contender)
            m.d.comb += [score.some.eq(some), self.inputs.some.eq(some)]
            m.d.comb += [score.contender.eq(contender), self.inputs.contender.eq(contender)]
            with m.If(some):
                m.d.comb += most_scored.eq(1 + Mux(contenders == 0, 1, contenders))
        m.d.sync += [
            score.every.eq(every),
            score.slots.eq(Mux(every, most_scored, Mux(self._labelled, pair, 1))),
            walk.labels.eq(Mux(self._labelled, Mux(every & ~walk.update, most_scored, pair), 0)),
            deeper.eq(self._deeper(most)),
            below.eq(self._deeper(most) & ~self._final()),
            lists.eq(decision.changes | ~self._final()),
        ]
        growing = Signal()  # the list of a forward walk
        m.d.comb += growing.eq(~(self._free() | vector.listed.bit_select(phase, 1)))
        m.d.sync += walk.open.eq(growing & ~walk.update)
        self._orders(m, second_walk)

        # The command's counters, its answer.
        m.d.sync += step.done.eq(done)
        m.d.comb += [
            self.state.active.eq(1),
            self.state.running.eq(self.state.active | step.start),
            self.events.clocks.eq(self.state.running),
            self.events.pairs.eq(done & (step.command == PAIR)),
            self.events.phases.eq(done & (step.command == PHASE)),
            self.events.inferences.eq(done & (step.command == INFER)),
            self.answer.data.eq(Mux(contrast, label_b, label_a) if classes else UNLABELLED),
        ]
        contrasts = (step.command == PAIR) & ~settings.objective
        negates = (step.command == PHASE) & step.negative[0]
        with Machine(m, "sequencer") as machine:
            with machine.state("IDLE"):
                m.d.comb += self.state.active.eq(0)
                m.d.sync += [
                    phase.eq(0),
                    decision.excluded.eq(0),
                    more.eq(settings.shortlist),
                    decision.among.eq(0),
                    contrast.eq(contrasts),
                    infer.eq(step.command[1] if not classes else step.command == INFER),
                    negative.eq(negates),
                    draws.eq(chance & (contrasts | negates) if classes else 0),
                    again.eq((step.command == PAIR) & settings.objective),
                    wait.eq(0),
                ]
                self._anew(m)
                with m.If(step.start):
                    machine.go("LABELS")
            with machine.state("LABELS"):
                m.d.comb += self.draw.step.eq(draws & (wait == 0))
                m.d.sync += [wait.eq(wait + 1), label_a.eq(step.label), label_b.eq(step.negative)]
                with m.If(tossing & (wait == 1)):
                    m.d.sync += decision.excluded.eq(self.draw.random)
                with m.If(late | (wait[0] & ~draws)):
                    if config.has_contenders:
                        m.d.sync += contender.eq(wrong)
                    with m.If(drawing):
                        with m.If(contrast):
                            m.d.sync += label_b.eq(wrong)
                        with m.Else():
                            m.d.sync += label_a.eq(wrong)
                    with m.If(hosts):
                        m.d.sync += label_a.eq(step.negative)
                    machine.go("FORWARD")
            with machine.state("FORWARD"):
                with m.If(~growing | (self._follows() & vector.begun.bit_select(phase, 1))):
                    m.d.comb += walk.start.eq(1)
                    machine.go("SCORE")
            with machine.state("SCORE"):
                with m.If(score.done):
                    with m.If(contrast & own_inputs & ~phase):
                        m.d.sync += phase.eq(1)
                        machine.go("FORWARD")
                    with m.Elif(score.every):
                        with m.If(~infer):
                            m.d.sync += decision.excluded.eq(Mux(bare, 0, decision.excluded) | others)
                        machine.go("SELECT")
                    with m.Else():
                        machine.go("DECIDE")
            with machine.state("SELECT"):
                m.d.comb += decision.select.eq(1)
                machine.go("SELECTED")
            with machine.state("SELECTED"):
                with m.If(decision.done):
                    with m.If(contrast):
                        m.d.sync += label_b.eq(decision.label)
                    with m.Else():
                        m.d.sync += label_a.eq(decision.label)
                    self._selected(m, machine)
                    with m.If(decision.among):
                        machine.go("TELL")
            with machine.state("DECIDE"):
                m.d.comb += [decision.decide.eq(~infer), decision.sum.eq(infer)]
                m.d.sync += phase.eq(0)
                machine.go("DECIDED")
            with machine.state("DECIDED"):
                with m.If(decision.done):
                    machine.go("LEARN")
                    with m.If(infer):
                        machine.go("INFERRED")
            with machine.state("LEARN"):
                learns = decision.changes & self._learns()
                with m.If(vector.idle):
                    m.d.comb += [
                        vector.start.eq(lists),
                        vector.errors.eq(learns),
                        self.events.updates.eq(learns),
                        self.events.updates_skipped.eq(~decision.changes & self._learns()),
                    ]
                    m.d.sync += [second_walk.eq(0), phase.eq(0)]
                    with m.If(learns):
                        m.d.sync += walk.update.eq(1)
                        machine.go("UPDATE")
                    with m.Else():
                        machine.go("NEXT")
            with machine.state("UPDATE"):
                m.d.comb += walk.start.eq(1)
                machine.go("UPDATING")
            with machine.state("UPDATING"):
                with m.If(walk.done):
                    with m.If(contrast & own_inputs & ~second_walk):
                        m.d.sync += [second_walk.eq(1), phase.eq(1)]
                        machine.go("UPDATE")
                    with m.Else():
                        m.d.sync += [phase.eq(0), walk.update.eq(0)]
                        machine.go("NEXT")
            with machine.state("NEXT"):
                with m.If(~self._ends()):
                    self._next_layer(m)
                    machine.go("FORWARD")
                with m.Elif(again):
                    m.d.sync += [again.eq(0), negative.eq(1), wait.eq(0), draws.eq(chance if classes else 0)]
                    self._anew(m)
                    machine.go("LABELS")
                with m.Else():
                    machine.go("ANSWER")
            with machine.state("ANSWER"):
                m.d.comb += [self.answer.valid.eq(1), done.eq(1)]
                machine.go("IDLE")
            with machine.state("INFERRED"):
                m.d.comb += vector.start.eq(below)
                with m.If(deeper):
                    self._next_layer(m)
                    machine.go("LISTING")
                with m.Else():
                    machine.go("CANDIDATE")
                if not classes:
                    with m.If((step.command == ACTIVITIES) & (layer == step.label[:2])):
                        m.d.comb += [vector.start.eq(1), vector.read.eq(1)]
                        m.d.sync += layer.eq(layer)
                        machine.go("READING")
            with machine.state("LISTING"):
                machine.go("FORWARD")
            if not classes:
                with machine.state("READING"):
                    machine.go("READ")
                with machine.state("READ"):
                    with m.If(vector.listed[0]):
                        m.d.comb += done.eq(1)
                        machine.go("IDLE")
            with machine.state("CANDIDATE"):
                if classes:
                    m.d.sync += decision.excluded.eq(decision.excluded | true_label)
                    self._leave(m)
                    machine.go("MORE")
                else:
                    machine.go("TELL")
            with machine.state("MORE"):
                m.d.sync += more.eq(more - 1)
                with m.If(~more[1:].any() | decision.excluded.all()):
                    m.d.sync += decision.among.eq(1)
                machine.go("SELECT")
            with machine.state("TELL"):
                m.d.comb += [self.answer.valid.eq(1), decision.tell.eq(1)]
                machine.go("TELLING")
            with machine.state("TELLING"):
                with m.If(decision.done):
                    m.d.comb += done.eq(1)
                    machine.go("IDLE")
        return m
