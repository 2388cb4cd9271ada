"""Why a command is not executed: opcode, length, value, sample, in this order."""

from amaranth.hdl import C, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import PAYLOAD_MAX, Opcode, Status
from ffpga_golden.registers import NegativePolicy, registers

from .intake import Header


class Checks(wiring.Component):
    """Status of a command from its header and first payload bytes, 2 clocks after they are stable.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        super().__init__(
            {
                #: The frame's header.
                "header": In(Header),
                #: First five bytes of its payload, the first one lowest; bytes beyond the payload mean nothing.
                "arguments": In(40),
                #: The last weight lies beyond the last word (weight commands).
                "beyond": In(1),
                #: Per slot: a sample was loaded.
                "sample_valid": In(1 if config.classes else 2),
                #: Register negative_policy.
                "negative_policy": In(2),
                #: What is to be answered.
                "status": Out(Status),
            }
        )

    def elaborate(self, platform):
        m = Module()
        config, length = self.config, self.header.length
        size = config.weight_bits // 8
        byte = [self.arguments.word_select(place, 8) for place in range(5)]
        known, length_ok, value_ok, sample_ok = (Signal() for _ in range(4))
        host = Signal()  # the command names the negative label
        m.d.comb += host.eq(self.negative_policy >= NegativePolicy.HOST)

        m.d.sync += [known.eq(1), length_ok.eq(1), value_ok.eq(1), sample_ok.eq(1)]
        is_label = [Signal(name=f"is_label{place}") for place in range(2)]
        for place in range(2):
            m.d.comb += is_label[place].eq(1 if config.classes == 0 else byte[place] < config.classes)
        with m.Switch(self.header.opcode):
            with m.Case(Opcode.IDENTIFY):
                m.d.sync += length_ok.eq(length == 4)
            with m.Case(Opcode.READ_REGISTER):
                m.d.sync += [length_ok.eq(length == 1), value_ok.eq(self._is_register(byte[0]))]
            with m.Case(Opcode.WRITE_REGISTER):
                m.d.sync += [length_ok.eq(length == 5), value_ok.eq(self._is_register(byte[0]))]
            with m.Case(Opcode.READ_WEIGHTS):
                count = byte[3]
                fits = (count != 0) & (count <= PAYLOAD_MAX // size)
                m.d.sync += [length_ok.eq(length == 4), value_ok.eq(fits & (byte[2] < config.lanes) & ~self.beyond)]
            with m.Case(Opcode.WRITE_WEIGHTS):
                whole = C(1) if size == 1 else length[0]  # 3 + 2 n is odd
                m.d.sync += length_ok.eq((length >= 3 + size) & (length <= PAYLOAD_MAX) & whole)
                m.d.sync += value_ok.eq((byte[2] < config.lanes) & ~self.beyond)
            with m.Case(Opcode.LOAD_SAMPLE):
                m.d.sync += length_ok.eq(self.header.verdict != Status.BAD_LENGTH)
                m.d.sync += value_ok.eq(self.header.verdict != Status.BAD_VALUE)
            with m.Case(Opcode.TRAIN_PAIR):
                m.d.sync += [length_ok.eq(length == 2), sample_ok.eq(self.sample_valid.all())]
                if config.classes:
                    m.d.sync += value_ok.eq(is_label[0] & (~host | (is_label[1] & (byte[0] != byte[1]))))
            with m.Case(Opcode.TRAIN_PHASE):
                m.d.sync += [length_ok.eq(length == 2), sample_ok.eq(self.sample_valid[0])]
                m.d.sync += value_ok.eq((byte[0] <= 1) & is_label[1])
            with m.Case(Opcode.INFER):
                m.d.sync += [length_ok.eq(length == 0), sample_ok.eq(self.sample_valid[0])]
            with m.Case(Opcode.COUNTERS):
                m.d.sync += length_ok.eq(length == 0)
            with m.Default():
                m.d.sync += known.eq(0)

        m.d.sync += self.status.eq(Status.OK)
        with m.If(~known):
            m.d.sync += self.status.eq(Status.BAD_OPCODE)
        with m.Elif(~length_ok):
            m.d.sync += self.status.eq(Status.BAD_LENGTH)
        with m.Elif(~value_ok):
            m.d.sync += self.status.eq(Status.BAD_VALUE)
        with m.Elif(~sample_ok):
            m.d.sync += self.status.eq(Status.NO_SAMPLE)
        return m

    def _is_register(self, address):
        """Whether a register has this address."""
        table = sum(1 << register.address for register in registers(self.config))
        return (address < 16) & C(table, 16).bit_select(address[:4], 1)
