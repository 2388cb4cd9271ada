"""Why a command is not executed: opcode, length, value, sample, in this order."""

from amaranth.hdl import C, Cat, Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden.config import MAX_WIDTH, NetworkConfig
from ffpga_golden.protocol import PART, PAYLOAD_MAX, Opcode, Status
from ffpga_golden.registers import NegativePolicy, registers

from ..engine.signatures.port import sample_slots
from .compare import below


def opcodes(config: NetworkConfig) -> list[Opcode]:
    """Opcodes that are told apart; of those that a device does not have only the last ones are left out."""
    return [op for op in Opcode if op is not Opcode.LOAD_BITS or config.few_bits]


class Checks(wiring.Component):
    """Status of a command.

    Parameters
    ----------
    config : NetworkConfig
        Sizes of the network.
    """

    def __init__(self, *, config: NetworkConfig):
        self.config = config
        # Without labels the bits are those of a part of the activities.
        self.label_bits = (config.classes - 1).bit_length() if config.classes else (MAX_WIDTH // PART - 1).bit_length()
        super().__init__(
            {
                #: Opcode, a bit each (none: there is no such command), and bytes of payload, one more than there are.
                "opcode": In(max(opcodes(config)) + 1),
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
                #: What is to be answered, 3 clocks after the last byte.
                "status": Out(Status),
            }
        )

    def elaborate(self, platform):
        m = Module()
        config, length = self.config, self.length
        size = config.weight_bits // 8
        value_ok = Signal(reset_less=True)
        length_fits, length_ok = Signal(), Signal(reset_less=True)
        in_range, sample_ok = Signal(), Signal()
        host = Signal()  # the command names the negative label
        is_label, is_phase, is_register, other = (Signal(reset_less=True) for _ in range(4))
        bits = self.label_bits
        m.d.comb += [
            host.eq(self.negative_policy == NegativePolicy.HOST),
        ]
        with m.If(self.start):
            m.d.sync += value_ok.eq(1)
        with m.If(self.beyond):
            m.d.sync += value_ok.eq(0)
        m.d.sync += [
            length_ok.eq(length_fits),
            is_label.eq(1 if config.classes == 0 else below(self.byte, config.classes)),
            is_phase.eq(below(self.byte, 2)),
            is_register.eq(self._is_register(self.byte)),
            other.eq(self.byte[:bits] != self.before[:bits]),
        ]
        first, second = Signal(reset_less=True), Signal(reset_less=True)  # as late as what is known of their byte
        m.d.sync += Cat(first, second).eq(self.byte_valid)
        op = self.opcode
        weights = ~below(length, 4 + size) & below(length, PAYLOAD_MAX + 2)
        if size == 2:
            weights = weights & ~length[0]  # 3 + 2 n is odd
        lengths = {
            3: op[Opcode.TRAIN_PAIR] | op[Opcode.TRAIN_PHASE] | op[Opcode.ACTIVITIES] | op[Opcode.READ_TABLE],
            3 + PART: op[Opcode.WRITE_TABLE],
            5: op[Opcode.IDENTIFY] | op[Opcode.READ_WEIGHTS],
            2: op[Opcode.READ_REGISTER],
            6: op[Opcode.WRITE_REGISTER],
            1: op[Opcode.INFER] | op[Opcode.COUNTERS],
        }
        others = (op[Opcode.WRITE_WEIGHTS] & weights) | (op[Opcode.LOAD_SAMPLE] & ~length[0])
        loads = op[Opcode.LOAD_SAMPLE]
        if config.few_bits:
            others |= op[Opcode.LOAD_BITS] & (length != 1)
            loads |= op[Opcode.LOAD_BITS]
        m.d.comb += length_fits.eq(Cat(which & (length == value) for value, which in lengths.items()).any() | others)

        wrong_label = (first & ~is_label) | (second & host & ~(is_label & other)) if config.classes else 0
        wrong = [
            (op[Opcode.READ_REGISTER] | op[Opcode.WRITE_REGISTER]) & first & ~is_register,
            op[Opcode.TRAIN_PAIR] & wrong_label,
            op[Opcode.TRAIN_PHASE] & ((first & ~is_phase) | (second & ~is_label)),
        ]
        wrong += self._wrong_parts(m, first, second)
        with m.If(Cat(wrong).any()):
            m.d.sync += value_ok.eq(0)

        m.d.comb += in_range.eq(~(loads & self.sample_bad))
        needs_all, needs_one = op[Opcode.TRAIN_PAIR], op[Opcode.TRAIN_PHASE] | op[Opcode.INFER] | op[Opcode.ACTIVITIES]
        m.d.comb += sample_ok.eq(~(needs_all & ~self.sample_valid.all()) & ~(needs_one & ~self.sample_valid[0]))
        m.d.sync += self.status.eq(Status.OK)
        with m.If(~op.any()):
            m.d.sync += self.status.eq(Status.BAD_OPCODE)
        with m.Elif(~length_ok):
            m.d.sync += self.status.eq(Status.BAD_LENGTH)
        with m.Elif(~(value_ok & in_range)):
            m.d.sync += self.status.eq(Status.BAD_VALUE)
        with m.Elif(~sample_ok):
            m.d.sync += self.status.eq(Status.NO_SAMPLE)
        return m

    def _wrong_parts(self, m, first, second):
        """Layers that there are not, and parts of activities or tables."""
        config, op, wrong = self.config, self.opcode, []
        if not config.classes:
            sizes = [Signal(reset_less=True) for _ in config.layers]  # the part is one of this layer's
            m.d.sync += Cat(sizes).eq(Cat(below(self.byte, -(-width // PART)) for width in config.layers))
            known, layer = Signal(reset_less=True), Signal(2, reset_less=True)
            m.d.sync += [known.eq(below(self.byte, config.depth)), layer.eq(self.before)]
            wrong.append(op[Opcode.ACTIVITIES] & ((first & ~known) | (second & ~Cat(sizes).bit_select(layer, 1))))
        if config.black_box:
            table, part = Signal(reset_less=True), Signal(reset_less=True)
            m.d.sync += [table.eq(below(self.byte, config.depth - 1)), part.eq(below(self.byte, 256 // PART))]
            of_table = op[Opcode.WRITE_TABLE] | op[Opcode.READ_TABLE]
            wrong.append(of_table & ((first & ~table) | (second & ~part)))
        return wrong

    def _is_register(self, address):
        """Whether a register has this address."""
        table = sum(1 << register.address for register in registers(self.config))
        bits = 4 if table < 1 << 16 else 5
        return below(address, 1 << bits) & C(table, 1 << bits).bit_select(address[:bits], 1)
