"""The array of lanes: each with its accumulator, its saturation, and a small memory of its own."""

from amaranth import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig

from .delay import delayed
from .lane import Saturate
from .primitives import primitives


def scratch_bits(config: NetworkConfig) -> int:
    """Address bits of a lane's own memory: a label's weight each, or up to 4 sets of local errors for each group."""
    labels = (max(2, config.classes) - 1).bit_length()
    return max(group_bits(config) + 2, labels)


def paired(config: NetworkConfig) -> bool:
    """Whether two lanes share a memory.

    They can where an update has two clocks a word, one for the error of each, and a memory's 16 bits hold the label
    weights of both.
    """
    return config.memory_ports == 1 and config.weight_bits == 8 and config.lanes % 2 == 0


def group_bits(config: NetworkConfig) -> int:
    """Bits of a group's index."""
    return max(1, (max(config.groups) - 1).bit_length())


class LaneArray(wiring.Component):
    """Multiply-accumulate of a word with its input, or the word's update.

    `value` comes 2 clocks ahead of the word's weights. Forward the sum is there 4 clocks after the weights; in an
    update 3 clocks after them, and the new weights another 2 later.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, *, config: NetworkConfig) -> None:
        self._config = config
        lanes, scratch = config.lanes, scratch_bits(config)
        super().__init__(
            {
                "update": In(1),  #: the walk is an update
                "rate": In(5),  #: learning-rate shift u
                "plain": In(1),  #: round to nearest instead of dithering
                "value": In(8),  #: input x
                "weights": In(lanes * config.weight_bits),
                "noise": In(32 * lanes),  #: dither of the word, with its weights; 0 forward and where rounding is plain
                "load": In(1),  #: the next product is added to the weight, not to the sum
                "add": In(1),  #: the sum changes at the end of this clock
                "clear": In(1),  #: the sum is zeroed instead
                "sums": Out(config.sum_bits * lanes),  #: pre-activations without the label
                "host": In(1),  #: the new weights are all
                "given": In(signed(config.weight_bits)),  #: this one, held
                "take": In(1),  #: the new weights change at the end of this clock
                "word": Out(lanes * config.weight_bits),  #: new weights
                # The lanes' own memory: labels' weights (forward), sets of local errors (update). Where it is paired,
                # an update fetches the odd lanes' errors a clock before the even ones'.
                "scratch_read": In(scratch),
                "odd": In(1),
                "keep": In(1),  #: the odd lanes keep the error that they have
                "scratch": Out(16 * lanes),  #: s16 a lane, 1 clock after the address
                "label_write": In(1),  #: store the weights
                "label": In(scratch),
                "g_write": In(lanes),  #: store a local error
                "g_address": In(scratch),
                "g": In(signed(16)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        config = self._config
        blocks = primitives(platform)
        wide = config.weight_bits == 8  # a short weight can stand in either of two places
        high = Signal()
        shifted = Signal(signed(16), reset_less=True)
        m.d.comb += high.eq(self.rate[4] if wide else 0)
        half = Signal()
        m.d.comb += half.eq(self.update & self.plain & ~high)
        m.d.sync += shifted.eq(self.value << (self.rate[:3] ^ 7))
        value = delayed(m, self.value, 2)
        pairs = paired(config)
        errors = self._scratch(m)
        for n in range(config.lanes):
            m.submodules[f"lane{n}"] = lane = blocks.lane()
            m.submodules[f"saturate{n}"] = saturate = Saturate(config=config)
            bits = slice(n * config.weight_bits, (n + 1) * config.weight_bits)
            weight = self.weights[bits].as_signed()
            noise = self.noise[32 * n : 32 * n + 32]
            placed = Signal(signed(32), name=f"placed{n}")
            upper = Signal(17, name=f"upper{n}")  # forward it is 0, as the noise is
            with m.If(self.update & ~high):
                m.d.comb += upper.eq(Cat(weight, weight[-1].replicate(17)))
            if wide:
                with m.Elif(self.update):
                    m.d.comb += upper.eq(Cat(noise[15:22], noise[22] | self.plain, weight, weight[-1]))
            m.d.comb += placed.eq(Cat(noise[:14], noise[14] | half, upper))
            m.d.comb += [
                lane.a.eq(Mux(self.update, errors[n], weight)),
                lane.keep.eq(self.keep if pairs and n % 2 else 0),
                lane.b.eq(Mux(self.update, shifted, value[2])),
                lane.c.eq(placed),
                lane.enable.eq(self.add),
                lane.load.eq(self.load),
                lane.clear.eq(self.clear),
                self.sums.word_select(n, config.sum_bits).eq(lane.sum),
                saturate.sum.eq(lane.sum),
                saturate.high.eq(high),
                saturate.host.eq(self.host),
                saturate.given.eq(self.given),
                saturate.take.eq(self.take),
                self.word[bits].eq(saturate.weight),
            ]
        return m

    def _scratch(self, m: Module) -> list[Value]:
        """The lanes' own memories; returns what each lane reads as local error."""
        config = self._config
        each, bits = (2 if paired(config) else 1), config.weight_bits
        errors = []
        for n in range(0, config.lanes, each):
            depth = each << scratch_bits(config)
            m.submodules[f"scratch{n}"] = scratch = memory.Memory(shape=16, depth=depth, init=[])
            write, read = scratch.write_port(), scratch.read_port()
            weights = self.weights[n * bits : (n + each) * bits]
            odd = self.g_write[n + 1] if each == 2 else Const(0, 1)
            parity = each - 1  # bits of the address that tell the lanes apart
            m.d.comb += [
                read.addr.eq(Cat((self.odd & self.update)[:parity], self.scratch_read)),
                write.en.eq(self.g_write[n] | odd | self.label_write),
                write.addr.eq(Cat(odd[:parity], Mux(self.label_write, self.label, self.g_address))),
                write.data.eq(self.g),
            ]
            with m.If(self.label_write):  # the bits above a short weight are of no account
                m.d.comb += write.data[: each * bits].eq(weights)
            for lane in range(each):
                first = 16 * (n + lane)
                m.d.comb += self.scratch[first : first + 16].eq(read.data[lane * bits :])
                errors.append(read.data.as_signed())
        return errors
