"""The pipeline: what accompanies a word from its issue to its sum, or back to the memory.

A word passes these stages, a clock each. With one port the stage is the number of clocks since the word's issue:

| stage | forward | update |
|---|---|---|
| 0 | the walker issues the word | the same |
| 1 | the entry of a list is read | the same; where two lanes share a memory, the odd ones' errors are asked for |
| 2 | row and input x; the word's address is at the memory | the same; the local errors are asked for |
| 3 | | the dither steps with the row |
| 4 | weights; those of a label's row go into the lanes' own memories | weights, and the dither below them |
| 5 | after a bias the scorer begins | the weight above the dither is loaded: the next product is added to it |
| 6 | | the product g x is added |
| 7 | the product is added | the sum is there |
| 8 | the sum is there; after a bias the scorer takes it, and it is cleared | the new weight is saturated |
| 9 | | the word returns to the memory |

So a word returns 7 clocks after its address was at the memory: an odd number, so that with one port, where an update
reads a word every other clock, writes fall between the reads.

A memory with two ports is for a fast clock, and block RAMs have registers at their outputs: those of the lists make
`ffpga_golden.timing.fetch_latency` 3 instead of 2, those of the weights `memory_latency` 4 instead of 2. The address
is at the memory later by the first, all other stages from 2 on are later by both: a word returns 9 clocks after its
address.
"""

from collections.abc import Callable

from amaranth import Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig
from ffpga_golden.timing import fetch_latency, memory_latency

from ...delay import DelayMemory, delayed
from ..signatures.host import Settings, WalkEvents
from ..signatures.lanes import HostWeight, LaneWork, Noise, ScratchPort, WeightMemoryPort
from ..signatures.sizes import group_bits, paired
from ..signatures.vectors import GroupSums, LabelWeights
from ..signatures.walk import FetchedWord, Kind, WalkState, WalkWord

#: Stages of a word, see above.
ODD_ERRORS, ROW, DITHER, WEIGHTS, LOAD, ADD_CHANGE, ADD_PRODUCT, SUM, RETURN = range(1, 10)
#: An update's new weights, saturated, are taken at the end of this stage.
TAKE = RETURN - 1
#: After a bias the scorer begins: its label's weights come when the sums do.
BEGIN = SUM - 3


class Pipeline(wiring.Component):
    """Drives lanes, weight memory and random generator as the words of a walk come, or as the host asks.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "settings": In(Settings(config)),
                "state": In(WalkState()),
                "word": In(self._word_signature(config)),
                "fetched": In(FetchedWord(config)),
                "host": In(HostWeight(config)),
                "memory": Out(WeightMemoryPort(config)),
                "work": Out(LaneWork(config)),
                "scratch": Out(ScratchPort(config)),
                "noise": Out(self._noise_signature(config)),
                "labels": In(LabelWeights(config)),
                "group": Out(GroupSums(config)),
                "events": Out(WalkEvents()),
            }
        )

    def _word_signature(self, config: NetworkConfig) -> wiring.Signature:
        return WalkWord(config)

    def _noise_signature(self, config: NetworkConfig) -> wiring.Signature:
        return Noise(config)

    def _more_noise(self, m: Module, stage: Callable[[Signal], Signal]) -> None:
        """What else the random generator is told; `stage` is a word's signal when its dither is made."""

    def _label_set(self, ordinal: Value) -> Value:
        """Set of local errors of a label's row."""
        return Mux(self.state.single, 0, ordinal + 1)[:2]

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, state, word, host = self._config, self.state, self.word, self.host
        work, scratch, memory, noise = self.work, self.scratch, self.memory, self.noise
        # How much later than with one port the weights are, and all stages from 2 on.
        weights_late = memory_latency(config) - 2
        late = fetch_latency(config) - 2 + weights_late
        # With a fast clock what holds for long comes from a register of its own.
        update = delayed(m, state.update, int(late > 0))[-1]

        def stages(signal: Signal, last: int, *, reset: bool = False) -> list[Signal]:
            """`signal` at each stage up to `last`; right from stage 2 on, or from 0 where nothing is late."""
            return delayed(m, signal, last + late, reset=reset)[late:]

        issue = stages(word.issue, RETURN, reset=True)
        kind, label = stages(word.kind, WEIGHTS), stages(word.label, WEIGHTS)
        first, group, turn = stages(word.first, DITHER), stages(word.group, ROW), stages(word.turn, DITHER)
        m.submodules.addresses = addresses = DelayMemory(
            width=len(self.fetched.address), clocks=RETURN - ROW + weights_late
        )
        m.d.comb += addresses.i.eq(self.fetched.address)

        # Forward: products are added up, a group's last one is that of its bias.
        at_label = issue[WEIGHTS] & (kind[WEIGHTS] == Kind.LABEL)
        product, last, begun = Signal(), Signal(), Signal()
        m.d.comb += [
            product.eq(issue[WEIGHTS] & (kind[WEIGHTS] != Kind.LABEL)),
            last.eq(issue[WEIGHTS] & (kind[WEIGHTS] == Kind.BIAS) & ~update),
        ]
        m.d.sync += begun.eq(state.begun & ~state.update)
        add_product = delayed(m, product, ADD_PRODUCT - WEIGHTS, reset=True)[-1]
        after_bias = delayed(m, last, SUM - WEIGHTS, reset=True)
        captured = after_bias[-1]

        # In an update the lanes' own memories give the local errors of the word's row.
        def errors(stage: int) -> Value:
            which = Mux(kind[stage] == Kind.LABEL, self._label_set(label[stage]), state.set)
            return Cat(group[stage][: group_bits(config)], which)

        m.d.comb += [
            scratch.odd.eq(issue[ODD_ERRORS] if paired(config) else 0),
            scratch.keep.eq(update & ~issue[ROW]),
            scratch.address.eq(Mux(update, Mux(scratch.odd, errors(ODD_ERRORS), errors(ROW)), self.labels.label)),
            # A word that the host reads passes as a label's, too.
            scratch.label_write.eq((at_label & ~update) | host.keep),
            scratch.label.eq(Mux(state.active, label[WEIGHTS], self.labels.label)),
            scratch.read.eq(self.labels.read),
            self.labels.word.eq(scratch.data),
            work.update.eq(update),
            work.value.eq(delayed(m, self.fetched.value, weights_late)[-1]),
            work.weights.eq(memory.read_data),
            work.noise.eq(noise.words),
            work.load.eq(issue[LOAD] & update),
            work.add.eq(Mux(update, issue[ADD_CHANGE], add_product)),
            work.clear.eq(captured | begun),
            self.group.bias.eq(word.issue & (word.kind == Kind.BIAS) & ~state.update),
            # A clock before the first label's weights can be read.
            self.group.begin.eq(after_bias[BEGIN - WEIGHTS]),
            self.group.capture.eq(captured),
            self.group.sums.eq(work.sums),
            # The dither steps a clock ahead of its weights.
            noise.first.eq(first[DITHER]),
            noise.turn.eq(turn[DITHER]),
            noise.commit.eq(state.ended & update & ~self.settings.rounding),
            self.events.words_read.eq(issue[1] & ~state.update),
            self.events.words_updated.eq(issue[1] & state.update),
        ]
        m.d.sync += noise.step.eq(issue[DITHER - 1] & update & ~self.settings.rounding)
        self._more_noise(m, lambda signal: stages(signal, DITHER)[DITHER])

        # The memory: the walk's words, or one weight for the host.
        returns = Signal()
        m.d.comb += [
            returns.eq(issue[RETURN] & update),
            memory.read_address.eq(Mux(state.running, self.fetched.address, host.address)),
            memory.write_enable.eq(returns.replicate(config.lanes) | host.lanes),
            memory.write_address.eq(Mux(returns, addresses.o, host.address)),
        ]
        if config.memory_ports == 1:
            # Words come every other clock, and a lane's register holds its new weight until the memory takes it; the
            # host's goes there too.
            m.d.comb += [
                work.host.eq(host.host),
                work.given.eq(host.given),
                work.take.eq(issue[TAKE] | host.write),
                memory.write_data.eq(work.word),
            ]
        else:
            m.d.comb += [
                work.take.eq(1),
                memory.write_data.eq(Mux(returns, work.word, host.given.replicate(config.lanes))),
            ]
        return m
