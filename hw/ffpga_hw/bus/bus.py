"""The core's bus: AXI on one side, the engine's commands, registers, weights and samples on the other."""

from amaranth.hdl import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from ffpga_golden.config import NetworkConfig

from ..interface import command_ports, engine_ports, flipped, sample_ports
from .answers import Answers
from .dispatcher import Dispatcher
from .lite import Lite
from .loader import Loader
from .ports import ANSWER_PORTS, BUS_PORTS, LITE_PORTS, SAMPLE_PORTS
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
        super().__init__({**BUS_PORTS, **flipped(engine_ports(config))})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        m.submodules.lite = lite = Lite()
        m.submodules.window = window = Window(config=config)
        m.submodules.loader = loader = Loader(config=config)
        m.submodules.dispatcher = dispatcher = Dispatcher(config=config)
        m.submodules.answers = answers = Answers(config=config)

        def join(source: wiring.Component, sink: wiring.Component, *names: str) -> None:
            m.d.comb += [Value.cast(getattr(sink, name)).eq(getattr(source, name)) for name in names]

        for block, ports in ((lite, LITE_PORTS), (loader, SAMPLE_PORTS), (answers, ANSWER_PORTS)):
            for name, member in ports.items():
                join(*((self, block) if member.flow == In else (block, self)), name)
        join(window, self, "irq", "link_error")
        join(lite, window, "request", "write", "index", "data", "partial")
        join(window, lite, "done", "error", "value")
        join(window, dispatcher, "put", "given", "take", "cancel", "heard")
        join(dispatcher, window, "pending", "running", "quiet", "finished", "failed", "why")
        join(window, loader, "beat", "beat_data", "discard")
        join(loader, window, "waiting")
        join(loader, dispatcher, "waiting", "bad", "sample_valid")
        join(dispatcher, loader, "commit")
        join(window, answers, "by_register", "pop")
        join(answers, window, "some", "byte")
        m.d.comb += [
            dispatcher.room.eq(answers.room & (self.table_ready if config.black_box else 1)),
            window.sample_room.eq(loader.room),
        ]

        # The engine's side.
        join(loader, self, *sample_ports(config))
        for name, member in command_ports(config).items():
            for block in (window, dispatcher, answers):
                if name in block.signature.members:
                    join(*((block, self) if member.flow == In else (self, block)), name)
        m.d.comb += answers.end.eq(self.command_done)
        return m
