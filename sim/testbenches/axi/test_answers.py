"""cocotb tests of the whole chip behind AXI: its answers, registers, weights and counters equal golden's."""

import os

import cocotb

from ffpga_golden import GoldenDevice
from testbenches.configurations import AXI_CONFIGURATIONS
from testbenches.conversations.conversation import Conversation

from .bench import AxiChip
from .conversation import AxiConversation, converse


async def _hold_to_golden(dut, *, pause: float, in_flight: bool) -> None:
    case, seed = AXI_CONFIGURATIONS[os.environ["FFPGA_CASE"]], int(os.environ["FFPGA_SEED"])
    dut._log.info("%s, seed %d, pause %g, in flight %s", case, seed, pause, in_flight)
    chip, golden = AxiChip(dut, case.config, seed=seed, pause=pause), GoldenDevice(case.config)
    await chip.start()
    conversation = AxiConversation(chip, golden, seed, in_flight)
    await converse(conversation, list(Conversation(case, seed).commands()))
    assert conversation.steps >= 3 * case.settings


@cocotb.test()
async def equals_golden(dut) -> None:
    """One command at a time."""
    await _hold_to_golden(dut, pause=0.0, in_flight=False)


@cocotb.test()
async def equals_golden_in_flight(dut) -> None:
    """A command waits while another one runs, answers are read late, and every channel has random waits."""
    await _hold_to_golden(dut, pause=0.3, in_flight=True)
