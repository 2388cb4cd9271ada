"""The judge of what comes while several frames are in flight: what must come again, and what need not."""

import pytest

from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_golden.protocol import Opcode, encode_frame
from testbenches.conversations.in_flight import InFlight

IDENTIFY = encode_frame(5, Opcode.IDENTIFY, b"abcd")
COUNTERS = encode_frame(6, Opcode.COUNTERS)


@pytest.fixture
def talk():
    """A flight, and what says a frame in it and tells the golden device's answer."""
    golden, flight = GoldenDevice(NetworkConfig(features=3, classes=2, layers=(1,), lanes=1)), InFlight()

    def say(frame: bytes) -> bytes:
        golden.write(frame)
        answer = golden.read(1000)
        flight.say(frame, answer)
        return answer

    flight.hear(say(IDENTIFY))
    return flight, say


def test_an_answer_that_was_heard_must_come_again(talk):
    flight, say = talk
    answer = say(COUNTERS)
    assert flight and len(flight) == 1
    flight.hear(answer)
    assert not flight
    assert say(COUNTERS) == answer
    assert flight and len(flight) == 0
    with pytest.raises(AssertionError, match="did not come again"):
        flight.settle()
    flight.hear(answer)
    assert not flight
    flight.settle()


def test_one_that_was_not_heard_may_come_once_for_both(talk):
    flight, say = talk
    answer = say(COUNTERS)
    say(COUNTERS)
    flight.hear(answer)
    assert not flight
    flight.settle()
    flight.hear(answer)  # or twice


def test_nothing_comes_again_of_a_session_before(talk):
    flight, say = talk
    flight.hear(say(COUNTERS))
    opened = say(encode_frame(20, Opcode.IDENTIFY, b"efgh"))
    new = [say(encode_frame(number, Opcode.COUNTERS)) for number in (21, 22)]
    assert say(encode_frame(21, Opcode.COUNTERS)) == new[0]
    for answer in (opened, *new):
        flight.hear(answer)
    assert not flight
    flight.settle()
