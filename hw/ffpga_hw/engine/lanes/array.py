"""The array of lanes: each with its accumulator, its saturation, and a small memory of its own."""

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In

from ffpga_golden import NetworkConfig

from ...delay import delayed
from ..signatures.host import Settings
from ..signatures.lanes import LaneWork, LocalErrors, ScratchPort
from ..signatures.sizes import group_bits, paired, scratch_bits
from .primitives import primitives
from .saturate import Saturate


class LaneArray(wiring.Component):
    """Multiply-accumulate of a word with its input, or the word's update.

    Forward the sum is there 4 clocks after the weights; in an update 3 clocks after them, and the new weights another
    2 later.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        super().__init__(
            {
                "settings": In(Settings(config)),
                "work": In(LaneWork(config)),
                "scratch": In(ScratchPort(config)),
                "errors": In(LocalErrors(config)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config, work, settings = self._config, self.work, self.settings
        blocks = primitives(platform)
        wide = config.weight_bits == 8  # a short weight can stand in either of two places
        high = Signal()
        shifted = Signal(15, reset_less=True)  # a byte up to 7 bits higher; yosys stops at a sign that is always 0
        m.d.comb += high.eq(settings.learning_rate[4] if wide else 0)
        half = Signal()
        m.d.comb += half.eq(work.update & settings.rounding & ~high)
        # Forward the input comes a clock later, and is not shifted.
        value = Mux(work.update, work.value, delayed(m, work.value, 1)[1])
        m.d.sync += shifted.eq(value << ((settings.learning_rate[:3] ^ 7) & work.update.replicate(3)))
        pairs = paired(config)
        errors = self._scratch(m)
        for n in range(config.lanes):
            m.submodules[f"lane{n}"] = lane = blocks.lane()
            m.submodules[f"saturate{n}"] = saturate = Saturate(config=config)
            bits = slice(n * config.weight_bits, (n + 1) * config.weight_bits)
            weight = work.weights[bits].as_signed()
            noise = work.noise[32 * n : 32 * n + 32]
            placed = Signal(signed(32), name=f"placed{n}")
            upper = Signal(17, name=f"upper{n}")  # forward it is 0, as the noise is
            with m.If(work.update & ~high):
                m.d.comb += upper.eq(Cat(weight, weight[-1].replicate(17)))
            if wide:
                with m.Elif(work.update):
                    m.d.comb += upper.eq(Cat(noise[15:22], noise[22] | settings.rounding, weight, weight[-1]))
            m.d.comb += placed.eq(Cat(noise[:14], noise[14] | half, upper))
            m.d.comb += [
                lane.a.eq(Mux(work.update, errors[n], weight)),
                lane.keep.eq(self.scratch.keep if pairs and n % 2 else 0),
                lane.b.eq(shifted),
                lane.c.eq(placed),
                lane.enable.eq(work.add),
                lane.load.eq(work.load),
                lane.clear.eq(work.clear),
                work.sums.word_select(n, config.sum_bits).eq(lane.sum),
                saturate.sum.eq(lane.sum),
                saturate.high.eq(high),
                saturate.host.eq(work.host),
                saturate.given.eq(work.given),
                saturate.take.eq(work.take),
                work.word[bits].eq(saturate.weight),
            ]
        return m

    def _scratch(self, m: Module) -> list[Value]:
        """The lanes' own memories; returns what each lane reads as local error."""
        config, port, local = self._config, self.scratch, self.errors
        each, bits = (2 if paired(config) else 1), config.weight_bits
        g_address = Cat(local.group[: group_bits(config)], local.set)
        errors = []
        for n in range(0, config.lanes, each):
            depth = each << scratch_bits(config)
            m.submodules[f"scratch{n}"] = scratch = memory.Memory(shape=16, depth=depth, init=[])
            write, read = scratch.write_port(), scratch.read_port()
            weights = self.work.weights[n * bits : (n + each) * bits]
            odd = local.write[n + 1] if each == 2 else Const(0, 1)
            parity = each - 1  # bits of the address that tell the lanes apart
            m.d.comb += [
                read.addr.eq(Cat((port.odd & self.work.update)[:parity], port.address)),
                read.en.eq(port.read),
                write.en.eq(local.write[n] | odd | port.label_write),
                write.addr.eq(Cat(odd[:parity], Mux(port.label_write, port.label, g_address))),
                write.data.eq(local.g),
            ]
            with m.If(port.label_write):  # the bits above a short weight are of no account
                m.d.comb += write.data[: each * bits].eq(weights)
            for lane in range(each):
                first = 16 * (n + lane)
                m.d.comb += port.data[first : first + 16].eq(read.data[lane * bits :])
                errors.append(read.data.as_signed())
        return errors
