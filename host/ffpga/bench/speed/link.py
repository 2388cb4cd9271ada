"""The line to a board: bytes a sample, frames in flight, what hides behind what, and what bounds the training."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import BITS, HELD, WINDOW, Opcode, encode_frame, pack_bits, pack_sample, quantised

from ...data.dataset import Dataset
from ...driver.device import Device
from ...driver.opening import open_device
from ...driver.serial_port import BAUD
from ...errors import FfpgaError
from ...fields import order_of
from ...markdown import table
from ...training.checkpoint import Checkpoint
from ...training.loop import Progress, prepare
from ...training.options import TrainingOptions
from ...training.work import check_fit, epoch_work
from ..boards import LINE_BITS, line_bytes

#: Most bytes of a sample's frame, on the average of MNIST.
MOST_BYTES = 320

#: Frames in flight that are tried (the link has up to WINDOW, as many as a device can be asked to answer again), and
#: microseconds from the host to the line and back, each way.
WINDOWS = (1, 2, HELD, 2 * HELD, 4 * HELD, WINDOW)
LATENCIES = (0, 125, 1000)


@dataclass(frozen=True)
class Start:
    """Where training goes on: what was trained, on which data; `held` is None for new weights."""

    data: Dataset
    options: TrainingOptions
    held: Checkpoint | None = None


@dataclass(frozen=True)
class Wire:
    """A kind of line, by the bytes a second that it carries each way."""

    name: str
    bytes_a_second: float

    def clocks_a_byte(self, clock_hz: float) -> int:
        """Whole clocks of the chip that a byte takes."""
        return max(1, round(clock_hz / self.bytes_a_second))


#: That of every board; of those whose adapter is an FT2232H or FT232H; of a microcontroller or an FT2232H's MPSSE.
LINES = (
    Wire(f"serial, {BAUD / 1e6:g} Mbaud", BAUD / LINE_BITS),
    Wire("serial, 12 Mbaud", 12e6 / LINE_BITS),
    Wire("SPI, 24 MHz", 24e6 / 8),
)
#: The FIFO is that of an FT2232H in its asynchronous mode, 8 MB/s by FTDI's data sheet (DS_FT2232H, section 1).
WIRES = (LINES[0], Wire("SPI, 12 Mbit/s", 12e6 / 8), Wire("FIFO, 8 MB/s", 8e6))


def sample_bytes(data: Dataset) -> dict[str, Any]:
    """Bytes of a sample's frame on the line: as pairs of gap and value, and in so many bits a level.

    Beside them what a frame of all features would be, which is not built.
    """
    around = len(encode_frame(1, Opcode.LOAD_SAMPLE, b"\1"))  # slot, sequence, opcode, CRC, COBS, delimiter
    sizes = np.array([len(encode_frame(1, Opcode.LOAD_SAMPLE, b"\0" + pack_sample(x))) for x in data.train_x])
    stored = np.count_nonzero(data.train_x, axis=1)
    low, middle, high = np.percentile(sizes, (5, 50, 95))
    mean = float(sizes.mean())
    return {
        "mean": mean,
        "percentiles_5_50_95": [low, middle, high],
        "with_training_step": line_bytes(data.train_x, Opcode.TRAIN_PAIR),
        "raw": around + data.features + data.features // 254,
        "few_bits": {str(bits): few_bits_bytes(data.train_x, bits) for bits in BITS},
        "not_zero": float(stored.mean()),
        "most": MOST_BYTES,
        "reached": mean <= MOST_BYTES,
    }


def few_bits_bytes(x: np.ndarray, bits: int) -> float:
    """Mean bytes of the frames of samples u8[n, features] in few bits, whose values become levels of so many."""
    coarse = quantised(x, bits)
    head = bytes((bits << 4,))
    return float(np.mean([len(encode_frame(1, Opcode.LOAD_BITS, head + pack_bits(one, bits))) for one in coarse]))


class SimulatedLine:
    """A network on the virtual board at the end of a line; it is trained from new weights for every setting.

    Parameters
    ----------
    config, data
        What is trained on.
    clock_hz : float
        The chip's clock.
    """

    def __init__(self, config: NetworkConfig, data: Dataset, clock_hz: float) -> None:
        check_fit(config, data)
        try:
            from ffpga_sim import BuildError, PacedLine, VirtualBoard
        except ImportError as error:
            raise FfpgaError(f"the simulation needs {error.name or error}: pip install 'ffpga[sim]'") from None
        try:
            self._board = VirtualBoard(config)
        except ImportError as error:
            raise FfpgaError(f"the simulation needs {error.name or error}: pip install 'ffpga[sim]'") from None
        except BuildError as error:
            raise FfpgaError(f"the simulated chip cannot be built: {error}") from None
        self._config, self._data, self._clock_hz = config, data, clock_hz
        self._line = PacedLine(self._board, clock_hz=clock_hz)

    def train(
        self,
        wire: Wire,
        pairs: int,
        *,
        window: int = HELD,
        latency_us: float = 0,
        start: Start | None = None,
        gaps: bool = True,
    ) -> dict[str, Any]:
        """Clocks of so many pairs: of the whole, of the core's work alone, of the bytes to the board alone.

        They are the first ones of training from new weights, or from `start`; the samples go as pairs of gap and value,
        or where `gaps` is false in few bits if these are fewer bytes.
        """
        line, data = self._line, self._data if start is None else start.data
        line.clocks_a_byte, line.latency = 0, 0
        self._board.reset()
        counted = _Counted(line)
        device = Device(counted, self._config, order=order_of(self._config, self._data.shape), timeout=5.0)
        options, epoch = TrainingOptions(epochs=5), 0
        if start is None or start.held is None:
            prepare(device, options)
        else:
            options, epoch = start.options, start.held.epoch
            start.held.restore(device)
            device.write_register("learning_rate", options.learning_rate(self._config, epoch))
        device.gaps = gaps
        device.link.window.size = window  # type: ignore[union-attr]  # on a line without errors nothing is sent again
        before, begun = device.counters()["clocks"], self._board.clocks
        line.clocks_a_byte = wire.clocks_a_byte(self._clock_hz)
        line.latency = round(latency_us * self._clock_hz / 1e6)
        counted.sent = 0
        for work in islice(epoch_work(options, data, epoch), pairs):
            work.submit(device, data)
        device.flush()
        whole, sent = self._board.clocks - begun, counted.sent * line.clocks_a_byte
        line.clocks_a_byte, line.latency = 0, 0
        core = device.counters()["clocks"] - before
        if device.link.resent:
            raise FfpgaError(f"nothing must be sent twice on a line without errors, not {device.link.resent} frames")
        return {
            "wire": wire.name,
            "window": window,
            "latency_us": latency_us,
            "pairs": pairs,
            "clocks_a_pair": whole / pairs,
            "core_clocks_a_pair": core / pairs,
            "line_clocks_a_pair": sent / pairs,
            "bytes_a_pair": counted.sent / pairs,
            "pairs_a_second": self._clock_hz * pairs / whole,
            "hidden": hidden(whole, core, sent),
        }

    def close(self) -> None:
        """Ends the simulation."""
        self._line.close()


def hidden(whole: float, core: float, line: float) -> float:
    """Share of the shorter of two times that passes beside the longer one, 0 to 1; below 0 where both wait."""
    return (core + line - whole) / min(core, line)


class _Counted:
    """A transport that counts the bytes written."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.sent = inner, 0

    def write(self, data: bytes) -> None:
        self.sent += len(data)
        self.inner.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        return self.inner.read(n, timeout)

    def close(self) -> None:
        self.inner.close()


def clocks_of_steps(
    config: NetworkConfig, data: Dataset, epochs: int, progress: Progress = lambda stage, done, total: None
) -> dict[str, np.ndarray]:
    """Clocks of every pair of the first and of the last epoch, and of every inference after it, as golden counts."""
    check_fit(config, data)
    options, found, total = TrainingOptions(epochs=epochs), {}, len(data.train_x)
    with open_device("golden", config, order=order_of(config, data.shape)) as device:
        prepare(device, options)
        counters = device.transport.network.counters  # type: ignore[attr-defined]
        for epoch in range(epochs):
            device.write_register("learning_rate", options.learning_rate(config, epoch))
            spent = np.zeros(total, np.int64)
            for done, work in enumerate(epoch_work(options, data, epoch)):
                before = counters["clocks"]
                work.submit(device, data)
                spent[done] = counters["clocks"] - before & 0xFFFF_FFFF
                if done % 256 == 0:
                    progress(f"{'-'.join(map(str, config.layers))}, epoch {epoch + 1}", done, total)
            found["first epoch" if epoch == 0 else "last epoch"] = spent
        spent = np.zeros(len(data.test_x), np.int64)
        for done, x in enumerate(data.test_x):
            before = counters["clocks"]
            device.load_sample(x)
            device.infer()
            spent[done] = counters["clocks"] - before & 0xFFFF_FFFF
        found["inference"] = spent
    return found


def bounds(board: Any, clocks: dict[str, np.ndarray], pair_bytes: float, infer_bytes: float) -> list[dict[str, Any]]:
    """What bounds each part of a board's work on each wire: a step takes the longer of line and core.

    Parameters
    ----------
    board : ffpga_hw.boards.table.Board
    clocks : dict of int[steps]
        See `clocks_of_steps`.
    pair_bytes, infer_bytes : float
        To the board for a training pair and for an inference.
    """
    rows = []
    for part, spent in clocks.items():
        for wire in WIRES:
            line_us = 1e6 * (infer_bytes if part == "inference" else pair_bytes) / wire.bytes_a_second
            core_us = 1e6 * spent / board.clock_hz
            rows.append(
                {
                    "board": board.name,
                    "part": part,
                    "wire": wire.name,
                    "core_us": float(core_us.mean()),
                    "line_us": line_us,
                    "bound_by": "core" if core_us.mean() > line_us else "line",
                    "steps_core_bound": float((core_us > line_us).mean()),
                    "steps_a_second": 1e6 / max(float(core_us.mean()), line_us),
                }
            )
    return rows


def sizes_table(sizes: dict[str, Any]) -> str:
    """Bytes a sample as Markdown."""
    low, middle, high = sizes["percentiles_5_50_95"]
    lines = [
        ("gap and value of each feature that is not 0", f"{sizes['mean']:.0f}"),
        ("the same, 5th, 50th and 95th percentile", f"{low:.0f}, {middle:.0f}, {high:.0f}"),
        ("with the command for its training step", f"{sizes['with_training_step']:.0f}"),
        ("every feature (not built)", f"{sizes['raw']:.0f}"),
    ]
    lines[3:3] = [(f"in few bits, {bits} a level", f"{size:.0f}") for bits, size in sizes["few_bits"].items()]
    return table(("code of a sample", "bytes of its frame, mean"), lines)


def windows_table(rows: Sequence[dict[str, Any]]) -> str:
    """Pairs a second by frames in flight and latency, as Markdown."""
    latencies = list(dict.fromkeys(row["latency_us"] for row in rows))
    found = {(row["window"], row["latency_us"]): row["pairs_a_second"] for row in rows}
    windows = list(dict.fromkeys(row["window"] for row in rows))
    head = ("frames in flight", *(f"{latency:g} µs each way" for latency in latencies))
    lines = [(str(window), *(f"{found[window, latency]:,.0f}" for latency in latencies)) for window in windows]
    return table(head, lines)


def bounds_table(rows: Sequence[dict[str, Any]]) -> str:
    """What bounds each board, as Markdown: a line for each board and part, a column for each wire."""
    head = ("board", "part", "core", *(wire.name for wire in WIRES))
    parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        parts.setdefault((row["board"], row["part"]), []).append(row)
    lines = []
    for (board, part), of_part in parts.items():
        cells = (
            f"{row['line_us']:,.0f} µs: {row['bound_by']}, {row['steps_a_second']:,.0f}/s"
            + (f" ({100 * row['steps_core_bound']:.0f} % core)" if 0.005 < row["steps_core_bound"] < 0.995 else "")
            for row in of_part
        )
        lines.append((f"`{board}`", part, f"{of_part[0]['core_us']:,.0f} µs", *cells))
    return table(head, lines)
