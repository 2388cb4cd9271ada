"""Where the clocks of a step go: predicted by the golden model, and watched on the virtual board, signal by signal."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np

from ffpga_golden import GoldenDevice
from ffpga_golden.config import NetworkConfig
from ffpga_golden.layers import Inputs, Layers, Parts
from ffpga_golden.recurrent import fastest_layers, network_of
from ffpga_golden.timing import SPENT, follows_list, update_interval

from ..data.dataset import Dataset
from ..driver.device import Device
from ..driver.link import DirectLink
from ..errors import FfpgaError
from ..fields import order_of
from ..training.loop import Progress, predict, prepare
from ..training.options import TrainingOptions
from ..training.work import Work, epoch_work

_STATES = {
    "score": "score",
    "select": "select",
    "selected": "select",
    "decide": "decide",
    "decided": "decide",
    "tell": "decide",
    "telling": "decide",
    "update": "fill",
    "updating": "fill",
}
#: What is watched, in the order of the patterns' bits: the core's own signals, then states of its sequencer.
WATCHED = (
    "engine.sequencer.state__running",
    "engine.sequencer.walk__start",
    "engine.sequencer.walk__update",
    "engine.sequencer.sequencer_forward",
    "engine.walker.word__issue",
    "engine.walker.walker_enter",
    "engine.walker.walker_gap",
    *(f"engine.sequencer.sequencer_{state}" for state in _STATES),
)
#: States of the walker that not every core has, and what their clocks go into: one with receptive fields looks for a
#: tile, one with several layers follows a list that is made.
SEEK, FOLLOW = "engine.walker.walker_seek", "engine.walker.walker_follow"
WAITS = {SEEK: "fill", FOLLOW: "normalise"}


def watched(config: NetworkConfig) -> tuple[str, ...]:
    """The signals that are watched on a core of this configuration."""
    seek = (SEEK,) if any(config.fields) else ()
    follow = (FOLLOW,) if any(follows_list(config, layer) for layer in range(config.depth)) else ()
    return (*WATCHED, *seek, *follow)


def classified(seen: dict[tuple[bool, ...], int], config: NetworkConfig) -> dict[str, int]:
    """What the watched clocks went into: those of `SPENT`, and "idle" between the steps.

    Parameters
    ----------
    seen
        Clocks of each pattern of `watched`, as `VirtualBoard.seen` returns them.
    """
    spent = dict.fromkeys((*SPENT, "idle"), 0)
    for (running, start, update, forward, issue, enter, gap, *rest), clocks in seen.items():
        states, waits = rest[: len(_STATES)], rest[len(_STATES) :]
        optional = watched(config)[len(WATCHED) :]
        waited = next((WAITS[name] for name, on in zip(optional, waits, strict=True) if on), None)
        state = next((name for name, on in zip(_STATES.values(), states, strict=True) if on), "control")
        if not running:
            spent["idle"] += clocks
        elif issue:
            spent["walk"] += clocks
            if update:  # with one port, each word's second clock is one in which none is issued
                spent["walk"] += clocks * (update_interval(config) - 1)
                spent["fill"] -= clocks * (update_interval(config) - 1)
        elif waited:
            spent[waited] += clocks
        elif enter or gap:
            spent["fill"] += clocks
        elif forward:
            spent["fill" if start else "normalise"] += clocks
        else:
            spent[state] += clocks
    return spent


@dataclass
class Section:
    """Steps of one kind, and what their clocks went into."""

    name: str
    steps: int
    predicted: dict[str, int]  #: see `SPENT`
    measured: dict[str, int] | None = None  #: the same and "idle", on the virtual board
    accuracy: float | None = None  #: of inferences
    savings: dict[str, int] | None = None  #: clocks of the floor that a further trick would save, see `SAVINGS`

    @property
    def clocks(self) -> float:
        """Predicted clocks a step."""
        return sum(self.predicted.values()) / self.steps

    @property
    def floor_ratio(self) -> float:
        """Predicted clocks over what the weight memory alone needs."""
        return sum(self.predicted.values()) / self.predicted["walk"]

    @property
    def equal(self) -> bool | None:
        """Whether the board spent its clocks as predicted; None where it was not asked."""
        if self.measured is None:
            return None
        return all(self.measured[what] == clocks for what, clocks in self.predicted.items())

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "clocks_a_step": self.clocks, "floor_ratio": self.floor_ratio, "equal": self.equal}


#: What would lower the floor itself, and is not done: no clocks for a group of neurons whose local errors are all 0;
#: one read, instead of two, of a word that layer 0 updates and that the next forward walk reads.
SAVINGS = ("zero groups", "shared reads")


@cache
def _counting() -> type[Layers]:
    """The fastest layers, which also count."""

    class Counting(fastest_layers()):  # type: ignore[misc]
        """Layers that count what `SAVINGS` would save, in clocks of the weight memory, while they are asked to."""

        def __init__(self, config: NetworkConfig) -> None:
            super().__init__(config)
            self.counting = False  # it takes several times what the step itself does
            self.saved = dict.fromkeys(SAVINGS, 0)
            self._updated = np.zeros((config.blocks(0), config.rows(0)), bool)

        def update(self, layer: int, inputs: Inputs, parts: Parts, u: int, plain: bool) -> None:
            """Change the weights, and count the groups for which nothing changes."""
            if self.counting:
                self._count(layer, inputs, parts)
            super().update(layer, inputs, parts, u, plain)

        def _count(self, layer: int, inputs: Inputs, parts: Parts) -> None:
            for block, (neurons, seen, _) in enumerate(self._blocks(layer, inputs)):
                rows: list[int] = [*seen]
                for extra, g in parts:
                    rows += extra
                    idle = int((np.asarray(g)[neurons].reshape(-1, self.config.lanes) == 0).all(axis=1).sum())
                    self.saved["zero groups"] += update_interval(self.config) * idle * len(rows)
                    if layer == 0:
                        self._updated[block, rows] = True
                    rows = []

        def preactivation(self, layer: int, inputs: Inputs) -> np.ndarray:
            """z of a layer, and the rows of layer 0 that were updated just before."""
            if layer == 0 and self.counting:
                shared = int(self._updated[:, self.config.bias_row(0)].sum())
                for block, (_, seen, _) in enumerate(self._blocks(0, inputs)):
                    shared += int(self._updated[block, seen].sum())
                self.saved["shared reads"] += shared * self.config.groups[0] // self.config.blocks(0)
                self._updated[:] = False
            return super().preactivation(layer, inputs)

    return Counting


class _Golden(Device):
    """The golden device, which knows what its clocks went into."""

    def __init__(self, config: NetworkConfig, order: np.ndarray | None) -> None:
        self.golden = GoldenDevice(config)
        self.golden.network = network_of(config, _counting())
        super().__init__(self.golden, config, order=order, link=DirectLink(self.golden))

    def count(self, on: bool) -> None:
        """Whether what could have been saved is counted from here on."""
        self.golden.network.layers.counting = on  # type: ignore[attr-defined]

    def spent(self) -> tuple[dict[str, int], dict[str, int]]:
        """What the clocks went into, and which ones could have been saved."""
        return self.golden.network.spent, dict(self.golden.network.layers.saved)  # type: ignore[attr-defined]


@contextmanager
def _board(config: NetworkConfig, order: np.ndarray | None) -> Iterator[Device]:
    try:
        from ffpga_sim import BuildError, VirtualBoard
    except ImportError as error:
        raise FfpgaError(f"measuring clocks needs {error.name or error}: pip install 'ffpga[sim]'") from None
    try:
        board = VirtualBoard(config, watch=watched(config))
    except BuildError as error:
        raise FfpgaError(f"the simulated chip cannot be built: {error}") from None
    with Device(board, config, order=order, timeout=5.0) as device:
        yield device


def _copy(source: Device, target: Device) -> None:
    """Registers, the random generator with them, and weights."""
    source.write_register("seed", source.read_register("seed") | 1)  # any other state cannot be written
    for name in source.registers:
        target.write_register(name, source.read_register(name))
    target.write_weights(source.read_weights())


class _Bench:
    """A golden device, and a virtual board that does the same where it is asked to."""

    def __init__(self, golden: _Golden, board: Device | None, data: Dataset, progress: Progress | None) -> None:
        self.golden, self.board, self.data, self.progress = golden, board, data, progress
        self.sections: list[Section] = []

    def train(self, work: Iterable[Work], name: str) -> None:
        """Training steps on both."""
        chosen = list(work)

        def run(device: Device) -> None:
            for done, item in enumerate(chosen, start=1):
                item.submit(device, self.data)
                if done % 100 == 0:
                    device.submit_counters()
                    if self.progress is not None and device is self.board:
                        self.progress(f"{name}, on the board", done, len(chosen))
            device.flush()

        self._both(name, len(chosen), run)

    def infer(self, samples: np.ndarray, name: str) -> None:
        """Inferences on both."""
        self._both(name, len(samples), lambda device: predict(device, samples))

    def _both(self, name: str, steps: int, run: Any) -> None:
        if self.board is not None:
            _copy(self.golden, self.board)
        before = self.golden.spent()
        self.golden.count(True)
        run(self.golden)
        self.golden.count(False)
        spent, saved = (
            {what: after[what] - start[what] for what in after}
            for start, after in zip(before, self.golden.spent(), strict=True)
        )
        section = Section(name, steps, spent, savings=saved)
        if self.board is not None:
            self.board.transport.seen()  # type: ignore[attr-defined]
            run(self.board)
            section.measured = classified(self.board.transport.seen(), self.golden.config)  # type: ignore[attr-defined]
            for one, other in zip(self.golden.read_weights(), self.board.read_weights(), strict=True):
                if not np.array_equal(one, other):
                    raise FfpgaError(f"{name}: the board's weights are not the golden model's: its core is faulty")
        self.sections.append(section)


def count_clocks(
    config: NetworkConfig,
    data: Dataset,
    *,
    epochs: int = 5,
    pairs: int = 2000,
    tests: int = 2000,
    shortlists: Sequence[int] = (1, 2, 10),
    measure: bool = True,
    progress: Progress | None = None,
    **options: Any,
) -> list[Section]:
    """Trains the golden model and says where the clocks go.

    Parameters
    ----------
    epochs : int
        Counted are the first and the last one.
    pairs : int
        The first so many of such an epoch.
    tests : int
        Inferences of the trained network, for each of `shortlists`; their accuracy is that of all test samples.
    shortlists : sequence of int
        Labels that an inference takes through all layers.
    measure : bool
        Whether the virtual board does the same from the same weights, and its clocks are watched.
    **options
        See `TrainingOptions`.
    """
    chosen = TrainingOptions(epochs=epochs, **options)
    if measure:
        with _board(config, order_of(config, data.shape)) as board:
            return _count(config, board, data, chosen, pairs, tests, shortlists, progress)
    return _count(config, None, data, chosen, pairs, tests, shortlists, progress)


def _count(
    config: NetworkConfig,
    board: Device | None,
    data: Dataset,
    options: TrainingOptions,
    pairs: int,
    tests: int,
    shortlists: Sequence[int],
    progress: Progress | None,
) -> list[Section]:
    golden = _Golden(config, order_of(config, data.shape))
    with golden:
        prepare(golden, options)
        bench = _Bench(golden, board, data, progress)
        for epoch in range(options.epochs):
            golden.write_register("learning_rate", options.learning_rate(config, epoch))
            work = epoch_work(options, data, epoch)
            if epoch in (0, options.epochs - 1):
                bench.train(islice(work, pairs), f"pair, epoch {epoch + 1}")
            for done, item in enumerate(work, start=1):
                item.submit(golden, data)
                if progress is not None and done % 1000 == 0:
                    progress(f"epoch {epoch + 1}", done, len(data.train_x))
        for shortlist in shortlists:
            if shortlist <= config.classes:
                golden.write_register("shortlist", shortlist)
                bench.infer(data.test_x[:tests], f"inference, {shortlist} of {config.classes} labels to the top")
                labels = predict(golden, data.test_x, progress=progress)
                bench.sections[-1].accuracy = float(np.mean(labels == data.test_y))
        return bench.sections
