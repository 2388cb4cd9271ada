"""Arbitrary bytes into a device and into the driver, as programs that a fuzzer can write.

A string of bytes is read as a list of things to say: raw bytes, frames with any contents, frames that a host would
say next, damaged ones. So a fuzzer that knows nothing of CRCs gets as far as the commands, and behind them.
"""

import hashlib
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ffpga import Device, FfpgaError, NetworkConfig, StepResult
from ffpga.driver.transport import Transport
from ffpga_golden import Fields, GoldenDevice, initial_weights
from ffpga_golden.protocol import (
    BITS,
    DELIMITER,
    PAYLOAD_MAX,
    Opcode,
    decode_frame,
    encode_frame,
    pack_bits,
    pack_sample,
    quantised,
)
from testbenches.conversations.conversation import answers

#: Commands that may change weights.
CHANGING = (Opcode.WRITE_WEIGHTS, Opcode.TRAIN_PAIR, Opcode.TRAIN_PHASE)
CONFIG = NetworkConfig(features=6, classes=3, layers=(4, 2), lanes=2, few_bits=True)
NO_CLASSES = NetworkConfig(features=6, classes=0, layers=(4, 2), lanes=2, black_box=True)
FIELDS = NetworkConfig(
    features=8, classes=4, layers=(8, 2), lanes=2, fields=(Fields(tile=2, blocks=((0, 1), (1, 3))), None)
)


class Bytes:
    """A fuzzer's bytes, taken from the front; zeros once they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, count: int) -> bytes:
        """So many bytes, or what is left."""
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, below: int) -> int:
        """0 to below - 1, below 256 at most."""
        return (self.take(1) or b"\0")[0] % below


# Into a device -----------------------------------------------------------------------------------------------------
def said_to_device(data: bytes, config: NetworkConfig) -> Iterator[bytes]:
    """What a program of bytes says to a device, one frame or less at a time."""
    rest, sequence, session, frame, clean = Bytes(data), 0, 1, b"", True
    kind = rest.number(2)  # most programs begin with a session
    while rest:
        if kind == 0:  # raw
            said = rest.take(rest.number(256 if rest.number(8) == 0 else 16))
        elif kind == 1:  # a new session
            session += 1
            sequence = rest.number(256)
            frame = encode_frame(sequence, Opcode.IDENTIFY, struct.pack("<I", session))
            said = frame if clean else DELIMITER + frame
            sequence = (sequence + 1) & 255
        elif kind == 2:  # any frame
            number, opcode = rest.take(2) if len(rest._data) > rest._at + 2 else (0, 0)
            said = encode_frame(number, opcode, rest.take(rest.number(PAYLOAD_MAX + 20 if rest.number(8) == 0 else 8)))
        elif kind == 3 and frame:  # damaged
            at = rest.number(len(frame))
            said = frame[:at] + rest.take(1) + frame[at + rest.number(2) :]
        elif kind == 4 and frame:  # again
            said = frame
        else:  # the next one
            opcode, payload = _command(rest, config)
            frame = encode_frame(sequence, opcode, payload)
            said = frame if clean else DELIMITER + frame
            sequence = (sequence + 1) & 255
        *whole, tail = said.split(DELIMITER)
        yield from (piece + DELIMITER for piece in whole)
        if tail:
            yield tail
        clean = not tail if said else clean
        kind = rest.number(10)


def _command(rest: Bytes, config: NetworkConfig) -> tuple[int, bytes]:
    """An opcode and a payload that is often right."""
    opcode = rest.number(max(Opcode) + 2)
    if rest.number(4) == 0:
        return opcode, rest.take(rest.number(8))
    if opcode == Opcode.LOAD_SAMPLE:
        x = np.frombuffer(rest.take(config.features).ljust(config.features, b"\0"), np.uint8)
        return opcode, bytes((rest.number(2),)) + pack_sample(x)
    if opcode == Opcode.LOAD_BITS:
        bits = BITS[rest.number(len(BITS))]
        x = quantised(np.frombuffer(rest.take(config.features).ljust(config.features, b"\0"), np.uint8), bits)
        return opcode, bytes((bits << 4 | rest.number(2),)) + pack_bits(x, bits) + rest.take(rest.number(2))
    if opcode == Opcode.WRITE_WEIGHTS:
        place = struct.pack("<HB", rest.number(40), rest.number(3))
        return opcode, place + rest.take(1 + rest.number(PAYLOAD_MAX if rest.number(8) == 0 else 8))
    if opcode == Opcode.READ_WEIGHTS:
        return opcode, struct.pack("<HBB", rest.number(40), rest.number(3), rest.number(60))
    if opcode == Opcode.WRITE_REGISTER:
        return opcode, bytes((rest.number(17),)) + rest.take(4).ljust(4, b"\0")
    lengths = {Opcode.READ_REGISTER: 1, Opcode.TRAIN_PAIR: 2, Opcode.TRAIN_PHASE: 2, Opcode.ACTIVITIES: 2}
    lengths |= {Opcode.READ_TABLE: 2, Opcode.WRITE_TABLE: 34, Opcode.IDENTIFY: 4}
    length = {int(code): size for code, size in lengths.items()}.get(opcode, 0)
    return opcode, bytes(rest.number(4) for _ in range(length))


def _digest(weights: list[np.ndarray]) -> bytes:
    return hashlib.sha256(b"".join(w.astype("<i2").tobytes() for w in weights)).digest()


def fuzz_golden(data: bytes, config: NetworkConfig = CONFIG) -> dict[str, int]:
    """The golden device: it neither fails nor hangs, only whole valid commands change weights, and it can be opened.

    Returns how many frames were whole, and how often weights changed.
    """
    golden = GoldenDevice(config)
    golden.network.weights = initial_weights(config, 1)
    told, counted, before = b"", {"whole": 0, "changed": 0}, _digest(golden.network.weights)
    for piece in said_to_device(data, config):
        golden.write(piece)
        told += piece
        *frames, told = told.split(DELIMITER)
        decoded = [one for one in map(decode_frame, frames) if one is not None]
        after = _digest(golden.network.weights)
        changing = any(opcode in CHANGING for _, opcode, _ in decoded)
        assert after == before or changing, f"weights were changed by {piece.hex()}"
        counted["whole"] += len(decoded)
        counted["changed"] += after != before
        before = after
    _open(golden, config, golden)
    return counted


def _open(transport: Transport, config: NetworkConfig, golden: GoldenDevice) -> None:
    """After anything that was said before, a device can be identified, and is what the golden one is."""
    with_line = Device(transport, config, timeout=0.05, patience=2)
    weights = with_line.read_weights()
    assert _digest(weights) == _digest(golden.network.weights), "the weights differ"


class BoardFuzz:
    """A board and the golden device, told the same: every answer and the weights at the end are equal.

    Parameters
    ----------
    board : VirtualBoard
        Of `CONFIG`, or another configuration of few weights.
    """

    def __init__(self, board: Any) -> None:
        self._board = board

    def __call__(self, data: bytes) -> None:
        """Runs a program of bytes from a reset on."""
        board, config = self._board, self._board.config
        board.reset()
        golden = GoldenDevice(config)
        for one in (board, golden):  # a reset leaves the board its weights, and the golden device none
            Device(one, config, timeout=0.05, patience=2).write_weights(initial_weights(config, 1))
        self._same_session(golden)
        for piece in said_to_device(data, config):
            golden.write(piece)
            expected = golden.read(1 << 20)
            board.write(piece)
            found = answers(board, expected.count(DELIMITER))
            assert found == expected, f"{piece.hex()}: {found.hex()}, not {expected.hex()}"
        assert not board.read(100, 0.0), "the board says more than the golden device"
        _open(board, config, golden)

    def _same_session(self, golden: GoldenDevice) -> None:
        """Both were opened under random session numbers: from here on under the same."""
        frame = encode_frame(0, Opcode.IDENTIFY, b"same")
        golden.write(frame), self._board.write(frame)
        assert answers(self._board, 1) == golden.read(1 << 20)


# Into the driver ---------------------------------------------------------------------------------------------------
class Liar:
    """A golden device whose answers a program of bytes replaces, damages, drops, doubles or precedes by noise."""

    def __init__(self, data: bytes, config: NetworkConfig) -> None:
        self._golden, self._rest = GoldenDevice(config), Bytes(data)

    def write(self, data: bytes) -> None:
        """To the device."""
        self._golden.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        """What is left of its answers."""
        data = self._golden.read(n)
        rest = self._rest
        if not rest:
            return data
        kind = rest.number(8)
        if kind == 0:
            return b""
        if kind == 1:
            return rest.take(rest.number(256))
        if kind == 2:
            return rest.take(rest.number(64)) + data
        if kind == 3:
            return data + data
        if kind > 5:
            return data
        frames = []
        for frame in data.split(DELIMITER)[:-1]:
            decoded = decode_frame(frame)
            assert decoded is not None
            number, status, payload = decoded
            if kind == 4:
                payload = rest.take(rest.number(64)) if rest.number(2) else payload[: rest.number(64)]
            else:
                number, status = (number + rest.number(3)) & 255, rest.number(10)
            frames.append(encode_frame(number, status, payload))
        return b"".join(frames)

    def close(self) -> None:
        """Nothing to release."""


def fuzz_driver(data: bytes, config: NetworkConfig = CONFIG) -> bool:
    """The driver over a line that lies: it ends, with an `FfpgaError` or none, and once the line is honest it works.

    Returns whether it got through.
    """
    line = Liar(data, config)
    try:
        _session(Device(line, config, timeout=0.0, patience=3))
        through = True
    except FfpgaError:
        through = False
    line._rest = Bytes(b"")
    _session(Device(line, config, timeout=0.0, patience=3))
    return through


def _session(device: Device) -> None:
    """A bit of everything."""
    config = device.config
    device.write_weights(initial_weights(config, 1))
    for name in device.registers:
        device.write_register(name, device.read_register(name))
    steps: list[StepResult] = []
    for step in range(4):
        for slot in range(1 if config.classes else 2):
            device.submit_sample(np.arange(config.features, dtype=np.uint8) * (step + 1), slot)
        device.submit_pair(step % max(1, config.classes), None, steps.append)
        device.submit_phase(bool(step % 2), step % max(1, config.classes), steps.append)
    device.infer()
    if not config.classes:
        device.activities()
    if config.black_box:
        device.write_tables(device.read_tables())
    assert len(steps) == 8
    assert all(w.dtype == np.int8 for w in device.read_weights())
    device.counters()


#: What is fuzzed, by name.
TARGETS: dict[str, Callable[[bytes], Any]] = {
    "golden": fuzz_golden,
    "golden-no-classes": lambda data: fuzz_golden(data, NO_CLASSES),
    "golden-fields": lambda data: fuzz_golden(data, FIELDS),
    "driver": fuzz_driver,
    "driver-no-classes": lambda data: fuzz_driver(data, NO_CLASSES),
    "driver-fields": lambda data: fuzz_driver(data, FIELDS),
}
