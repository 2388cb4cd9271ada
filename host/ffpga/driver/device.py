"""The driver: a device's commands as methods, the same for a board, a simulated one and the golden model."""

import struct
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import PART, PAYLOAD_MAX, Opcode, answer_size
from ffpga_golden.registers import COUNTERS, registers

from ..errors import FfpgaError
from ..fields import by_feature, check_order
from .identity import identified
from .link import DirectLink, Done, Link
from .samples import loading
from .step import StepResult
from .transport import Transport
from .weights import packed, unpacked, weight_type


class Device:
    """A device behind a transport. Opening it starts a session; its weights and registers stay as they are.

    Parameters
    ----------
    transport : Transport
        The line to it.
    config : NetworkConfig, optional
        What it should be. Left out, what it says is taken; which receptive fields it has it cannot say. Whether it
        takes samples in few bits is what it says in any case: results do not depend on it.
    order : array, optional
        The features in the order of the device's inputs, int[features], such as `fields.Windows.order`: every sample is
        brought into it. Left out, they stay as they come.
    timeout, patience
        See `Link`.
    link : DirectLink, optional
        What to use in place of a `Link` over the transport.

    Raises
    ------
    FfpgaError
        It is silent, of another version, or of another configuration than the one asked for; or the order is none.
    """

    def __init__(
        self,
        transport: Transport,
        config: NetworkConfig | None = None,
        *,
        order: np.ndarray | None = None,
        timeout: float = 0.5,
        patience: int = 10,
        link: DirectLink | None = None,
    ) -> None:
        self.transport = transport
        self.link = link or Link(transport, timeout=timeout, patience=patience)
        found = identified(self.link.identify(), config.fields if config else ())
        if config is not None and found != replace(config, few_bits=found.few_bits):
            raise FfpgaError(
                f"the device holds ({found}), not the configuration asked for ({config}): "
                "ask for that one or load the bitstream of the other"
            )
        self.config: NetworkConfig = found
        self.gaps = not found.few_bits  #: samples go as pairs of gap and value alone, not in few bits where shorter
        self.order = check_order(order, found.features)  #: int[features], or None as they come
        self.registers = {register.name: register for register in registers(found)}
        self._totals = dict.fromkeys(COUNTERS, 0)
        self._last = self._poll_raw()

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the transport."""
        self.transport.close()

    def reopen(self) -> None:
        """Opens a new session, such as after a reset, and looks at the counters, which go on from their last look."""
        found = identified(self.link.identify(), self.config.fields)
        if found != self.config:
            raise FfpgaError(f"the device now holds ({found}), not ({self.config}) as before: open it again")
        self._last = _counters(self.call(Opcode.COUNTERS))

    # Pipelined -----------------------------------------------------------------------------------------------------
    def submit(self, opcode: Opcode, payload: bytes = b"", done: Done | None = None) -> None:
        """Queues a command; `done` gets the payload of its answer. Keeps the line's window full."""
        expected = answer_size(self.config, opcode, payload)

        def take(answer: bytes) -> None:
            if len(answer) != expected:
                raise FfpgaError(
                    f"the device answered {opcode.name} with {len(answer)} bytes, not {expected}: "
                    "load a bitstream of this version of ffpga"
                )
            if done is not None:
                done(answer)

        self.link.submit(opcode, payload, take)

    def call(self, opcode: Opcode, payload: bytes = b"") -> bytes:
        """A command and its answer's payload, after everything submitted."""
        answers: list[bytes] = []
        self.submit(opcode, payload, answers.append)
        self.flush()
        return answers[0]

    def flush(self) -> None:
        """Waits for the answers to everything submitted."""
        self.link.flush()

    def submit_sample(self, x: np.ndarray, slot: int = 0) -> None:
        """Queues a sample, u8[features], its features as they come."""
        x = np.asarray(x)
        if x.shape != (self.config.features,) or x.dtype != np.uint8:
            raise FfpgaError(f"a sample must be u8[{self.config.features}], not {x.dtype}{list(x.shape)}")
        slots = 1 if self.config.classes else 2
        if not 0 <= slot < slots:
            raise FfpgaError(f"slot must be 0{' or 1' if slots == 2 else ''}, not {slot}")
        self.submit(*loading(x if self.order is None else x[self.order], slot, few_bits=not self.gaps))

    def submit_pair(
        self,
        label: int,
        negative: int | None = None,
        done: Callable[[StepResult], None] | None = None,
        raw: Done | None = None,
    ) -> None:
        """Queues a training step on the sample; `negative` is the wrong label of the policy HOST.

        `done` gets the answer, or `raw` its payload, for those who have many of them.
        """
        if self.config.classes and negative is not None and self._label(negative) == label:
            raise FfpgaError(f"the negative label must differ from the label, not be {negative} too")
        payload = bytes((self._label(label), 0 if negative is None else negative))
        self.submit(Opcode.TRAIN_PAIR, payload, raw or _step(done))

    def submit_phase(
        self,
        negative: bool,
        label: int,
        done: Callable[[StepResult], None] | None = None,
        raw: Done | None = None,
    ) -> None:
        """Queues one phase of the threshold objective; see `train_phase`, and `submit_pair` for the answers."""
        self.submit(Opcode.TRAIN_PHASE, bytes((bool(negative), self._label(label))), raw or _step(done))

    def submit_infer(self, done: Callable[[int, int], None]) -> None:
        """Queues an inference; `done` gets the label and its sum of squares."""
        self.submit(Opcode.INFER, b"", lambda payload: done(payload[0], int.from_bytes(payload[1:6], "little")))

    def submit_counters(self) -> None:
        """Queues a look at the counters. They wrap at 2^32, so this must come at least once in 2^32 clocks of work."""
        self.submit(Opcode.COUNTERS, b"", lambda payload: self._extend(_counters(payload)))

    def _label(self, label: int) -> int:
        if not self.config.classes:
            return 0
        if not 0 <= label < self.config.classes:
            raise FfpgaError(f"label must be 0 to {self.config.classes - 1}, not {label}")
        return int(label)

    # Samples and steps ---------------------------------------------------------------------------------------------
    def load_sample(self, x: np.ndarray, slot: int = 0) -> None:
        """Loads a sample, u8[features]; without classes slot 0 is the positive one and 1 the negative one."""
        self.submit_sample(x, slot)
        self.flush()

    def train_pair(self, label: int = 0, negative: int | None = None) -> StepResult:
        """One training step: positive and negative phase of the sample."""
        results: list[StepResult] = []
        self.submit_pair(label, negative, results.append)
        self.flush()
        return results[0]

    def train_phase(self, negative: bool, label: int = 0) -> StepResult:
        """One phase by the threshold objective. Negative: `label` is the wrong one (policy HOST), else the true one."""
        results: list[StepResult] = []
        self.submit_phase(negative, label, results.append)
        self.flush()
        return results[0]

    def infer(self) -> tuple[int, int]:
        """(label, sum of squares) of the sample."""
        results: list[tuple[int, int]] = []
        self.submit_infer(lambda label, total: results.append((label, total)))
        self.flush()
        return results[0]

    # Activities ----------------------------------------------------------------------------------------------------
    def submit_activities(self, done: Callable[[np.ndarray], None]) -> None:
        """Queues the question for the sample's normalised activities; `done` gets all layers', u8[sum of widths]."""
        if self.config.classes:
            raise FfpgaError(
                "activities can be read from a device without classes: those of this one depend on a label"
            )
        parts: list[bytes] = []
        asked = [(n, part) for n, width in enumerate(self.config.layers) for part in range(-(-width // PART))]

        def take(payload: bytes) -> None:
            parts.append(payload)
            if len(parts) == len(asked):
                done(np.frombuffer(b"".join(parts), np.uint8))

        for one in asked:
            self.submit(Opcode.ACTIVITIES, bytes(one), take)

    def activities(self) -> list[np.ndarray]:
        """Normalised activities of the sample in slot 0, u8[width] a layer; value / 32."""
        results: list[np.ndarray] = []
        self.submit_activities(results.append)
        self.flush()
        return np.split(results[0], np.cumsum(self.config.layers)[:-1])

    # Black box -----------------------------------------------------------------------------------------------------
    def _box(self) -> None:
        if not self.config.black_box:
            raise FfpgaError("tables need a device with a black box, which this one was built without: use --black-box")

    def read_tables(self) -> np.ndarray:
        """Tables between the layers, u8[depth - 1, 256]."""
        self._box()
        parts: list[bytes] = []
        for layer in range(self.config.depth - 1):
            for part in range(256 // PART):
                self.submit(Opcode.READ_TABLE, bytes((layer, part)), parts.append)
        self.flush()
        return np.frombuffer(b"".join(parts), np.uint8).reshape(-1, 256).copy()

    def write_tables(self, tables: np.ndarray) -> None:
        """Replaces the tables, u8[depth - 1, 256]: row n is what layer n + 1 sees for each normalised activity."""
        self._box()
        tables, shape = np.asarray(tables), (self.config.depth - 1, 256)
        if tables.shape != shape or tables.dtype != np.uint8:
            raise FfpgaError(f"tables must be u8{list(shape)}, not {tables.dtype}{list(tables.shape)}")
        for layer, table in enumerate(tables):
            for part in range(256 // PART):
                values = table[PART * part : PART * (part + 1)].tobytes()
                self.submit(Opcode.WRITE_TABLE, bytes((layer, part)) + values)
        self.flush()

    # Registers and counters ----------------------------------------------------------------------------------------
    def _register(self, name: str) -> int:
        if name not in self.registers:
            raise FfpgaError(f"register must be one of {', '.join(self.registers)}, not {name!r}")
        return self.registers[name].address

    def read_register(self, name: str) -> int:
        """Value of a register."""
        (value,) = struct.unpack("<I", self.call(Opcode.READ_REGISTER, bytes((self._register(name),))))
        return value

    def write_register(self, name: str, value: int) -> None:
        """Sets a register; the range of the register table is checked first."""
        self.check_register(name, value)
        self.call(Opcode.WRITE_REGISTER, struct.pack("<BI", self._register(name), value))

    def check_register(self, name: str, value: int) -> None:
        """FfpgaError where there is no such register or the value is out of its range."""
        self._register(name)
        register = self.registers[name]
        if not register.low <= value <= register.high:
            raise FfpgaError(f"{name} must be {register.low} to {register.high}, not {value}")

    def counters(self) -> dict[str, int]:
        """Counters from the first look at them on: exact differences, no wrap at 2^32."""
        self.submit_counters()
        self.flush()
        return dict(self._totals)

    @property
    def last_counters(self) -> dict[str, int]:
        """Counters as the last look at them found them; asks the device nothing."""
        return dict(self._totals)

    def _poll_raw(self) -> dict[str, int]:
        self._totals = _counters(self.call(Opcode.COUNTERS))
        return dict(self._totals)

    def _extend(self, raw: dict[str, int]) -> None:
        for name, value in raw.items():
            self._totals[name] += (value - self._last[name]) & 0xFFFF_FFFF
        self._last = raw

    # Weights -------------------------------------------------------------------------------------------------------
    def read_weights(self) -> list[np.ndarray]:
        """All weights, int8 or int16[rows, width] a layer; rows are inputs, labels (layer 0), bias.

        The inputs are in the device's order, and with receptive fields those of a neuron's block: see `by_feature`.
        """
        config = self.config
        parts: list[bytes] = []
        step = PAYLOAD_MAX // weight_type(config).itemsize
        for first in range(0, config.weights, step):
            word, lane = divmod(first, config.lanes)
            count = min(step, config.weights - first)
            self.submit(Opcode.READ_WEIGHTS, struct.pack("<HBB", word, lane, count), parts.append)
        self.flush()
        return unpacked(config, b"".join(parts))

    def by_feature(self) -> np.ndarray:
        """Weights of the first layer on the features as they come, [features + labels + 1, width], 0 where unseen."""
        return by_feature(self.config, self.read_weights()[0], self.order)

    def check_weights(self, weights: list[np.ndarray]) -> None:
        """FfpgaError where `write_weights` would refuse them."""
        config = self.config
        if len(weights) != config.depth:
            raise FfpgaError(f"weights must be {config.depth} layers, not {len(weights)}")
        for layer, (w, width) in enumerate(zip(weights, config.layers, strict=True)):
            rows, w = config.rows(layer), np.asarray(w)
            if w.shape != (rows, width) or not np.issubdtype(w.dtype, np.integer):
                raise FfpgaError(
                    f"weights of layer {layer} must be integers [{rows}, {width}], not {w.dtype}{list(w.shape)}"
                )
            if not -config.weight_max <= w.min() <= w.max() <= config.weight_max:
                raise FfpgaError(f"weights must be within +-{config.weight_max}, not {w.min()} to {w.max()}")

    def write_weights(self, weights: list[np.ndarray]) -> None:
        """Replaces all weights; shapes as `read_weights` returns them."""
        self.check_weights(weights)
        config = self.config
        data, size = packed(config, weights), weight_type(config).itemsize
        step = (PAYLOAD_MAX - 3) // size
        for first in range(0, config.weights, step):
            word, lane = divmod(first, config.lanes)
            payload = struct.pack("<HB", word, lane) + data[first * size : (first + step) * size]
            self.submit(Opcode.WRITE_WEIGHTS, payload)
        self.flush()


def _counters(payload: bytes) -> dict[str, int]:
    return dict(zip(COUNTERS, struct.unpack(f"<{len(COUNTERS)}I", payload), strict=True))


def _step(done: Callable[[StepResult], None] | None) -> Done | None:
    return None if done is None else lambda payload: done(StepResult.unpack(payload))
