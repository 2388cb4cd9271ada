"""The C driver on lines that damage, delay and end; devices that are reset; sessions, its own and others'."""

import struct

import pytest

from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import (
    DELIMITER,
    HELD,
    Opcode,
    decode_frame,
    encode_frame,
)
from testbenches.trust.hostile.line import HostileTransport
from testbenches.trust.microcontroller.remote import Books, Refused, Remote

from .driving import SMALL, Tampering, opened, samples


@pytest.mark.parametrize(("rate", "seed"), [(1e-4, 1), (3e-4, 2), (1e-3, 3), (3e-3, 4)])
def test_a_hostile_line_loses_and_doubles_nothing(program, rate, seed):
    x, labels = samples(SMALL, 60, seed)
    found = []
    for line in (GoldenDevice(SMALL), HostileTransport(GoldenDevice(SMALL), seed, rate)):
        with opened(program, line, SMALL, patience=40) as remote:
            steps = remote.train(x, labels), [remote.infer()]
            weights, counters = remote.read_weights(SMALL.weights), remote.counters()
            found.append((steps, weights, {**counters, "link_errors": None}))
            if isinstance(line, HostileTransport):
                for name, (counted, expected) in line.accounts(Books(remote)).items():
                    assert counted == expected, name
                assert remote.told()["resent"] > 0
    assert found[0] == found[1]


class Counting(GoldenDevice):
    """Answers late: only where nothing more comes. Counts how many frames were unanswered at once."""

    most = 0

    def __init__(self, config):
        super().__init__(config)
        self._quiet = 0

    def write(self, data):
        self._quiet = 0
        super().write(data)
        self.most = max(self.most, bytes(self._out).count(0))

    def read(self, n, timeout=0.0):
        self._quiet += 1
        return super().read(n, timeout) if self._quiet > 3 else b""


def test_the_window_is_full_and_no_more(program):
    device, (x, labels) = Counting(SMALL), samples(SMALL, 20)
    with Remote(program, device) as remote:
        remote.open(timeout=1000)
        remote.train(x, labels)
        assert remote.told()["resent"] == 0
    assert device.most == HELD


def test_faults_are_told_and_the_link_goes_on(program):
    with opened(program, GoldenDevice(SMALL), SMALL) as remote:
        for words, error in (
            (("pair", 0, 0), "no sample"),
            (("set", 99, 0), "out of range"),
            (("get", 99), "out of range"),
            (("command", 99, 0, "-"), "does not know the command"),
            (("command", int(Opcode.INFER), 0, "-00"), "length wrong"),
            (("command", int(Opcode.INFER), 59, "-"), "an argument"),
            (("command", int(Opcode.READ_REGISTER), 3, "-00"), "answered what there cannot be"),
            (("activities", 0), "does not know the command"),
        ):
            with pytest.raises(Refused, match=error):
                remote.ask(*words)
        assert remote.told()["refused"] == Opcode.ACTIVITIES
        remote.load_sample(samples(SMALL, 1)[0][0])
        # Of what was submitted each command's error is told once, in their order, and what is right between is done.
        with pytest.raises(Refused, match="out of range"):
            remote.ask("submit")
            remote.ask("wait", 0)
        assert remote.told()["refused"] == Opcode.TRAIN_PAIR
        with pytest.raises(Refused, match="out of range"):
            remote.ask("wait", 0)
        assert remote.told()["refused"] == Opcode.TRAIN_PHASE
        remote.ask("wait", 0)
        counters = remote.counters()
        assert (counters["inferences"], counters["pairs"], counters["link_errors"]) == (1, 0, 0)


def test_a_lost_answer_costs_no_silence(program):
    """The next one shows that it is missing: the driver, which would wait for minutes, asks at once."""
    lost = []

    def tamper(data: bytes) -> bytes:
        first, end, rest = data.partition(DELIMITER)
        if not lost:
            lost.append(first)
            return rest
        return first + end + rest

    device, (x, labels) = Tampering(SMALL, tamper), samples(SMALL, 5)
    with opened(program, device, SMALL, timeout=600_000) as remote:
        device.armed = True
        remote.train(x, labels)
        assert len(lost) == 1 and remote.told()["resent"] > 0
    assert device.network.counters["pairs"] == 5


def test_a_reset_is_told(program):
    class Line(GoldenDevice):
        def reset(self):
            Line.__init__(self, SMALL)

    line = Line(SMALL)
    with opened(program, line, SMALL) as remote:
        line.reset()
        with pytest.raises(Refused, match="was reset and its weights are lost"):
            remote.counters()
        with pytest.raises(Refused, match="not open"):
            remote.counters()
        with pytest.raises(Refused, match="not open"):
            remote.read_weights(4)
        remote.open()
        assert remote.read_weights(40) == bytes(40)


@pytest.mark.parametrize(
    "noise", [b"", b"\x55" * 999, bytes(999), bytes(range(256)) * 4, DELIMITER + b"\2\1" + DELIMITER]
)
def test_silence_and_babble_end(program, noise):
    class Babbling(Counting):
        babbles = False

        def read(self, n, timeout=0.0):
            if not self.babbles:
                return super().read(n, timeout)
            self._quiet += 1
            return noise if self._quiet % 4 == 1 else b""

    device = Babbling(SMALL)
    with Remote(program, device) as remote:
        remote.open()
        device.babbles = True
        for words in (("counters",), ("open", 2, 3, 1)):
            with pytest.raises(Refused, match="silent or its line too bad"):
                remote.ask(*words)
        device.babbles = False
        while device.read(1 << 16):
            pass
        remote.open()
        remote.counters()


def test_a_line_that_fails(program):
    device = GoldenDevice(SMALL)
    with Remote(program, device) as remote:
        remote.open()
        remote._line.shutdown(2)
        device.read = lambda n, timeout=0.0: b""
        for words, error in ((("counters",), "the line failed"), (("get", 0), "not open"), (("open", 9, 9, 9), "line")):
            with pytest.raises(Refused, match=error):
                remote.ask(*words)


@pytest.mark.parametrize("changed", ["version", "depth", "bits", "length"])
def test_what_cannot_be_driven_is_refused(program, changed):
    places = {"version": (6, 9), "depth": (14, 5), "bits": (11, 9)}

    def tamper(data: bytes) -> bytes:
        out = b""
        for frame in data.split(DELIMITER)[:-1]:
            sequence, status, payload = decode_frame(frame)
            if changed == "length":
                payload += b"x"
            else:
                at, value = places[changed]
                payload = payload[: at - 2] + bytes((value,)) + payload[at - 1 :]
            out += encode_frame(sequence, status, payload)
        return out

    device = Tampering(SMALL, tamper)
    device.armed = True
    error = "another version of the protocol" if changed == "version" else "answered what there cannot be"
    with Remote(program, device) as remote, pytest.raises(Refused, match=error):
        remote.open()


@pytest.mark.parametrize("flip", [0, 0x8000_0000])
@pytest.mark.parametrize("behind", [1, 3, 90])
def test_a_session_is_always_new(program, flip, behind):
    """Whatever session is running, and however many of its commands were executed: its answers are not believed."""
    device, seed = GoldenDevice(SMALL), 0x1234_5679
    device.write(encode_frame(0, Opcode.IDENTIFY, struct.pack("<I", seed ^ flip)))
    for sequence in range(1, behind):
        device.write(encode_frame(sequence, Opcode.READ_REGISTER, b"\0"))
    device.network.write_register("learning_rate", 9)
    device.read(1 << 16)
    with Remote(program, device) as remote:
        remote.open(seed=seed)
        assert remote.ask("get", 0) == ["9"]
        remote.ask("set", 0, 11)
        assert remote.ask("get", 0) == ["11"] and device.network.registers["learning_rate"] == 11
        remote.open(seed=seed)
        assert remote.ask("get", 0) == ["11"]


def test_late_answers_to_the_first_session(program):
    """They are of no other session: the second one is opened once, however often it is asked for."""
    held = []

    def tamper(data: bytes) -> bytes:
        held.append(data)
        return {1: b"", 3: held[0]}.get(len(held), data)  # the first is lost, and comes in place of the third

    device = Tampering(SMALL, tamper)
    device.armed = True
    with Remote(program, device) as remote:
        remote.open(seed=6)
        assert device._session == 0x8000_0007 and len(held) == 4
        assert remote.told()["commands"] == 2


def test_opening_drops_no_half_answers(program):
    """Where IDENTIFY is answered several times, what is left of the answers is no noise to the session."""
    device = Tampering(SMALL, lambda data: 3 * data)
    device.armed = True
    with Remote(program, device) as remote:
        remote.open(timeout=1000)
        remote.counters()
        told = remote.told()
        assert (told["damaged"], told["resent"]) == (0, 0)
