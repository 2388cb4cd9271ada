"""The trials of the accuracy table, by group."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from .accuracy import UNSUPERVISED, Trial
from .baselines import BASELINES

FIVE, TEN, TWENTY = {"epochs": 5}, {"epochs": 10}, {"epochs": 20}


def _main() -> Iterator[Trial]:
    """The figures that the project is judged by, from five seeds."""
    for trial in _judged():
        yield replace(trial, seeds=5)


def _judged() -> Iterator[Trial]:
    yield Trial("128-128", options=TWENTY, least=0.98)
    yield Trial("64-64", (64, 64), options=TWENTY, least=0.974)
    yield Trial("14x14 128-128", options=TWENTY, half=True, least=0.979)
    yield Trial("threshold", options={**TWENTY, "objective": "threshold"}, least=0.965)
    yield Trial("minus", options={**TEN, "polarity": "minus"}, least=0.973)
    minus = {**TEN, "polarity": "minus", "objective": "threshold", "theta": 1.0, "rate": 18}
    yield Trial("minus threshold", options=minus, least=0.955)
    yield Trial("own negatives", options={**TWENTY, "negatives": "own"}, least=0.975)
    yield Trial("unsupervised", kind=UNSUPERVISED, options={"epochs": 3, "rate": 19, "alpha": 1.0}, least=0.91)
    yield Trial("128-128 shifted", options={"epochs": 60, "shift": 1}, least=0.985)


def _tables() -> Iterator[Trial]:
    """What a black box costs."""
    for table in ("identity", "staircase", "monotone", "noisy"):
        yield Trial(f"black box {table}", sizes={"black_box": True}, options={**TEN, "table": table})


def _negatives() -> Iterator[Trial]:
    """Who makes the negatives."""
    for objective in ("contrast", "threshold"):
        for negatives in ("hard", "own", "random", "host", "replay"):
            options = {**TEN, "objective": objective, "negatives": negatives}
            yield Trial(f"negatives {negatives}, {objective}", options=options)


def _phases() -> Iterator[Trial]:
    """Phases in blocks of N samples: as they are, with a smaller rate, with negatives made before the epoch."""
    for block in (1, 100, 1000, 10_000, 60_000):
        base = {**FIVE, "objective": "threshold", "phases": "separate", "block": block}
        yield Trial(f"blocks of {block}", options=base)
        yield Trial(f"blocks of {block}, slow", options={**base, "rate": 21})
        yield Trial(f"blocks of {block}, replayed", options={**base, "negatives": "replay"})


def _grid() -> Iterator[Trial]:
    """Widths and weight bits, and then one thing changed at a time."""
    for width in (16, 32, 64, 128):
        seeds = 5 if width == 16 else 1  # so narrow a layer may lose a label for good, or not
        for bits in (8, 16):
            sizes = {"weight_bits": bits}
            yield Trial(f"{width}-{width} {bits} bit", (width, width), sizes=sizes, options=TEN, seeds=seeds)
    changes: dict[str, dict[str, object]] = {
        "plain rounding": {"rounding": "plain"},
        "gate 16": {"gate": 16},
        "gate 32": {"gate": 32},
        "gate 64": {"gate": 64},
    }
    for name, options in changes.items():
        yield Trial(f"128-128 {name}", options={**TEN, **options})
    yield Trial("128", (128,), options=TEN)
    yield Trial("14x14 64-64", (64, 64), options=TEN, half=True)


def _fields() -> Iterator[Trial]:
    """Receptive fields: networks from 3 KB on."""
    yield Trial("144 fields 4,3,2", (144,), windows=(4, 3, 2), options=TEN)
    yield Trial("200 fields 4,3,1", (200,), windows=(4, 3, 1), options=TEN)
    for width, stride in ((72, 2), (144, 2), (200, 1)):
        yield Trial(f"14x14 {width} fields 2,3,{stride}", (width,), windows=(2, 3, stride), options=TEN, half=True)


def _contenders() -> Iterator[Trial]:
    """How many wrong labels contend for the hardest one."""
    for contenders in (1, 3, 5, 9):
        options = {**FIVE, "contenders": contenders}
        yield Trial(f"contenders {contenders}", (200,), windows=(4, 3, 1), options=options)


def _baselines() -> Iterator[Trial]:
    """What others make of the same data."""
    for name in BASELINES:
        for layers in ((),) if name == "raw pixels" else ((64, 64), (128, 128)):
            yield Trial(f"{name} {'-'.join(map(str, layers))}".strip(), layers, kind=name)


#: Trials by group.
GROUPS: dict[str, Callable[[], Iterator[Trial]]] = {
    "main": _main,
    "tables": _tables,
    "negatives": _negatives,
    "phases": _phases,
    "grid": _grid,
    "fields": _fields,
    "contenders": _contenders,
    "baselines": _baselines,
}
