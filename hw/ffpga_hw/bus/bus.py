"""The core's bus: AXI on one side, the engine's commands, registers, weights and samples on the other."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import Out, connect, flipped

from ffpga_golden.config import NetworkConfig

from ..engine.signatures.port import EnginePort
from .answers import Answers
from .axi import OUTSIDE
from .dispatcher import Dispatcher
from .lite import Lite
from .loader import Loader
from .window import Window


class Bus(wiring.Component):
    """What `Link` is for the byte protocol, for AXI4-Stream and AXI4-Lite; see `register_map`.

    While the engine works on a command, the next sample comes into the bank that it does not use, the next command
    waits, and answers go out. Registers, weights, counters and tables are refused meanwhile.

    Parameters
    ----------
    config : NetworkConfig

    Raises
    ------
    TypeError
        `config` is no NetworkConfig.
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        if not isinstance(config, NetworkConfig):
            raise TypeError(f"config must be a NetworkConfig, not {config!r}")
        self._config = config
        super().__init__({**OUTSIDE, "engine": Out(EnginePort(config))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, engine = self._config, self.engine
        m.submodules.lite = lite = Lite()
        m.submodules.window = window = Window(config=config)
        m.submodules.loader = loader = Loader(config=config)
        m.submodules.dispatcher = dispatcher = Dispatcher(config=config)
        m.submodules.answers = answers = Answers(config=config)

        # Outside.
        connect(m, flipped(self.s_axi), lite.s_axi)
        connect(m, flipped(self.s_axis), loader.s_axis)
        connect(m, answers.m_axis, flipped(self.m_axis))
        m.d.comb += self.irq.eq(window.irq)

        # Between the blocks.
        connect(m, lite.access, window.access)
        connect(m, window.commands, dispatcher.commands)
        connect(m, window.samples, loader.register)
        connect(m, window.answers, answers.register)
        connect(m, dispatcher.samples, loader.samples)
        m.d.comb += dispatcher.room.eq(answers.room & (engine.table.ready if config.black_box else 1))

        # The engine's side.
        connect(m, loader.sample, flipped(engine.sample))
        connect(m, dispatcher.step, flipped(engine.step))
        connect(m, answers.result, flipped(engine.result))
        connect(m, window.register, flipped(engine.register))
        connect(m, window.weight, flipped(engine.weight))
        connect(m, window.counter, flipped(engine.counter))
        if config.black_box:
            connect(m, window.table, flipped(engine.table))
        m.d.comb += [answers.end.eq(engine.step.done), engine.link_error.eq(window.link_error)]
        return m
