"""cocotb tests of the chip behind AXI: refusals, waiting, giving up, interrupts, back-pressure."""

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles

from ffpga_golden import GoldenDevice, NegativePolicy
from ffpga_golden.protocol import Opcode, pack_sample
from ffpga_hw.bus.register_map import INDEX_BITS, Error, Operation
from testbenches.configurations import AXI_CONFIGURATIONS

from .bench import OKAY, SLVERR, AxiChip

CONFIG = AXI_CONFIGURATIONS["labelled"].config
SAMPLE = pack_sample(np.arange(1, CONFIG.features + 1).astype(np.uint8))
TAKE = 1 << 24
PAIR = Operation.TRAIN_PAIR | 1 << 8 | 2 << 16


async def _begin(dut) -> tuple[AxiChip, GoldenDevice]:
    chip, golden = AxiChip(dut, CONFIG), GoldenDevice(CONFIG)
    await chip.start()
    await chip.same_weights(golden, 1)
    return chip, golden


async def _load(chip: AxiChip, golden: GoldenDevice) -> None:
    chip.send(SAMPLE)
    golden.execute(Opcode.LOAD_SAMPLE, b"\x00" + SAMPLE)
    await chip.until("samples", 1)


@cocotb.test()
async def bad_accesses_change_nothing(dut) -> None:
    """Every word of the window, read, written and written in part, where that may not be."""
    chip, _ = await _begin(dut)
    by_address = {register.address: register for register in chip.registers.values()}
    readable = [register.name for register in chip.registers.values() if register.readable]
    before = {name: await chip.read(name) for name in readable if name not in ("WEIGHT", "ANSWER", "COUNT_LINK_ERRORS")}
    for address in range(0, 4 << INDEX_BITS, 4):
        register = by_address.get(address)
        if register is None or not register.readable:
            assert await chip.read_word(address) == (SLVERR, 0)
            assert await chip.fault() == Error.BAD_ADDRESS
        if register is None or not register.writable:
            assert await chip.write_word(address, 0xFFFF_FFFF) == SLVERR
            assert await chip.fault() == Error.BAD_ADDRESS
        for part in ((0, 1), (2, 2)) if register and register.writable else ():
            answer = await chip.master.write(address + part[0], b"\xff" * part[1])
            assert int(answer.resp) == SLVERR
            assert await chip.fault() == Error.PARTIAL
    assert await chip.read("ANSWER") == (Error.BUSY, 0), "answers go to the stream"
    for word in (PAIR | 3 << 24, PAIR & ~0xFF00 | 3 << 8, Operation.TRAIN_PHASE | 2 << 16, 4):
        expected = Error.BAD_OPERATION if word == 4 else Error.BAD_VALUE
        assert await chip.write("COMMAND", word) == expected, hex(word)
    for name, value in before.items():
        assert await chip.read(name) in ((Error.NONE, value[1] | 2), value), name
        assert await chip.read(name) == value or name == "IRQ_PENDING", name
    assert await chip.read("COUNT_LINK_ERRORS") == (Error.NONE, chip.refused)


@cocotb.test()
async def first_error_stays_and_interrupts(dut) -> None:
    chip, golden = await _begin(dut)
    assert await chip.write("IRQ_ENABLE", 2) == Error.NONE
    assert dut.irq.value == 0
    assert await chip.write_word(0xFC, 0) == SLVERR
    assert await chip.write_word(0x40, 13) == OKAY, "the error holds nothing up"
    assert await chip.write_word(0x24, 4) == SLVERR
    chip.refused += 1
    assert dut.irq.value == 1
    assert await chip.field("STATUS", "error") == 1
    assert await chip.fault() == Error.BAD_ADDRESS, "the first one"
    assert await chip.field("STATUS", "error") == 0
    assert await chip.write("IRQ_PENDING", 1) == Error.NONE
    assert dut.irq.value == 1, "only the bits that are 1 are cleared"
    assert await chip.write("IRQ_PENDING", 2) == Error.NONE
    assert dut.irq.value == 0
    # A command without a sample fails when it begins.
    assert await chip.write("COMMAND", PAIR) == Error.NONE
    await chip.idle()
    assert dut.irq.value == 1 and await chip.fault() == Error.NO_SAMPLE
    assert await chip.write("IRQ_PENDING", 3) == Error.NONE
    # The end of a command.
    assert await chip.write("IRQ_ENABLE", 1) == Error.NONE
    await _load(chip, golden)
    assert await chip.write("COMMAND", PAIR | TAKE) == Error.NONE
    assert dut.irq.value == 0
    await chip.idle()
    assert dut.irq.value == 1
    assert await chip.answer() == golden.execute(Opcode.TRAIN_PAIR, b"\x01\x02")[1]
    assert await chip.write("IRQ_PENDING", 3) == Error.NONE
    assert await chip.read("IRQ_PENDING") == (Error.NONE, 0)
    assert await chip.read("COUNT_LINK_ERRORS") == (Error.NONE, chip.refused)


@cocotb.test()
async def busy_until_idle(dut) -> None:
    """While a command waits for its sample, registers, weights and counters are refused, and no third one comes in."""
    chip, golden = await _begin(dut)
    assert await chip.write("COMMAND", PAIR | TAKE) == Error.NONE
    await ClockCycles(dut.aclk, 300)
    assert await chip.field("STATUS", "waiting") == 1
    for name in ("LEARNING_RATE", "SEED", "THRESHOLD0", "WEIGHT_ADDRESS", "WEIGHT"):
        assert await chip.write(name, 1) == Error.BUSY, name
        assert (await chip.read(name))[0] == Error.BUSY, name
    assert await chip.read("COUNT_CLOCKS") == (Error.BUSY, 0)
    assert await chip.write("CONTROL", 4) == Error.BUSY
    assert await chip.write("COMMAND", PAIR) == Error.BUSY
    await _load_now(chip, golden)
    assert await chip.answer() == golden.execute(Opcode.TRAIN_PAIR, b"\x01\x02")[1]
    await chip.idle()
    for name in ("LEARNING_RATE", "SEED", "THRESHOLD0"):
        register = chip.registers[name].address - 0x40 >> 2
        expected = int.from_bytes(golden.execute(Opcode.READ_REGISTER, bytes((register,)))[1], "little")
        assert await chip.read(name) == (Error.NONE, expected), name


async def _load_now(chip: AxiChip, golden: GoldenDevice) -> None:
    chip.send(SAMPLE)
    golden.execute(Opcode.LOAD_SAMPLE, b"\x00" + SAMPLE)


@cocotb.test()
async def giving_up(dut) -> None:
    """A command that waits is cancelled, a sample that waits or is half there is discarded."""
    chip, golden = await _begin(dut)
    assert await chip.write("COMMAND", PAIR | TAKE) == Error.NONE
    assert await chip.write("CONTROL", 1) == Error.NONE
    assert await chip.field("STATUS", "waiting") == 0
    for word in (0x0505, 0x10_0606):  # a whole sample that is too far out, half a good one
        pairs = [0x0900, 0x1_09FF] if word == 0x0505 else [0x0900]
        for pair in pairs:
            assert await chip.write("SAMPLE", pair) == Error.NONE
        assert await chip.write("CONTROL", 2) == Error.NONE
        assert await chip.field("STATUS", "samples") == 0
    await _load(chip, golden)
    assert await chip.field("STATUS", "sample_room") == 1, "of one beat"
    assert await chip.write("SAMPLE", 0x1_0100) == Error.NONE
    assert await chip.write("SAMPLE", 0x1_0100) == Error.BUSY, "one sample waits, a beat of the next one too"
    assert await chip.write("COMMAND", PAIR | TAKE) == Error.NONE
    assert await chip.answer() == golden.execute(Opcode.TRAIN_PAIR, b"\x01\x02")[1]
    await chip.until("samples", 1)
    assert await chip.write("COMMAND", Operation.INFER | TAKE) == Error.NONE
    golden.execute(Opcode.LOAD_SAMPLE, b"\x00\x00\x01")
    assert await chip.answer() == golden.execute(Opcode.INFER, b"")[1]


@cocotb.test()
async def answers_by_register(dut) -> None:
    """A soft processor alone, on the registers: nothing comes out of the stream."""
    chip, golden = await _begin(dut)
    assert await chip.write("CONTROL", 4) == Error.NONE
    assert await chip.read("ANSWER") == (Error.NONE, 0)
    await _load(chip, golden)
    assert await chip.write("COMMAND", PAIR | TAKE) == Error.NONE
    await chip.idle()
    expected = golden.execute(Opcode.TRAIN_PAIR, b"\x01\x02")[1]
    assert await chip.write("CONTROL", 0) == Error.BUSY, "an answer is under way"
    for number, byte in enumerate(expected):
        last = number == len(expected) - 1
        assert await chip.read("ANSWER") == (Error.NONE, byte | last << 8 | 1 << 9), number
    assert await chip.read("ANSWER") == (Error.NONE, 0)
    assert await chip.write("CONTROL", 0) == Error.NONE
    assert chip.sink.empty()


@cocotb.test()
async def no_answer_is_lost(dut) -> None:
    """Nobody takes answers: commands run while there is room, then one waits; later all come, in their order."""
    chip, golden = await _begin(dut)
    assert await chip.write("NEGATIVE_POLICY", NegativePolicy.HOST) == Error.NONE
    golden.network.write_register("negative_policy", NegativePolicy.HOST)
    await _load_now(chip, golden)
    chip.sink.pause = True
    expected, take = [], TAKE
    while not await chip.field("STATUS", "waiting"):
        label, negative = len(expected) % 3, (len(expected) + 1) % 3
        word = Operation.TRAIN_PAIR | label << 8 | negative << 16 | take
        assert await chip.write("COMMAND", word) == Error.NONE
        take = 0
        expected.append(golden.execute(Opcode.TRAIN_PAIR, bytes((label, negative)))[1])
        await ClockCycles(dut.aclk, 500)
    assert await chip.field("STATUS", "running") == 0
    assert len(expected) == 6, "128 bytes hold five answers of 25, and room for a sixth is asked for before it begins"
    chip.sink.pause = False
    for answer in expected:
        assert await chip.answer() == answer
    await chip.idle()
