"""Samples into the engine's input list, pair by pair as they arrive, and which bank of the list is the current one."""

from amaranth.hdl import C, Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig

from ..interface import flipped, row_bits, sample_ports, sample_slots
from .compare import below


class Samples(wiring.Component):
    """Writer of the sample list: two banks a slot, written in the bank that is not current.

    A sample is written while its frame still arrives; it counts only when its LOAD_SAMPLE command is executed
    (`commit`), which makes the written bank the current one. While a sample waits for that, `stall` holds the next
    one back. The CRC comes in as two more pairs, so the last two pairs never count.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        self.slots = slots = sample_slots(config)
        self.index_bits = row_bits(config)
        super().__init__(
            {
                #: A byte after the opcode, none while `stall`; at most one every other clock.
                "byte_valid": In(1),
                "byte": In(8),
                #: The byte is 0.
                "zero": In(1),
                #: The byte is the first one, the slot; else: it is a gap, not a value.
                "first": In(1),
                "gap": In(1),
                #: A sample waits for its commit.
                "stall": Out(1),
                #: The sample is out of range; valid a clock after the last byte.
                "bad": Out(1),
                #: The sample's frame was accepted: its bank belongs to a command that is to be executed.
                "accept": In(1),
                #: The command is executed.
                "commit": In(1),
                **flipped(sample_ports(config)),
                #: Per slot: whether a sample was ever loaded.
                "sample_valid": Out(slots),
            }
        )

    def elaborate(self, platform):
        m = Module()
        config, slots = self.config, self.slots
        row = Signal(max(8, self.index_bits), reset_less=True)
        far = Signal(reset_less=True)  # the row left its bits
        past = Signal(reset_less=True)  # the row is beyond the last feature, registered
        index = Signal(range(config.features + 1), reset_less=True)
        slot = Signal() if slots == 2 else C(0, 1)
        wrong, out = Signal(reset_less=True), Signal(reset_less=True)  # the slot, the row of a pair that counts
        wrote, beyond = (
            Signal(2, reset_less=True),
            Signal(2, reset_less=True),
        )  # the last two pairs: an entry, out of range
        addend, following = Signal(8), Signal(len(row) + 1)

        m.d.comb += [
            addend.eq(self.byte & self.gap.replicate(8)),
            following.eq((Cat(C(1, 1), row) + Cat(~self.gap & ~self.zero, addend))[1:]),
            self.bad.eq(wrong | out),
            self.list_write_enable.eq(self.byte_valid & ~self.first & ~self.gap & ~self.zero & ~past & ~wrong),
            self.list_write_address.eq(Cat(index[: self.index_bits], ~self.sample_bank.bit_select(slot, 1), slot)),
            self.list_write_row.eq(row),
            self.list_write_value.eq(self.byte),
        ]
        m.d.sync += past.eq(far | ~below(row, config.features))
        with m.If(self.byte_valid):
            m.d.sync += row.eq(following)
            with m.If(following[-1]):
                m.d.sync += far.eq(1)
            with m.If(self.first):
                m.d.sync += [row.eq(0), far.eq(0), index.eq(0), out.eq(0), wrote.eq(0), beyond.eq(0)]
                m.d.sync += wrong.eq(~self.zero if slots == 1 else self.byte > 1)
                if slots == 2:
                    m.d.sync += slot.eq(self.byte)
            with m.Elif(~self.gap):
                with m.If(self.list_write_enable):
                    m.d.sync += index.eq(index + 1)
                m.d.sync += out.eq(out | beyond[1])
                m.d.sync += [wrote.eq(Cat(self.list_write_enable, wrote)), beyond.eq(Cat(~self.zero & past, beyond))]

        with m.If(self.accept):
            m.d.sync += self.stall.eq(1)
        with m.If(self.commit):
            m.d.sync += self.stall.eq(0)
            for number in range(slots):
                with m.If(slot == number):
                    m.d.sync += self.sample_bank[number].eq(~self.sample_bank[number])
                    m.d.sync += self.sample_valid[number].eq(1)
                    m.d.sync += self.sample_length[number].eq(index - (wrote[0] + wrote[1]))
        return m
