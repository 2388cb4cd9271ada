"""The virtual board: byte for byte the golden device; its clock, its waveforms, its errors."""

import numpy as np
import pytest

from ffpga.driver.device import Device
from ffpga_golden import GoldenDevice, NetworkConfig, network_of
from ffpga_golden.dither import Generator
from ffpga_golden.layers import Layers
from ffpga_golden.protocol import Opcode, Status, decode_frame, encode_frame
from ffpga_sim import BuildError, VirtualBoard, build
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import answered, answers
from testbenches.conversations.edges import Edges
from testbenches.conversations.sessions import sessions
from testbenches.trust.mutants.score import CASES

SMALL = CONFIGURATIONS["one-neuron"].config


#: Conversations of every configuration; those that mutants are tried with have the long ones, too.
SHORT = 3
#: Configurations with how many conversations.
TALKS = [(name, None if name in CASES else SHORT) for name in CONFIGURATIONS]
TALKS += [pytest.param(name, None, marks=pytest.mark.all) for name in CONFIGURATIONS if name not in CASES]


@pytest.mark.parametrize(("name", "count"), TALKS)
def test_conversations(name, count):
    """Those that mutants of the core have, the long one among them: many more settings than Icarus has time for."""
    case = CONFIGURATIONS[name]
    with VirtualBoard(case.config) as board:
        for session in sessions(case, count):
            session.hold(board)
            board.reset()


@pytest.mark.parametrize("value", [0, 1])
def test_every_bit_of_a_dither_decides(value):
    """The conversation at the edges tells a network whose dither has a bit stuck from the golden one."""
    case = CONFIGURATIONS["sixteen-bit-extreme"]
    edges = list(answered(Edges(case, 1), GoldenDevice(case.config)))

    def stuck(lane, bit):
        class Stuck(Generator):
            def dither(self, rows, width, u, first=0):
                field = super().dither(rows, width, u, first).astype(np.int64)
                field[:, lane] = field[:, lane] & ~(1 << bit) | value << bit
                return field

        return type("StuckLayers", (Layers,), {"generator": Stuck})

    def heard(layers):
        device = GoldenDevice(case.config)
        device.network = network_of(case.config, layers)
        for frame, expected in edges:
            device.write(frame)
            if device.read(1 << 20) != expected:
                return True
        return False

    assert not heard(Layers)
    for bit in range(15):
        assert heard(stuck(bit % 8, bit)), bit


def test_the_clock_runs_only_while_somebody_reads():
    with VirtualBoard(SMALL) as board:
        before = board.clocks
        board.write(encode_frame(0, Opcode.IDENTIFY, b"abcd"))
        assert board.clocks == before
        whole = answers(board, 1)
        spent = board.clocks - before
        board.reset()
        board.write(encode_frame(0, Opcode.IDENTIFY, b"abcd"))
        pieces = [board.read(3, 10.0) for _ in range(-(-len(whole) // 3))]
        assert b"".join(pieces) == whole and all(len(piece) == 3 for piece in pieces[:-1])
        assert board.clocks - before == 2 * spent, "the same bytes must take the same clocks"
        assert board.read(10, 0.0) == b""


def test_a_reset_ends_the_session():
    with VirtualBoard(SMALL) as board:
        board.write(encode_frame(0, Opcode.IDENTIFY, b"abcd"))
        answers(board, 1)
        board.reset()
        board.write(encode_frame(1, Opcode.COUNTERS))
        golden = GoldenDevice(SMALL)
        golden.write(encode_frame(1, Opcode.COUNTERS))
        assert answers(board, 1) == golden.read(100)


@pytest.mark.parametrize("pace", [0, 3])
def test_a_frame_without_a_byte_leaves_the_session(pace):
    """However many clocks it comes behind IDENTIFY: that one, repeated, opens no session again."""
    with VirtualBoard(CONFIGURATIONS["awkward"].config) as board:
        board.pace(pace)

        for gap in range(200):
            board.reset()
            identify = encode_frame(7, Opcode.IDENTIFY, bytes((gap, 2, 3, 4)))
            board.write(identify)
            data, left = b"", len(identify) * max(1, pace) + gap
            while left:  # to the end of an answer, at most
                before = board.clocks
                data += board.advance(left)
                left -= board.clocks - before
            board.write(b"\x01\x00")
            data += answers(board, 2 - data.count(b"\0"))
            heard = [one + b"\0" for one in data.split(b"\0")[:-1]]
            (opened,) = [one for one in heard if decode_frame(one[:-1])[:2] == (7, Status.OK)]  # the other refuses
            for sequence in (8, 9):
                board.write(encode_frame(sequence, Opcode.READ_REGISTER, b"\0"))
                assert decode_frame(answers(board, 1)[:-1])[:2] == (sequence, Status.OK), gap
                if sequence == 8:
                    board.write(identify)
                    assert answers(board, 1) == opened, gap


def test_a_recurrent_inference_adds_up_all_its_time_steps():
    """As many sums of squares as there are layers and time steps, all of them as large as they can be."""
    config = NetworkConfig(features=1, classes=2, layers=(64, 64), lanes=8, recurrent=True)
    weights = [np.zeros((config.rows(layer), 64), np.int16) for layer in range(2)]
    weights[0][:] = 127
    weights[1][:64] = 60
    weights[1][config.first_label], weights[1][config.first_label + 1] = 127, -127
    found = []
    for transport in (GoldenDevice(config), VirtualBoard(config)):
        with Device(transport, config) as device:
            device.write_weights(weights)
            for steps in (4, 15):
                device.write_register("time_steps", steps)
                device.submit_sample(np.array([255], np.uint8))
                found.append(device.infer())
    assert found[:2] == found[2:]
    assert found[0][1] > 1 << 32 and found[1][1] > 1 << 34


def test_two_boards_are_two_chips():
    with VirtualBoard(SMALL) as one, VirtualBoard(SMALL) as other:
        one.write(encode_frame(0, Opcode.IDENTIFY, b"abcd"))
        other.write(encode_frame(0, Opcode.IDENTIFY, b"efgh"))
        assert b"abcd" in answers(one, 1) and b"efgh" in answers(other, 1)


def test_a_board_that_does_not_record(tmp_path):
    with VirtualBoard(SMALL) as board, pytest.raises(ValueError, match="only when it was opened with `wave`"):
        board.trace(tmp_path / "c.fst")


def test_a_closed_board_says_so():
    board = VirtualBoard(SMALL)
    board.close()
    board.close()
    with pytest.raises(ValueError, match="the virtual board is closed"):
        board.write(b"x")


def test_faults_of_a_build(monkeypatch, tmp_path):
    monkeypatch.setenv("FFPGA_BUILD", str(tmp_path))
    with pytest.raises(BuildError, match=r"verilator_bin failed: .*syntax error.*all of it: "):
        VirtualBoard(SMALL, verilog="module ffpga(; endmodule")
    assert not list((tmp_path / "virtual_board").glob("*/board.so"))
    monkeypatch.setattr(build, "find_compiler", lambda: "/no/such/compiler")
    with pytest.raises((BuildError, OSError), match="no/such/compiler"):
        VirtualBoard(SMALL)
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(BuildError, match="needs a C\\+\\+ compiler, none is on PATH: install one"):
        build.find_compiler()
