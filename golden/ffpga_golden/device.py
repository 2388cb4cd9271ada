"""The golden device: the golden network behind the byte protocol. Same bytes in, same bytes out as the core."""

import struct
from collections.abc import Callable

import numpy as np

from . import protocol as p
from .config import NetworkConfig
from .network import Step, Steps
from .protocol import BITS, Opcode, Status, unpack_bits
from .recurrent import network_of
from .registers import COUNTERS, NegativePolicy, registers

#: Bytes of a frame after which no more of it is kept: it is damaged.
FRAME_MAX = 1 << 21


class _Refused(Exception):
    """A command that is answered with a status other than OK."""

    def __init__(self, status: Status) -> None:
        self.status = status


class GoldenDevice:
    """A device in software, as a transport: `write` takes the host's bytes, `read` returns the device's.

    Parameters
    ----------
    config : NetworkConfig
        Its configuration, which IDENTIFY returns.
    """

    def __init__(self, config: NetworkConfig) -> None:
        self.config = config
        self.network = network_of(config)
        self._registers = {register.address: register for register in registers(config)}
        self._samples: list[np.ndarray | None] = [None] * (1 if config.classes else 2)
        self._session = 0
        self._expected = 0
        self._accepted = 0  # frames since IDENTIFY opened the session, WINDOW at most
        self._answers: dict[int, tuple[bytes, int]] = {}  # whole, and bytes of KEPT; the oldest first
        self._in = bytearray()
        self._out = bytearray()
        self._commands = self._table_of_commands()

    # Transport -----------------------------------------------------------------------------------------------------
    def write(self, data: bytes) -> None:
        """Bytes from the host, in pieces of any size."""
        self._in += data
        if p.DELIMITER not in data:
            del self._in[FRAME_MAX:]
            return
        *frames, rest = bytes(self._in).split(p.DELIMITER)
        self._in = bytearray(rest)
        for frame in frames:
            if frame:
                self._receive(frame)

    def read(self, n: int, timeout: float = 0.0) -> bytes:
        """At most `n` bytes to the host; b"" where there are none. `timeout` is not needed."""
        data = bytes(self._out[:n])
        del self._out[:n]
        return data

    def close(self) -> None:
        """Nothing to release."""

    # Frames --------------------------------------------------------------------------------------------------------
    def _refuse(self, status: Status) -> None:
        counters = self.network.counters
        counters["link_errors"] = (counters["link_errors"] + 1) & 0xFFFF_FFFF
        self._out += p.encode_frame(self._expected, status)

    def _receive(self, frame: bytes) -> None:
        decoded = p.decode_frame(frame)
        if decoded is None:
            return self._refuse(Status.BAD_CRC)
        sequence, opcode, payload = decoded
        if opcode == Opcode.IDENTIFY and len(payload) == 4 and payload != struct.pack("<I", self._session):
            self._session = int.from_bytes(payload, "little")
            self._expected = sequence
            self._accepted = 0
            self._answers.clear()
        if not self._session:
            return self._refuse(Status.NO_SESSION)
        behind = (self._expected - sequence) & 255
        if 1 <= behind <= self._accepted:
            if sequence in self._answers:
                self._out += self._answers[sequence][0]
        elif behind:
            self._refuse(Status.BAD_SEQUENCE)
        else:
            self._expected = (sequence + 1) & 255
            self._accepted = min(p.WINDOW, self._accepted + 1)
            status, data = self.execute(opcode, payload)
            answer = p.encode_frame(sequence, status, data)
            self._answers[sequence] = answer, len(data) + p.ANSWER_OVERHEAD
            while sum(size for _, size in self._answers.values()) > p.KEPT or len(self._answers) > p.WINDOW:
                del self._answers[next(iter(self._answers))]
            self._out += answer

    # Commands ------------------------------------------------------------------------------------------------------
    def _table_of_commands(self) -> dict[int, tuple[Callable[[bytes], bytes], int, int]]:
        """What answers each opcode, and the least and most bytes of its payload."""
        part, config = p.PART, self.config
        commands: dict[int, tuple[Callable[[bytes], bytes], int, int]] = {
            Opcode.IDENTIFY: (self._identify, 4, 4),
            Opcode.READ_REGISTER: (self._read_register, 1, 1),
            Opcode.WRITE_REGISTER: (self._write_register, 5, 5),
            Opcode.READ_WEIGHTS: (self._read_weights, 4, 4),
            Opcode.WRITE_WEIGHTS: (self._write_weights, 4, p.PAYLOAD_MAX),
            Opcode.LOAD_SAMPLE: (self._load_sample, 1, 1 << 20),
            Opcode.TRAIN_PAIR: (self._train_pair, 2, 2),
            Opcode.TRAIN_PHASE: (self._train_phase, 2, 2),
            Opcode.INFER: (self._infer, 0, 0),
            Opcode.COUNTERS: (self._counters, 0, 0),
            **({} if config.classes else {Opcode.ACTIVITIES: (self._activities, 2, 2)}),
        }
        if config.black_box:
            commands |= {
                Opcode.WRITE_TABLE: (self._write_table, 2 + part, 2 + part),
                Opcode.READ_TABLE: (self._read_table, 2, 2),
            }
        if config.few_bits:
            commands[Opcode.LOAD_BITS] = (self._load_bits, 1, 1 << 20)
        return commands

    def execute(self, opcode: int, payload: bytes) -> tuple[Status, bytes]:
        """A command without a line: its status and the payload of its answer."""
        try:
            if opcode not in self._commands:
                raise _Refused(Status.BAD_OPCODE)
            command, least, most = self._commands[opcode]
            if not least <= len(payload) <= most:
                raise _Refused(Status.BAD_LENGTH)
            return Status.OK, command(payload)
        except _Refused as refused:
            return refused.status, b""

    # Runs ----------------------------------------------------------------------------------------------------------
    def train_run(
        self, x: np.ndarray, labels: np.ndarray, given: np.ndarray, negative: bool | None
    ) -> tuple[Status, Steps | None]:
        """Many training steps: as if each sample were loaded and then trained on, as a pair or as a phase.

        Parameters
        ----------
        x : u8[n, features]
            Samples; the device has classes.
        labels, given : int[n]
            What TRAIN_PAIR carries as label and wrong label, or TRAIN_PHASE as label.
        negative : bool or None
            The phase; None for pairs.

        Returns
        -------
        (Status, Steps or None)
            Where a command would have been refused none is executed.
        """
        classes, host = self.config.classes, self.network.registers["negative_policy"] == NegativePolicy.HOST
        right = classes > 0 and bool(((labels >= 0) & (labels < classes)).all())
        if negative is None and host:
            right = right and bool(((given >= 0) & (given < classes) & (given != labels)).all())
        if not right:
            return Status.BAD_VALUE, None
        steps = self.network.train_run(x, labels, given, negative, None)
        if len(x):
            self._samples[0] = x[-1]
        return Status.OK, steps

    def pair_run(self, x: np.ndarray, negative: np.ndarray) -> Steps:
        """Many pairs of a device without classes: as if each were loaded, into slots 0 and 1, and then trained on.

        Parameters
        ----------
        x, negative : u8[n, features]
            Positive and negative samples.
        """
        if len(x):
            self._samples[0], self._samples[1] = x[-1], negative[-1]
        nothing = np.zeros(len(x), np.int64)
        return self.network.train_run(x, nothing, nothing, None, negative)

    def infer_run(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Labels u8[n] and sums of squares int64[n] of samples u8[n, features], as if each were loaded and inferred."""
        if len(x):
            self._samples[0] = x[-1]
        return self.network.infer_run(x)

    @staticmethod
    def _require(condition: bool, status: Status = Status.BAD_VALUE) -> None:
        if not condition:
            raise _Refused(status)

    def _identify(self, payload: bytes) -> bytes:
        return payload + bytes((p.VERSION,)) + p.pack_config(self.config)

    def _read_register(self, payload: bytes) -> bytes:
        self._require(payload[0] in self._registers)
        name = self._registers[payload[0]].name
        network = self.network
        return struct.pack("<I", network.random.state if name == "seed" else network.registers[name])

    def _write_register(self, payload: bytes) -> bytes:
        self._require(payload[0] in self._registers)
        self.network.write_register(self._registers[payload[0]].name, int.from_bytes(payload[1:], "little"))
        return b""

    def _places(self, word: int, lane: int, count: int) -> list[tuple[int, np.ndarray, np.ndarray]]:
        """(layer, rows, neurons) of `count` weights from a lane of a word on, a part for each layer that has some."""
        config = self.config
        self._require(count > 0 and lane < config.lanes)
        first = word * config.lanes + lane
        self._require(first + count <= config.weights)
        words, lanes = np.divmod(np.arange(first, first + count), config.lanes)
        parts = []
        for layer in range(config.depth):
            base = config.base(layer)
            here = (words >= base) & (words < base + config.rows(layer) * config.groups[layer])
            if here.any():
                groups, rows = np.divmod(words[here] - base, config.rows(layer))
                parts.append((layer, rows, groups * config.lanes + lanes[here]))
        return parts

    @property
    def _weight_type(self) -> str:
        return "i1" if self.config.weight_bits == 8 else "<i2"

    def _read_weights(self, payload: bytes) -> bytes:
        word, lane, count = struct.unpack("<HBB", payload)
        self._require(count * self.config.weight_bits // 8 <= p.PAYLOAD_MAX)
        parts = [self.network.read_weights(*part) for part in self._places(word, lane, count)]
        return np.concatenate(parts).astype(self._weight_type).tobytes()

    def _write_weights(self, payload: bytes) -> bytes:
        size = self.config.weight_bits // 8
        count, odd = divmod(len(payload) - 3, size)
        self._require(not odd and count > 0, Status.BAD_LENGTH)
        word, lane = struct.unpack_from("<HB", payload)
        values = np.frombuffer(payload, self._weight_type, offset=3)
        for layer, rows, neurons in self._places(word, lane, count):
            self.network.write_weights(layer, rows, neurons, values[: len(rows)])
            values = values[len(rows) :]
        return b""

    def _load_sample(self, payload: bytes) -> bytes:
        self._require(len(payload) % 2 == 1, Status.BAD_LENGTH)
        self._require(payload[0] < len(self._samples))
        x = p.unpack_sample(self.config, payload[1:])
        self._require(x is not None)
        self._samples[payload[0]] = x
        return b""

    def _load_bits(self, payload: bytes) -> bytes:
        bits, slot = divmod(payload[0], 16)
        self._require(bits in BITS and slot < len(self._samples))
        x = unpack_bits(self.config, bits, payload[1:])
        self._require(x is not None)
        self._samples[slot] = x
        return b""

    def _sample(self, slot: int) -> np.ndarray:
        x = self._samples[slot]
        if x is None:
            raise _Refused(Status.NO_SAMPLE)
        return x

    def _answer(self, step: Step) -> bytes:
        entries = (total.to_bytes(5, "little") + bytes((c,)) for total, c in step.entries)
        return b"".join(entries) + bytes((step.label,))

    def _train_pair(self, payload: bytes) -> bytes:
        label, negative = payload
        classes = self.config.classes
        if not classes:
            return self._answer(self.network.train_pair(self._sample(0), 0, 0, self._sample(1)))
        self._require(label < classes)
        if self.network.registers["negative_policy"] == NegativePolicy.HOST:
            self._require(negative < classes and negative != label)
        return self._answer(self.network.train_pair(self._sample(0), label, negative))

    def _train_phase(self, payload: bytes) -> bytes:
        negative, label = payload
        self._require(negative < 2 and (not self.config.classes or label < self.config.classes))
        return self._answer(self.network.train_phase(self._sample(0), label, bool(negative)))

    def _infer(self, payload: bytes) -> bytes:
        label, total = self.network.infer(self._sample(0))
        return bytes((label,)) + total.to_bytes(5, "little")

    def _activities(self, payload: bytes) -> bytes:
        layer, part = payload
        self._require(layer < self.config.depth and p.PART * part < self.config.layers[layer])
        return self.network.activities(self._sample(0), layer)[p.PART * part :][: p.PART].tobytes()

    def _table(self, payload: bytes) -> np.ndarray:
        layer, part = payload[:2]
        self._require(layer < self.config.depth - 1 and p.PART * part < 256)
        return self.network.tables[layer][p.PART * part :][: p.PART]

    def _write_table(self, payload: bytes) -> bytes:
        self._table(payload)[:] = np.frombuffer(payload, np.uint8, offset=2)
        return b""

    def _read_table(self, payload: bytes) -> bytes:
        return self._table(payload).tobytes()

    def _counters(self, payload: bytes) -> bytes:
        return struct.pack(f"<{len(COUNTERS)}I", *(self.network.counters[name] for name in COUNTERS))
