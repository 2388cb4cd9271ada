"""The C driver trains over hostile lines: what it ends with equals what the golden network is after the same pairs."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ffpga import load_dataset
from ffpga.driver.opening import open_transport
from ffpga.driver.weights import packed
from ffpga.markdown import table
from ffpga_golden import Network
from testbenches.trust.hostile.line import HostileTransport
from testbenches.trust.hostile.training import CONFIG, RATES

from .remote import Books, Remote, Stepping, build

#: Pairs that the driver is given at once.
BATCH = 100


def _frames(line: HostileTransport) -> int:
    return line.to_device.frames + line.from_device.frames


def microcontroller_run(program: Path, target: str, *, rate: float, seed: int, frames: int) -> dict[str, Any]:
    """Trains until so many frames were said, by both; compares with the golden network."""
    started = time.perf_counter()
    data, network = load_dataset("digits"), Network.initialised(CONFIG, seed)
    device = open_transport(target, CONFIG)
    line = HostileTransport(Stepping(device) if target == "sim" else device, seed, rate)
    random, same_answers = np.random.RandomState(seed), True
    try:
        with Remote(program, line) as remote:
            remote.open(timeout=50, patience=250, seed=seed)
            remote.write_weights(packed(CONFIG, network.weights), CONFIG.weights)
            while _frames(line) < frames:
                chosen = random.randint(0, len(data.train_x), BATCH)
                x, labels = data.train_x[chosen], data.train_y[chosen]
                steps = remote.train(x, labels)
                for one, label, found in zip(x, labels.tolist(), steps, strict=True):
                    step = network.train_pair(one, label)
                    expected = tuple(total for total, _ in step.entries), tuple(c for _, c in step.entries), step.label
                    same_answers &= (found.squares, found.probabilities, found.label) == expected
            weights, told = remote.read_weights(CONFIG.weights), remote.told()
            accounts = line.accounts(Books(remote))
            counters = remote.counters()
    finally:
        line.close()
    said = _frames(line)
    same_weights = weights == packed(CONFIG, network.weights)
    same_counters = {**counters, "link_errors": 0} == network.counters
    books = all(counted == expected for counted, expected in accounts.values())
    return {
        "target": target,
        "rate": rate,
        "seed": seed,
        "right": same_weights and same_counters and same_answers and books,
        "same_weights": same_weights,
        "same_counters": same_counters,
        "same_answers": same_answers,
        "pairs": counters["pairs"],
        "frames": said,
        "resent": told["resent"],
        "faults": line.to_device.faults + line.from_device.faults,
        "accounts": accounts,
        "seconds": time.perf_counter() - started,
    }


def microcontroller_runs(frames: int = 100_000, seed: int = 1, say: Any = print) -> dict[str, Any]:
    """So many frames in all, said by drivers and devices: at every rate, with golden devices and virtual boards."""
    runs = []
    with TemporaryDirectory() as folder:
        program = build(Path(folder))
        for target in ("golden", "sim"):
            for rate in RATES:
                share = -(-frames // (2 * len(RATES)))
                found = microcontroller_run(program, target, rate=rate, seed=seed, frames=share)
                runs.append(found)
                end = f"{found['frames']:,} frames, {found['faults']:,} faults, {'right' * found['right'] or 'WRONG'}"
                say(f"{target}, a bit in {1 / rate:,.0f}: {end}")
    return {
        "configuration": str(CONFIG),
        "right": all(run["right"] for run in runs),
        "frames": sum(run["frames"] for run in runs),
        "faults": sum(run["faults"] for run in runs),
        "runs": runs,
    }


def microcontroller_table(figures: dict[str, Any]) -> str:
    """The runs, a line each."""
    head = ("device", "bits flipped, one in", "faults", "pairs", "frames", "sent again", "weights")
    lines = [
        (
            run["target"],
            f"{1 / run['rate']:,.0f}",
            *(f"{run[name]:,}" for name in ("faults", "pairs", "frames", "resent")),
            "the golden network's" if run["same_weights"] else "DIFFERENT",
        )
        for run in figures["runs"]
    ]
    return table(head, lines)
