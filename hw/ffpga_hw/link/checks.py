"""Why a command is not executed: opcode, length, value, sample, in this order."""

from amaranth.hdl import C, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import PAYLOAD_MAX, Opcode, Status
from ffpga_golden.registers import NegativePolicy, registers

from ..interface import sample_slots
from .compare import below


class Checks(wiring.Component):
    """Status of a command.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        self.label_bits = max(1, (config.classes - 1).bit_length())
        super().__init__(
            {
                #: Opcode (0: none), and bytes of payload, one more than there are.
                "opcode": In(4),
                "length": In(7),
                #: A sample that was loaded is out of range.
                "sample_bad": In(1),
                #: The command is at hand from the next clock on: its values are good until one is not.
                "start": In(1),
                #: Pulse with one of the first bytes: 0, 1; and the one before it.
                "byte_valid": In(2),
                "byte": In(8),
                "before": In(8),
                #: A weight does not exist, or too many are wanted (pulse).
                "beyond": In(1),
                #: Per slot: a sample was loaded.
                "sample_valid": In(sample_slots(config)),
                #: Register negative_policy.
                "negative_policy": In(2),
                #: The length is right; and so are the values, a clock late.
                "fits": Out(1),
                #: What is to be answered.
                "status": Out(Status),
            }
        )

    def elaborate(self, platform):
        m = Module()
        config, length = self.config, self.length
        size = config.weight_bits // 8
        value_ok = Signal(reset_less=True)
        in_range, length_ok, sample_ok = Signal(), Signal(), Signal()
        host = Signal()  # the command names the negative label
        is_label, other = Signal(), Signal()
        bits = self.label_bits
        m.d.comb += [
            host.eq(~below(self.negative_policy, NegativePolicy.HOST)),
            is_label.eq(1 if config.classes == 0 else below(self.byte, config.classes)),
            other.eq(self.byte[:bits] != self.before[:bits]),
            in_range.eq(1),
            sample_ok.eq(1),
            self.fits.eq(length_ok & value_ok),
        ]
        with m.If(self.start):
            m.d.sync += value_ok.eq(1)
        with m.If(self.beyond):
            m.d.sync += value_ok.eq(0)
        first, second = self.byte_valid

        with m.Switch(self.opcode):
            with m.Case(Opcode.IDENTIFY, Opcode.READ_WEIGHTS):
                m.d.comb += length_ok.eq(length == 5)
            with m.Case(Opcode.READ_REGISTER, Opcode.WRITE_REGISTER):
                m.d.comb += length_ok.eq(length == Mux(self.opcode == Opcode.READ_REGISTER, 2, 6))
                with m.If(first & ~self._is_register(self.byte)):
                    m.d.sync += value_ok.eq(0)
            with m.Case(Opcode.WRITE_WEIGHTS):
                whole = C(1) if size == 1 else ~length[0]  # 3 + 2 n is odd
                m.d.comb += length_ok.eq(~below(length, 4 + size) & below(length, PAYLOAD_MAX + 2) & whole)
            with m.Case(Opcode.LOAD_SAMPLE):
                m.d.comb += [length_ok.eq(~length[0]), in_range.eq(~self.sample_bad)]
            with m.Case(Opcode.TRAIN_PAIR):
                m.d.comb += [length_ok.eq(length == 3), sample_ok.eq(self.sample_valid.all())]
                if config.classes:
                    with m.If((first & ~is_label) | (second & host & ~(is_label & other))):
                        m.d.sync += value_ok.eq(0)
            with m.Case(Opcode.TRAIN_PHASE):
                m.d.comb += [length_ok.eq(length == 3), sample_ok.eq(self.sample_valid[0])]
                with m.If((first & ~below(self.byte, 2)) | (second & ~is_label)):
                    m.d.sync += value_ok.eq(0)
            with m.Case(Opcode.INFER):
                m.d.comb += [length_ok.eq(length == 1), sample_ok.eq(self.sample_valid[0])]
            with m.Case(Opcode.COUNTERS):
                m.d.comb += length_ok.eq(length == 1)

        with m.If(self.opcode == 0):
            m.d.comb += self.status.eq(Status.BAD_OPCODE)
        with m.Elif(~length_ok):
            m.d.comb += self.status.eq(Status.BAD_LENGTH)
        with m.Elif(~(value_ok & in_range)):
            m.d.comb += self.status.eq(Status.BAD_VALUE)
        with m.Elif(~sample_ok):
            m.d.comb += self.status.eq(Status.NO_SAMPLE)
        return m

    def _is_register(self, address):
        """Whether a register has this address."""
        table = sum(1 << register.address for register in registers(self.config))
        return below(address, 16) & C(table, 16).bit_select(address[:4], 1)
