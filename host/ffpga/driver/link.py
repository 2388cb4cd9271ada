"""Reliable commands over an unreliable line: a window of numbered frames, sent again until each is answered once."""

import secrets
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ffpga_golden import GoldenDevice
from ffpga_golden.network import Steps
from ffpga_golden.protocol import (
    DELIMITER,
    REFUSED,
    VERSION,
    Opcode,
    Status,
    decode_frame,
    encode_frame,
    pack_config,
)

from ..errors import DeviceReset, FfpgaError
from .transport import Transport
from .window import Window

Done = Callable[[bytes], None]

#: Bytes without a delimiter that can be no answer, and bytes among which an answer must be.
ANSWER_MAX, NOISE_MAX = 256, 1 << 16

#: What an error status means; the frame was received well and not executed.
MEANING = {
    Status.BAD_OPCODE: "does not know the command",
    Status.BAD_LENGTH: "found the command's length wrong",
    Status.BAD_VALUE: "found a label, register, address, slot or sample out of range",
    Status.NO_SAMPLE: "has no sample: load one first",
}


def check_status(opcode: int, status: int) -> None:
    """FfpgaError where a command was not executed."""
    if status != Status.OK:
        names = {int(code): text for code, text in MEANING.items()}
        name = Opcode(opcode).name if opcode in list(Opcode) else opcode
        raise FfpgaError(f"the device refused {name}: it {names.get(status, f'answered status {status}')}")


class SilentDevice(FfpgaError):
    """Nothing answers at a line."""


class DirectLink:
    """Commands to a golden device in this process, without a line between: a `Link` that needs no frames.

    Parameters
    ----------
    device : GoldenDevice
    """

    def __init__(self, device: GoldenDevice) -> None:
        self._device = device
        self.sent = self.resent = self.damaged = 0  #: frames sent, sent again, damaged answers: none ever
        self.commands = 0  #: executed

    def identify(self) -> bytes:
        """The device's configuration block."""
        return pack_config(self._device.config)

    def submit(self, opcode: int, payload: bytes = b"", done: Done | None = None) -> None:
        """Executes a command; `done` gets its answer's payload."""
        self.commands += 1
        status, answer = self._device.execute(opcode, payload)
        check_status(opcode, status)
        if done is not None:
            done(answer)

    def train_run(self, x: np.ndarray, labels: np.ndarray, given: np.ndarray, negative: bool | None) -> Steps:
        """See `GoldenDevice.train_run`; an error where a step would be refused."""
        self.commands += 2 * len(x)
        status, steps = self._device.train_run(x, labels, given, negative)
        check_status(Opcode.TRAIN_PAIR if negative is None else Opcode.TRAIN_PHASE, status)
        assert steps is not None
        return steps

    def pair_run(self, x: np.ndarray, negative: np.ndarray) -> Steps:
        """See `GoldenDevice.pair_run`."""
        self.commands += 3 * len(x)
        return self._device.pair_run(x, negative)

    def infer_run(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `GoldenDevice.infer_run`."""
        self.commands += 2 * len(x)
        return self._device.infer_run(x)

    def flush(self) -> None:
        """Nothing is ever unanswered."""

    def call(self, opcode: int, payload: bytes = b"") -> bytes:
        """A command and its answer."""
        answers: list[bytes] = []
        self.submit(opcode, payload, answers.append)
        return answers[0]


@dataclass
class _Frame:
    sequence: int
    opcode: int
    data: bytes
    done: Done | None
    answer: tuple[int, bytes] | None = None


class Link:
    """Go-back-N: frames are unanswered as `window` says; each is executed exactly once and answered in order.

    The device refuses what is damaged or out of sequence and repeats its answer to a frame that it has executed
    already, so the link may send a frame as often as it likes.

    Parameters
    ----------
    transport : Transport
        The line.
    timeout : float
        Seconds of silence after which the unanswered frames are sent again.
    patience : int
        How often that is tried without any progress before the device counts as silent.
    """

    def __init__(self, transport: Transport, *, timeout: float = 0.5, patience: int = 10) -> None:
        self.window = Window()  #: frames in flight at most
        self.transport = transport
        self.timeout = timeout
        self.patience = patience
        self.commands = 0  #: commands submitted, and sessions opened
        self.sent = 0  #: frames sent, each as often as it was
        self.resent = 0  #: of those, commands' frames sent again
        self.damaged = 0  #: answers that came damaged
        self._pending: deque[_Frame] = deque()
        self._sequence = 0
        self._buffer = bytearray()
        self._due = 0  # answers that frames sent so far will bring
        self._stale = 0  # of those, the ones to frames sent before the last repetition
        self._futile = 0  # repetitions since the last progress
        self._heard = 0  # bytes since then

    # Session -------------------------------------------------------------------------------------------------------
    def identify(self) -> bytes:
        """Opens a new session and returns the device's configuration block."""
        for _ in range(64):  # what a former session left on the line
            if not self.transport.read(4096, 0.0):
                break
        self._pending.clear()
        self._buffer.clear()
        session = struct.pack("<I", secrets.randbelow(2**32 - 1) + 1)
        frame = DELIMITER + encode_frame(0, Opcode.IDENTIFY, session)
        for _ in range(self.patience):
            self.transport.write(frame)
            self.sent += 1
            heard = 0
            while heard < NOISE_MAX and (data := self.transport.read(4096, self.timeout)):
                heard += len(data)
                for code, payload in (answer[1:] for answer in self._frames(data) if answer and answer[0] == 0):
                    if code == Status.OK and payload[:4] == session:
                        return self._identified(payload)
        raise SilentDevice(
            f"the device is silent: {self.patience} requests in {self.patience * self.timeout:.1f} s "
            "brought no answer; check power, bitstream, line and baud rate"
        )

    def _identified(self, payload: bytes) -> bytes:
        if len(payload) < 5 or payload[4] != VERSION:
            raise FfpgaError(
                f"the device speaks protocol version {payload[4:5].hex() or 'none'}, not {VERSION:02x}: "
                "load a bitstream of this version of ffpga"
            )
        self.window.begin(depth=payload[12] if len(payload) > 12 else 1)
        self._sequence, self._due, self._stale, self._futile = 1, 0, 0, 0
        self.commands += 1
        return payload[5:]

    # Commands ------------------------------------------------------------------------------------------------------
    def submit(self, opcode: int, payload: bytes = b"", done: Done | None = None) -> None:
        """Sends a command once the window has room; `done` gets its answer's payload, in order of submission."""
        while not self.window.has_room(opcode, len(self._pending)):
            self._receive()
        frame = _Frame(self._sequence, opcode, encode_frame(self._sequence, opcode, payload), done)
        self._sequence = (self._sequence + 1) & 255
        self.window.sent(opcode, len(self._pending))
        self._pending.append(frame)
        self._due += 1
        self.commands += 1
        self.sent += 1
        self.transport.write(frame.data)

    def flush(self) -> None:
        """Waits until every command is answered."""
        while self._pending:
            self._receive()

    def call(self, opcode: int, payload: bytes = b"") -> bytes:
        """A command and its answer, after all those in flight."""
        answers: list[bytes] = []
        self.submit(opcode, payload, answers.append)
        self.flush()
        return answers[0]

    # Answers -------------------------------------------------------------------------------------------------------
    def _frames(self, data: bytes) -> list[tuple[int, int, bytes] | None]:
        """Answers that end in `data`; None for a damaged one."""
        self._buffer += data
        *frames, rest = bytes(self._buffer).split(DELIMITER)
        self._buffer = bytearray(rest)
        found = [decode_frame(frame) for frame in frames if frame]
        self.damaged += found.count(None)
        if len(rest) > ANSWER_MAX:  # a line that babbles must not be listened to for ever
            self._buffer.clear()
            found.append(None)
        return found

    def _receive(self) -> None:
        data = self.transport.read(4096, self.timeout)
        if not data:
            self._due = 0
            self._repeat(futility=10)
        self._heard += len(data)
        if self._heard > NOISE_MAX:  # it babbles what are no frames, or always the same ones
            self._heard = 0
            self._repeat(futility=10)
        for answer in self._frames(data):
            self._take(answer)
        self._complete()

    def _take(self, answer: tuple[int, int, bytes] | None) -> None:
        self._due = max(0, self._due - 1)
        stale = self._stale > 0
        self._stale = max(0, self._stale - 1)
        if answer is not None:
            sequence, status, payload = answer
            if status == Status.NO_SESSION:
                self._pending.clear()
                raise DeviceReset(
                    "the device has lost its session: it was reset or lost power, and its weights with it; "
                    "open it again and write a checkpoint's weights"
                )
            if status not in REFUSED:
                for place, frame in enumerate(self._pending):
                    if frame.sequence == sequence:
                        frame.answer = frame.answer or (status, payload)
                        stale = stale or not any(earlier.answer is None for earlier in list(self._pending)[:place])
                        break
                else:
                    return
        if not stale and self._pending:  # refused, damaged, or an earlier answer is missing
            self._repeat()

    def _repeat(self, futility: int = 1) -> None:
        """Sends all unanswered frames again. Ten refusals wear out patience as much as one silence."""
        if not any(frame.answer is None for frame in self._pending):
            return
        self._futile += futility
        if self._futile > 10 * self.patience:
            self._pending.clear()
            raise FfpgaError(
                "the device is silent or its line too bad: repeating brought no answer; "
                "check power and line, and open it again"
            )
        self._stale = self._due
        self.window.lost()
        for frame in self._pending:
            if frame.answer is None:
                self.sent += 1
                self.resent += 1
                self._due += 1
                self.transport.write(frame.data)

    def _complete(self) -> None:
        """Hands over the answers at the head of the window."""
        while self._pending and (answer := self._pending[0].answer) is not None:
            frame = self._pending.popleft()
            self._futile = self._heard = 0
            self.window.answered(frame.opcode)
            status, payload = answer
            check_status(frame.opcode, status)
            if frame.done is not None:
                frame.done(payload)
