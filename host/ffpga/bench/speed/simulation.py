"""The virtual board against the bare Verilated model, side by side; Verilator's flags."""

import struct
import time
from collections.abc import Callable
from itertools import count, islice
from typing import Any

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import decode_frame
from ffpga_golden.registers import COUNTERS

from ...data.dataset import Dataset
from ...driver.device import Device
from ...errors import FfpgaError
from ...fields import order_of
from ...markdown import sections, table
from ...training.loop import Progress, prepare
from ...training.options import TrainingOptions
from ...training.work import check_fit, epoch_work
from ..boards import count as count_epochs
from ..boards import shortened
from .alternate import alternate, spread

#: At least so much of the bare model's rate is asked of the virtual board.
LEAST = 0.8


class Recorded:
    """A transport that keeps what was written, for another board to be sent the same."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.sent = bytearray()

    def write(self, data: bytes) -> None:
        self.sent += data
        self.inner.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        return self.inner.read(n, timeout)

    def close(self) -> None:
        self.inner.close()


class Boards:
    """A virtual board that the driver trains, and bare models that are sent the same bytes for as many clocks.

    Parameters
    ----------
    config, data
        What is trained on.
    flags : dict
        `ffpga_sim.build.Flags` of bare models, by name; None for those of the virtual board.
    on_build : callable
        Called with a name before its board is built.
    """

    def __init__(
        self, config: NetworkConfig, data: Dataset, flags: dict[str, Any], on_build: Callable[[str], None]
    ) -> None:
        check_fit(config, data)
        try:
            from ffpga_sim import BuildError, VirtualBoard
        except ImportError as error:
            raise FfpgaError(f"the simulation needs {error.name or error}: pip install 'ffpga[sim]'") from None
        self.data = data
        try:
            on_build("virtual board")
            begun = time.perf_counter()
            self.board = VirtualBoard(config)
            self.open_seconds = time.perf_counter() - begun
            self.bare: dict[str, Any] = {}
            for name, chosen in flags.items():
                on_build(name)
                self.bare[name] = VirtualBoard(config, flags=chosen)
        except ImportError as error:
            raise FfpgaError(f"the simulation needs {error.name or error}: pip install 'ffpga[sim]'") from None
        except BuildError as error:
            raise FfpgaError(f"the simulated chip cannot be built: {error}") from None
        self._line = Recorded(self.board)
        self._device = Device(self._line, config, order=order_of(config, data.shape), timeout=5.0)
        options = TrainingOptions(epochs=5)
        prepare(self._device, options)
        self._work = (work for epoch in count() for work in epoch_work(options, data, epoch))
        self.spent = self.board.clocks  #: clocks of the driver's last turn
        self.clocks = 0  #: of all turns
        for name in self.bare:
            self.replay(name)

    def drive(self, pairs: int) -> int:
        """The driver trains so many pairs; returns the clocks that it took."""
        self._line.sent.clear()
        before = self.board.clocks
        for work in islice(self._work, pairs):
            work.submit(self._device, self.data)
        self._device.flush()
        self.spent = self.board.clocks - before
        self.clocks += self.spent
        return self.spent

    def replay(self, name: str) -> int:
        """A bare model gets the bytes of the driver's last turn and runs for as many clocks; returns them."""
        self.bare[name].replay(bytes(self._line.sent), self.spent)
        return self.spent

    def check(self) -> None:
        """FfpgaError where a bare model has not done the driver's work: its counters tell."""
        self._line.sent.clear()
        counters = {name: value for name, value in self._device.counters().items() if name != "link_errors"}
        asked = bytes(self._line.sent)
        for name, board in self.bare.items():
            board.write(asked)
            answer = b""
            while not answer.endswith(b"\0"):
                answer += board.read(4096, 5.0)
            found = _counters(answer)
            if any(found[key] != value & 0xFFFF_FFFF for key, value in counters.items()):
                raise FfpgaError(f"the bare model {name!r} did not do the driver's work: {found} is not {counters}")

    def close(self) -> None:
        """Ends the simulations."""
        for board in (self.board, *self.bare.values()):
            board.close()


def _counters(frame: bytes) -> dict[str, int]:
    """Counters of an answer, whose last frame it is."""
    decoded = decode_frame(frame.rstrip(b"\0").rpartition(b"\0")[2])
    if decoded is None or len(decoded[2]) != 4 * len(COUNTERS):
        raise FfpgaError(f"the bare model's answer must be its counters, not {frame.hex()}")
    return dict(zip(COUNTERS, struct.unpack(f"<{len(COUNTERS)}I", decoded[2]), strict=True))


def flags() -> dict[str, Any]:
    """What is tried of Verilator's and the compiler's flags, by name; the first is what boards are built with."""
    from ffpga_sim.build import Flags

    usual = Flags()
    without_x = tuple(word for word in usual.verilate if word not in ("--x-assign", "--x-initial", "fast"))
    return {
        "as built": usual,
        "without --x-assign fast, --x-initial fast": Flags(verilate=without_x),
        "Verilator -O2": Flags(verilate=("-O2", *usual.verilate[1:])),
        "compiler -O2": Flags(compile=("-O2",)),
        "compiler -O3 -march=native": Flags(compile=("-O3", "-march=native")),
        "--threads 2": Flags(verilate=(*usual.verilate, "--threads", "2")),
    }


def epoch_clocks(config: NetworkConfig, data: Dataset, samples: int | None, progress: Progress | None) -> float:
    """Clocks of the whole first epoch, predicted by the golden model, from its first samples if so many are given."""
    counts = count_epochs(config, shortened(data, samples, 1), epochs=1, progress=progress)
    return counts.epochs[0].clocks * len(data.train_x)


def measure(
    config: NetworkConfig,
    data: Dataset,
    *,
    pairs: int = 30,
    turns: int = 15,
    on_build: Callable[[str], None] = lambda name: None,
    progress: Progress = lambda stage, done, total: None,
) -> dict[str, Any]:
    """Figures of the virtual board and of the bare model, for JSON; rates are by the thread's processor time.

    Parameters
    ----------
    pairs : int
        Of a turn.
    turns : int
        Of each of the two.
    """
    boards = Boards(config, data, {"bare": None}, on_build)
    try:
        rates = alternate(
            {"board": lambda: boards.drive(pairs), "bare": lambda: boards.replay("bare")},
            turns,
            on_turn=lambda done: progress("turns", done, turns),
        )
        boards.check()
        seconds = {"open_seconds": boards.open_seconds, "build_seconds": boards.board.build_seconds}
        clocks_a_pair = boards.clocks / (pairs * (turns + 1))
    finally:
        boards.close()
    ratio = rates.ratio("board", "bare")
    return {
        "pairs_a_turn": pairs,
        "turns": turns,
        "clocks_a_pair": clocks_a_pair,
        "board_clocks_a_second": rates.median("board"),
        "board_pairs_a_second": rates.median("board") / clocks_a_pair,
        "bare_clocks_a_second": rates.median("bare"),
        "ratio": ratio,
        "least": LEAST,
        "reached": ratio[0] >= LEAST,
        **seconds,
        "rates": rates.as_dict(),
    }


def measure_flags(
    config: NetworkConfig,
    data: Dataset,
    *,
    pairs: int = 2,
    turns: int = 40,
    tried: dict[str, Any] | None = None,
    on_build: Callable[[str], None] = lambda name: None,
    progress: Progress = lambda stage, done, total: None,
) -> list[dict[str, Any]]:
    """Rates of bare models of several `flags` against the first one's, by the wall clock: one has two threads."""
    tried = tried or flags()
    usual = next(iter(tried))
    boards = Boards(config, data, tried, on_build)
    contestants = {name: lambda name=name: boards.replay(name) for name in tried}
    try:
        rates = alternate(
            {"": lambda: boards.drive(pairs), **contestants},
            turns,
            clock=time.perf_counter,
            on_turn=lambda done: progress("turns", done, turns),
        )
        boards.check()
        return [
            {
                "flags": name,
                "clocks_a_second": rates.median(name),
                "ratio": rates.ratio(name, usual),
                "build_seconds": board.build_seconds,
            }
            for name, board in boards.bare.items()
        ]
    finally:
        boards.close()


def simulation_table(figures: dict[str, Any]) -> str:
    """The figures as Markdown."""
    epoch = figures["epoch_clocks"]
    rate = figures["board_clocks_a_second"]
    lines = [
        ("virtual board, through the driver", f"{rate / 1e6:.2f} million clocks/s"),
        ("the same in training pairs", f"{figures['board_pairs_a_second']:,.0f} pairs/s"),
        ("bare model, the same bytes", f"{figures['bare_clocks_a_second'] / 1e6:.2f} million clocks/s"),
        ("board to bare model, median and quartiles", spread(figures["ratio"], 3)),
        (f"a whole epoch of {figures['epoch_pairs']:,} pairs", f"{epoch / 1e6:,.0f} million clocks"),
        ("that takes", f"{epoch / rate / 60:.1f} minutes"),
        ("build, once", f"{figures['build_seconds']:.0f} s"),
        ("to open it", f"{figures['open_seconds']:.1f} s"),
    ]
    return table(("what", "figure"), lines)


def flags_table(rows: list[dict[str, Any]]) -> str:
    """The flags' rates as Markdown."""
    lines = [
        (
            row["flags"],
            f"{row['clocks_a_second'] / 1e6:.2f}",
            spread(row["ratio"]),
            f"{row['build_seconds']:.0f} s",
        )
        for row in rows
    ]
    return table(("flags", "million clocks/s", "to the first, median and quartiles", "build"), lines)


def page(figures: dict[str, Any]) -> str:
    """What `ffpga bench simulation` shows, as Markdown."""
    tables = {f"{figures['network']}, {figures['data']}": simulation_table(figures)}
    if "flags" in figures:
        tables["Bare model"] = flags_table(figures["flags"])
    return sections(tables)
