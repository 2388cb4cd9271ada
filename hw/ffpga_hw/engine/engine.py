"""The engine: its blocks, and who is joined to whom.

The sequencer gives the orders of a step. A walk's words come from the walker, their inputs from fetch; the pipeline
takes them through weight memory and lanes. The scorer makes activities and sums of squares of the lanes' sums, goodness
compares those, and the vector unit makes the lanes' local errors and the next layer's lists. What flows between two
blocks is declared in `signatures`.
"""

from amaranth import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, connect, flipped

from ffpga_golden import NetworkConfig

from .control.fetch import Fetch
from .control.layers import Layers
from .control.sequencer import Sequencer
from .control.walker import Walker
from .fields.blocks import FIELDS
from .host.answer import Answer
from .host.counters import Counters
from .host.registers import Registers
from .host.weight_access import WeightAccess
from .lanes.array import LaneArray
from .lanes.dither import Dither
from .lanes.pipeline import Pipeline
from .lanes.primitives import primitives
from .recurrent.blocks import RECURRENT
from .signatures.port import EnginePort
from .vectors.activities import Activities
from .vectors.goodness import Goodness
from .vectors.scorer import Scorer
from .vectors.tables import Tables
from .vectors.vector import Vector


class Engine(wiring.Component):
    """Everything but the link or the bus.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__({"port": In(EnginePort(config))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        port = flipped(self.port)
        # What a network has in place of an ordinary one's blocks.
        own = RECURRENT if config.recurrent else FIELDS if config.fields else {}
        m.submodules.registers = registers = Registers(config=config)
        m.submodules.counters = counters = Counters()
        m.submodules.weight_access = access = WeightAccess(config=config)
        m.submodules.answer = answer = Answer()
        m.submodules.sequencer = sequencer = own.get(Sequencer, Sequencer)(config=config)
        m.submodules.layers = layers = Layers(config=config)
        m.submodules.walker = walker = own.get(Walker, Walker)(config=config)
        m.submodules.fetch = fetch = own.get(Fetch, Fetch)(config=config)
        m.submodules.pipeline = pipeline = own.get(Pipeline, Pipeline)(config=config)
        m.submodules.weights = weights = primitives(platform).weight_memory(config)
        m.submodules.array = array = LaneArray(config=config)
        m.submodules.dither = dither = own.get(Dither, Dither)(config=config)
        m.submodules.scorer = scorer = Scorer(config=config)
        m.submodules.activities = activities = Activities(config=config)
        m.submodules.vector = vector = own.get(Vector, Vector)(config=config)
        m.submodules.goodness = goodness = own.get(Goodness, Goodness)(config=config)

        # The host: steps, their answers, registers, weights, counters.
        connect(m, port.step, sequencer.step)
        connect(m, port.result, answer.result)
        connect(m, sequencer.answer, answer.sequencer)
        connect(m, goodness.answer, answer.goodness)
        connect(m, vector.answer, answer.vector)
        connect(m, port.register, registers.port)
        connect(m, registers.settings, sequencer.settings, goodness.settings, pipeline.settings, array.settings)
        connect(m, registers.seed, dither.seed)
        connect(m, registers.thresholds, goodness.thresholds)
        connect(m, port.weight, access.port)
        connect(m, access.access, pipeline.host)
        connect(m, access.one, scorer.one)
        connect(m, port.counter, counters.port)
        connect(m, sequencer.events, counters.step)
        connect(m, pipeline.events, counters.walk)
        m.d.comb += [access.active.eq(sequencer.state.active), counters.link_errors.eq(self.port.link_error)]

        # A walk: its order, its words, their inputs.
        connect(m, sequencer.walk, walker.order)
        connect(m, sequencer.inputs, fetch.inputs)
        connect(m, layers.sizes, walker.sizes, fetch.sizes, scorer.sizes)
        connect(m, port.sample, fetch.sample)
        connect(m, fetch.lengths, walker.lengths)
        connect(m, walker.word, fetch.word, pipeline.word)
        connect(m, fetch.fetched, pipeline.fetched)
        connect(m, sequencer.state, pipeline.state)
        m.d.comb += [
            layers.layer.eq(sequencer.inputs.layer),
            walker.busy.eq(scorer.busy),
            walker.ready.eq(vector.ready),
        ]

        # Words, lanes, dither.
        connect(m, pipeline.memory, weights)
        connect(m, pipeline.work, array.work)
        connect(m, pipeline.scratch, array.scratch)
        connect(m, pipeline.noise, dither.noise)
        connect(m, sequencer.draw, dither.draw)

        # Sums become activities and totals, totals decisions, activities local errors and lists.
        connect(m, sequencer.score, scorer.order)
        connect(m, pipeline.group, scorer.group)
        connect(m, scorer.labels, pipeline.labels)
        connect(m, sequencer.decision, goodness.decision)
        connect(m, goodness.totals, scorer.totals)
        connect(m, scorer.activity, activities.write)
        connect(m, sequencer.vector, vector.order)
        connect(m, goodness.decided, vector.decided)
        connect(m, vector.activity, activities.read)
        connect(m, vector.errors, array.errors)
        connect(m, vector.list, fetch.list)
        if config.black_box:
            m.submodules.tables = tables = Tables(config=config)
            connect(m, port.table, tables.port)
            connect(m, vector.table, tables.lookup)
            m.d.comb += tables.active.eq(sequencer.state.active)
        return m
