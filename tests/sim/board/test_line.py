"""A virtual board at the end of a line, and the bare model beside the driver's board."""

from dataclasses import replace
from itertools import pairwise

import pytest

import ffpga
from ffpga.bench.boards import shortened
from ffpga.bench.speed import lines, link, simulation
from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import Opcode, encode_frame
from ffpga_sim import PacedLine, VirtualBoard
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import hold_to_golden

SMALL = CONFIGURATIONS["one-neuron"].config
TRAINED = ffpga.NetworkConfig(features=30, classes=3, layers=(16, 16), lanes=8)


@pytest.fixture(scope="module")
def samples(pictures):
    return ffpga.load_dataset(str(pictures(60, 30)))


def test_bytes_take_their_time_each_way():
    frame = encode_frame(0, Opcode.IDENTIFY, b"abcd")
    with VirtualBoard(SMALL) as board:
        spent = {}
        for pace, latency in ((1, 0), (100, 0), (200, 0), (100, 1000)):
            board.reset()
            line = PacedLine(board, clock_hz=1e6, clocks_a_byte=pace, latency=latency)
            before = board.clocks
            line.write(frame)
            answer = b""
            while not answer.endswith(b"\0"):
                answer += line.read(5, 1.0)
            spent[pace, latency] = board.clocks - before
            golden = GoldenDevice(SMALL)
            golden.write(frame)
            assert answer == golden.read(100)
        whole = len(frame) + len(answer)
        assert spent[200, 0] - spent[100, 0] == 100 * whole
        assert 0 <= spent[100, 0] - 100 * whole < 500, "the chip's own work is short"
        assert spent[100, 1000] - spent[100, 0] == 2000
        before = board.clocks
        assert line.read(10, 0.002) == b"" and board.clocks - before == 2000, "silence takes the chip's time"


def test_a_conversation_over_a_slow_line():
    case = replace(CONFIGURATIONS["one-neuron"], settings=2, steps=2)
    with VirtualBoard(case.config) as board:
        hold_to_golden(PacedLine(board, clock_hz=1e6, clocks_a_byte=7, latency=50), case, seed=5)


def test_the_bare_model_does_the_drivers_work(samples):
    boards = simulation.Boards(TRAINED, samples, {"bare": None}, lambda name: None)
    try:
        clocks = 0
        for _ in range(2):
            clocks += boards.drive(5)
            assert boards.replay("bare") == boards.spent
        assert boards.clocks == clocks
        boards.check()
        boards.drive(1)  # which the bare model does not see
        with pytest.raises(ffpga.FfpgaError, match=r"bare model.*(did not do the driver's work|its counters)"):
            boards.check()
    finally:
        boards.close()


def test_the_line_bounds_training_from_below(samples):
    line = link.SimulatedLine(TRAINED, samples, 48e6)
    try:
        runs = [line.train(wire, 6) for wire in link.WIRES]
        for run in runs:
            most = max(run["core_clocks_a_pair"], run["line_clocks_a_pair"])
            assert run["clocks_a_pair"] > most and run["hidden"] <= 1
            assert run["pairs_a_second"] == pytest.approx(48e6 / run["clocks_a_pair"])
        assert len({run["core_clocks_a_pair"] for run in runs}) == 1, "the same pairs from the same weights"
        frames = [line.train(link.WIRES[0], 6, window=window, latency_us=50) for window in (1, 2, 4)]
        for fewer, more in pairwise(frames):
            assert fewer["pairs_a_second"] < more["pairs_a_second"]
    finally:
        line.close()
    counted = link.clocks_of_steps(TRAINED, shortened(samples, None, 1), 5)["first epoch"]
    assert runs[0]["core_clocks_a_pair"] == counted[:6].mean(), "as golden counts"


def test_every_line_and_code(samples):
    """Few bits are fewer bytes and as many pairs or more; the exact codes train alike; the last epoch goes on."""
    wires = link.LINES[:2]
    rows = lines.measure((TRAINED,), samples, clock_hz=48e6, pairs=6, epochs=3, wires=wires)
    assert [(row["code"], row["line"]) for row in rows] == [(code, wire.name) for code in lines.CODES for wire in wires]
    gaps, exact, *_, least = (row for row in rows if row["line"] == wires[0].name)
    assert gaps["input_bits"] == exact["input_bits"] == 8 and least["input_bits"] == 1
    for part in (lambda row: row, lambda row: row["first_epoch"]):
        assert part(gaps)["core_clocks_a_pair"] == part(exact)["core_clocks_a_pair"]
        assert part(gaps)["bytes_a_pair"] > part(exact)["bytes_a_pair"] > part(least)["bytes_a_pair"]
        assert part(gaps)["bound_by"] == "line" and part(gaps)["pairs_per_second"] < part(least)["pairs_per_second"]
    assert gaps["core_clocks_a_pair"] != gaps["first_epoch"]["core_clocks_a_pair"]
    assert lines.lines_table(rows).count("\n") == 1 + len(lines.CODES)
    assert lines.hidden_table(rows).count("\n") == 1 + 2 * len(wires)
