"""Frames under way: as many as hide the round trip, none that a device could not hold, fewer after a loss."""

from collections import deque

import numpy as np
import pytest

from ffpga import Device
from ffpga.driver.window import CAUTION, Window
from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_golden import protocol as p
from ffpga_golden.protocol import HELD, KEPT, WINDOW, Opcode

CONFIG = NetworkConfig(features=784, classes=10, layers=(8, 4), lanes=4)


class Far:
    """A golden device at the end of a serial line of `baud` and a port that takes `latency` seconds each way.

    Time is the line's own: it passes while the host waits. A step takes `work` seconds; frames that come while the
    device holds all that it can are lost, as on a line without flow control.
    """

    def __init__(self, baud: int = 12_000_000, latency: float = 0.001, work: float = 50e-6) -> None:
        self.device, self.byte, self.latency, self.work = GoldenDevice(CONFIG), 10 / baud, latency, work
        self.time = self.heard = self.done = self.said = 0.0
        self.answers: deque[tuple[float, bytes]] = deque()
        self.waiting: deque[float] = deque()  # when each frame that the device holds is executed
        self.most = self.lost = 0

    def now(self) -> float:
        return self.time

    def write(self, data):
        self.heard = max(self.time + self.latency, self.heard) + len(data) * self.byte
        while self.waiting and self.waiting[0] <= self.heard - len(data) * self.byte:
            self.waiting.popleft()
        if len(self.waiting) >= HELD:
            self.lost += 1
            return
        self.device.write(data)
        answer = self.device.read(1 << 16)
        self.done = max(self.heard, self.done) + (self.work if len(data) == 10 else 1e-6)  # a training step
        self.waiting.append(self.done)
        self.said = max(self.done, self.said) + len(answer) * self.byte
        self.answers.append((self.said + self.latency, answer))
        self.most = max(self.most, len(self.answers))

    def read(self, n, timeout):
        if not self.answers or self.answers[0][0] > self.time + timeout:
            self.time += timeout
            return b""
        when, answer = self.answers.popleft()
        self.time = max(self.time, when)
        return answer

    def close(self):
        pass


def rate(line: Far, pairs: int = 600) -> tuple[float, Device]:
    """Pairs a second, of the second half."""
    random = np.random.RandomState(1)
    device = Device(line, CONFIG)
    device.link.window.now = line.now
    device.reopen()
    for _ in range(3):
        device.counters()
    x = random.randint(1, 256, (40, 784)) * (random.rand(40, 784) < 0.19)
    for n in range(pairs):
        if n == pairs // 2:
            began = line.time
        device.submit_sample(x[n % 40].astype(np.uint8))
        device.submit_pair(n % 10)
    device.flush()
    return pairs / 2 / (line.time - began), device


@pytest.mark.parametrize("baud", [3_000_000, 12_000_000])
def test_a_millisecond_each_way_costs_a_tenth_at_most(baud):
    near, _ = rate(Far(baud, 0.0))
    far, device = rate(Far(baud, 0.001))
    assert near > 3700 * baud / 12e6 and far >= 0.9 * near
    assert device.link.resent == 0 and device.link.window.size <= WINDOW


def test_where_the_core_is_slower_than_the_line_nothing_is_lost():
    for latency in (0.0, 0.001):
        line = Far(12_000_000, latency, work=400e-6)
        found, device = rate(line)
        assert line.lost == device.link.resent == 0 and found > 0.9 / (400e-6 + 2e-6)
        assert device.link.window.size < WINDOW


def test_losses_halve_it_for_a_while():
    window = Window()
    window.size = 24
    window._fixed = False
    window.lost()
    assert window.size == 12
    window.lost(), window.lost()
    assert window.size == HELD
    for _ in range(CAUTION + 1):
        window.sent(Opcode.INFER, 1)
        window.answered(Opcode.INFER)
    assert window._most == WINDOW


def test_answers_that_a_device_would_not_keep_are_not_asked_for():
    window = Window()
    window.size = WINDOW
    for opcode, depth, most in (
        (Opcode.READ_WEIGHTS, 2, KEPT // 61),
        (Opcode.TRAIN_PAIR, 2, KEPT // 28),
        (Opcode.TRAIN_PAIR, 4, KEPT // 52),
        (Opcode.LOAD_SAMPLE, 2, WINDOW),
    ):
        window.begin(depth)
        pending = 0
        while window.has_room(opcode, pending):
            window.sent(opcode, pending)
            pending += 1
        assert pending == most, opcode
    window.begin(2)
    assert window.has_room(Opcode.READ_WEIGHTS, 0)


def test_a_device_keeps_what_the_window_counts():
    """Frames of all kinds, each repeated last of all: those that the window lets be under way are answered again."""
    device, opcodes = (
        GoldenDevice(CONFIG),
        [Opcode.READ_WEIGHTS, Opcode.LOAD_SAMPLE, Opcode.COUNTERS, Opcode.TRAIN_PAIR],
    )
    payloads = {
        Opcode.READ_WEIGHTS: b"\0\0\0\x3a",
        Opcode.LOAD_SAMPLE: b"\0\1\1",
        Opcode.COUNTERS: b"",
        Opcode.TRAIN_PAIR: b"\0\1",
    }
    device.write(p.encode_frame(0, Opcode.IDENTIFY, b"abcd"))
    device.read(999)
    window, frames, answers = Window(), [], []
    window.size = WINDOW
    window.begin(CONFIG.depth)
    while window.has_room(opcode := opcodes[len(frames) % 4], len(frames)):
        window.sent(opcode, len(frames))
        frames.append(p.encode_frame(len(frames) + 1, opcode, payloads[opcode]))
        device.write(frames[-1])
        answers.append(device.read(999))
    assert len(frames) > 8
    for frame, answer in zip(frames, answers, strict=True):
        device.write(frame)
        assert device.read(999) == answer
    for number in range(len(frames) + 1, len(frames) + 9):  # what is older is silent, or too old and refused
        device.write(p.encode_frame(number, Opcode.READ_WEIGHTS, payloads[Opcode.READ_WEIGHTS]))
        device.read(999)
    device.write(frames[0])
    assert device.read(999) == b""
