"""Samples into the engine's input list, pair by pair as they arrive, and which bank of the list is the current one."""

from amaranth.hdl import Cat, Module, Signal, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import Status


class Samples(wiring.Component):
    """Writer of the sample list: two banks a slot, written in the bank that is not current.

    A sample is written while its frame still arrives; it counts only when its LOAD_SAMPLE command is executed
    (`commit`), which makes the written bank the current one. A bank that waits for its commit is not touched:
    `stall` holds the next sample back.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        self.slots = slots = 1 if config.classes else 2
        self.index_bits = bits = max(1, ceil_log2(config.features))
        super().__init__(
            {
                #: A LOAD_SAMPLE payload begins.
                "begin": In(1),
                #: A byte of it; at most one every other clock, none while `stall`.
                "byte_valid": In(1),
                "byte": In(8),
                #: The slot's other bank waits for its commit.
                "stall": Out(1),
                #: What the payload is so far: Status.OK, BAD_LENGTH or BAD_VALUE; valid 2 clocks after a byte.
                "verdict": Out(Status),
                #: Slot that the payload names.
                "slot": Out(1),
                #: The sample's frame was accepted: its bank belongs to a command that is to be executed.
                "accept": In(1),
                #: The command for `commit_slot` is executed.
                "commit": In(1),
                "commit_slot": In(1),
                #: Write port of the list: {index, bank, slot (two slots only)}, row, value.
                "write_enable": Out(1),
                "write_address": Out(bits + slots),
                "write_row": Out(bits),
                "write_value": Out(8),
                #: Per slot: current bank, entries in it, and whether a sample was ever loaded.
                "sample_bank": Out(slots),
                "sample_length": Out(data.ArrayLayout(unsigned((config.features).bit_length()), slots)),
                "sample_valid": Out(slots),
            }
        )

    def elaborate(self, platform):
        m = Module()
        config, slots = self.config, self.slots
        row = Signal(11)
        past = Signal()  # the row is beyond the last feature, registered
        far = Signal()  # the row left its 11 bits
        index = Signal(range(config.features + 1))
        named, odd, wrong, out = Signal(), Signal(), Signal(), Signal()
        waiting = Signal(slots)
        lengths = Signal(data.ArrayLayout(unsigned(index.shape().width), slots))
        bank = Signal()

        m.d.comb += [
            self.stall.eq(waiting.bit_select(self.slot, 1) & named & ~wrong),
            bank.eq(~self.sample_bank.bit_select(self.slot, 1)),
        ]
        m.d.sync += past.eq(far | (row >= config.features))
        m.d.sync += self.verdict.eq(Status.OK)
        with m.If(~named | odd):
            m.d.sync += self.verdict.eq(Status.BAD_LENGTH)
        with m.Elif(wrong | out):
            m.d.sync += self.verdict.eq(Status.BAD_VALUE)

        m.d.sync += [self.write_row.eq(row), self.write_value.eq(self.byte), self.write_enable.eq(0)]
        m.d.sync += self.write_address.eq(Cat(index[: self.index_bits], bank, self.slot))
        with m.If(self.write_enable):
            m.d.sync += index.eq(index + 1)
        with m.If(self.begin):
            m.d.sync += [row.eq(0), far.eq(0), index.eq(0), self.slot.eq(0)]
            m.d.sync += [named.eq(0), odd.eq(0), wrong.eq(0), out.eq(0)]
        with m.Elif(self.byte_valid & ~named):
            m.d.sync += [named.eq(1), self.slot.eq(self.byte), wrong.eq(self.byte >= slots)]
        with m.Elif(self.byte_valid & ~odd):
            m.d.sync += [row.eq(row + self.byte), odd.eq(1)]
            with m.If(row + self.byte >= 1 << len(row)):
                m.d.sync += far.eq(1)
        with m.Elif(self.byte_valid):
            m.d.sync += odd.eq(0)
            with m.If(self.byte != 0):
                m.d.sync += [row.eq(row + 1), out.eq(out | past), self.write_enable.eq(~past & ~wrong)]

        for slot in range(slots):
            with m.If(self.accept & (self.slot == slot)):
                m.d.sync += [waiting[slot].eq(1), lengths[slot].eq(index)]
            with m.If(self.commit & (self.commit_slot == slot)):
                m.d.sync += waiting[slot].eq(0)
                m.d.sync += self.sample_bank[slot].eq(~self.sample_bank[slot])
                m.d.sync += self.sample_valid[slot].eq(1)
                m.d.sync += self.sample_length[slot].eq(lengths[slot])
        return m
