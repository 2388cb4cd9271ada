"""What a chip keeps of a session, in rings that turn: the same answers come again from the chip as from golden.

The link alone, with hosts that do not listen and steps that take long, is in `tests/hw/link`.
"""

import pytest

from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_golden import protocol as p
from ffpga_golden.protocol import Opcode, Status
from ffpga_sim import VirtualBoard
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import answers

Answer = tuple[int, int, bytes]


class Both:
    """A virtual board with a golden device beside it."""

    def __init__(self, config: NetworkConfig, board: VirtualBoard) -> None:
        self.board, self.golden = board, GoldenDevice(config)

    def same(self, data: bytes) -> list[Answer]:
        """Sends to both; the answers must be equal to the last bit. Returns them."""
        self.golden.write(data)
        expected = self.golden.read(1 << 20)
        self.board.write(data)
        assert answers(self.board, expected.count(p.DELIMITER)) == expected, data.hex()
        return [p.decode_frame(one) for one in expected.split(p.DELIMITER)[:-1]]

    def frame(self, sequence: int, opcode: int, payload: bytes = b"") -> list[Answer]:
        """The same of a frame."""
        return self.same(p.encode_frame(sequence, opcode, payload))


@pytest.fixture(params=[("awkward", 0), ("two-ports", 3)], ids=["at once", "three clocks a byte"])
def both(request):
    name, pace = request.param
    config = CONFIGURATIONS[name].config
    with VirtualBoard(config) as board:
        board.pace(pace)
        yield Both(config, board)
        assert not board.advance(2000), "an answer that nobody asked for"


@pytest.mark.parametrize("frames", [1, 2, p.WINDOW, p.WINDOW + 3])
def test_a_session_knows_nothing_of_the_one_before(both, frames):
    """Frames of a number that only the session before has seen are refused: its answers do not come back."""
    both.frame(20, Opcode.IDENTIFY, b"old ")
    for n in range(frames):
        both.frame(21 + n, Opcode.READ_REGISTER, bytes((n,)))
    both.frame(20 + frames, Opcode.IDENTIFY, b"new ")
    for behind in range(1, p.WINDOW + 1):
        for command in ((Opcode.READ_REGISTER, b"\x00"), (Opcode.IDENTIFY, b"new ")):
            assert both.frame(20 + frames - behind, *command) == [(21 + frames, Status.BAD_SEQUENCE, b"")], behind
    both.frame(21 + frames, Opcode.READ_REGISTER, b"\x01")


@pytest.mark.parametrize(("sizes", "least"), [((58,), 7), ((57, 1), 13), ((58, 13, 40, 3), 14), ((1,), p.WINDOW)])
def test_answers_are_kept_as_long_as_there_is_room(both, sizes, least):
    """Of each size, one answer after the other until the ring has turned: the same numbers as golden's come again."""
    both.frame(100, Opcode.IDENTIFY, b"kept")
    frames = [p.encode_frame(101 + n, Opcode.READ_WEIGHTS, bytes((n, 0, 0, sizes[n % len(sizes)]))) for n in range(37)]
    for frame in frames:
        ((_, status, _),) = both.same(frame)
        assert status == Status.OK
    again = [answer for frame in [*frames[::-1], *frames] for answer in both.same(frame)]
    assert [status for _, status, _ in again].count(Status.OK) == 2 * least


@pytest.mark.parametrize("kept", range(4))
def test_a_cut_identify_leaves_the_session(both, kept):
    """Of its session some bytes came, right or wrong: IDENTIFY of the running session still opens none."""
    both.frame(10, Opcode.IDENTIFY, b"abcd")
    for session in (b"abcd", b"wxyz"):
        whole = bytes((11, Opcode.IDENTIFY)) + session[:kept]
        for cut in (whole, whole + b"\x00", whole + b"\x00\x00"):
            both.same(p.cobs_encode(cut) + p.DELIMITER)
            for number in (40, 11 - p.WINDOW - 2, 9):
                found = both.frame(number, Opcode.IDENTIFY, b"abcd")
                assert found == [(11, Status.BAD_SEQUENCE, b"")], (session, number)
    both.frame(11, Opcode.READ_REGISTER, b"\x01")


def test_identify_answers_the_same_from_every_slot(both):
    """What it answers is kept beside the payloads; the longest frames leave it alone."""
    identity = b"same" + bytes((p.VERSION,)) + p.pack_config(both.golden.network.config)
    both.frame(0, Opcode.IDENTIFY, b"same")
    sequence = 1
    for payload in (bytes(59), b"\xff" * 100):
        for opcode in (Opcode.INFER, Opcode.IDENTIFY):
            for _ in range(p.WINDOW):
                both.frame(sequence, opcode, payload)
                sequence += 1
        for _ in range(p.WINDOW):
            assert both.frame(sequence, Opcode.IDENTIFY, b"same") == [(sequence, Status.OK, identity)]
            sequence += 1
