"""Nothing lost: killed runs that go on, devices that are reset in the middle; both end as if nothing had happened."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count as count_up
from pathlib import Path
from random import Random
from typing import Any

from ffpga import Dataset, Device, NetworkConfig, load_checkpoint, load_dataset, train
from ffpga.driver.opening import open_transport
from ffpga.driver.transport import Transport
from ffpga.markdown import table
from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import Opcode

from .training import figures_of

#: What a killed run trains.
CONFIG = NetworkConfig(features=64, classes=10, layers=(32, 16), lanes=8)
TRAIN = ("--data", "digits", "--layers", "32,16", "--lanes", "8", "--epochs", "20", "--negatives", "own")


# Killed hosts ------------------------------------------------------------------------------------------------------
class Killed:
    """The command `ffpga train --resume`, killed and started again.

    Parameters
    ----------
    arguments : sequence of str
        Of the command, without the folder.
    folder : Path
        An empty one.
    seed : int
        Of the moments at which it is killed.
    """

    def __init__(self, arguments: tuple[str, ...], folder: Path, seed: int) -> None:
        self._arguments, self._folder, self._random = arguments, folder, Random(seed)
        self.kills: list[int] = []  #: whole epochs in the checkpoint at each kill
        self.ends: list[dict[str, Any]] = []  #: figures of each run that came to its end
        self.expected = self._ended("clean", self._start("clean"))

    def _start(self, name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ffpga", "train", *self._arguments, "--resume"]
        command += ["--out", str(self._folder / name), "--json", str(self._folder / f"{name}.json")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()  # it has begun: libraries and data are loaded
        self._began_at = time.monotonic()
        return process

    def _ended(self, name: str, process: subprocess.Popen[str]) -> dict[str, Any]:
        out, err = process.communicate(timeout=600)
        self._training = time.monotonic() - self._began_at
        assert process.returncode == 0, f"{out}\n{err}"
        figures = json.loads((self._folder / f"{name}.json").read_text())
        for name in ("started", "seconds", "link_errors", "versions"):  # the rest must be equal
            del figures[name]
        figures["epochs"] = [{**epoch, "seconds": None} for epoch in figures["epochs"]]
        return figures

    def go(self, kills: int) -> None:
        """Kills so many times, each at a moment drawn from the length of the whole run; the last run is let live."""
        whole, run = self._training, 0
        while len(self.kills) < kills:
            name = f"run{run}"
            path = self._folder / name / "checkpoint.npz"
            while True:
                process = self._start(name)
                try:
                    if len(self.kills) < kills:
                        process.wait(self._random.uniform(0, whole))
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                    # Whatever the moment was, there is a whole checkpoint, or none yet.
                    self.kills.append(load_checkpoint(path).epoch if path.exists() else 0)
                    continue
                self.ends.append(self._ended(name, process))
                break
            run += 1

    @property
    def right(self) -> bool:
        """Whether every run that was killed ended as the one that was not."""
        return bool(self.ends) and all(figures == self.expected for figures in self.ends)


@contextmanager
def behind_terminal(device: GoldenDevice) -> Iterator[str]:
    """A pseudo-terminal with a device behind it, which lives on when a host dies; its target."""
    compiled = GoldenDevice(device.config)  # what is compiled at the first step takes longer than a host waits
    compiled.execute(Opcode.LOAD_SAMPLE, b"\0\0\1")
    compiled.execute(Opcode.TRAIN_PAIR, b"\0\1")
    compiled.execute(Opcode.INFER, b"")
    ours, theirs = pty.openpty()
    stop = threading.Event()

    def serve() -> None:
        os.set_blocking(ours, False)
        while not stop.is_set():
            try:
                data = os.read(ours, 4096)
            except BlockingIOError:
                time.sleep(0.0005)
                continue
            device.write(data)
            answer = device.read(1 << 20)
            while answer and not stop.is_set():
                try:
                    answer = answer[os.write(ours, answer) :]
                except BlockingIOError:
                    time.sleep(0.0005)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"serial:{os.ttyname(theirs)}"
    finally:
        stop.set()
        thread.join()
        os.close(ours), os.close(theirs)


# Reset devices -----------------------------------------------------------------------------------------------------
class Resetting:
    """A line to a device that is reset now and then, in the middle of frames too.

    Parameters
    ----------
    make : callable
        Opens the line to a device; the golden one is made anew by a reset, a virtual board has one.
    seed : int
        Of the moments.
    every : int
        Writes between two resets, on average.
    """

    def __init__(self, make: Callable[[], Transport], seed: int, every: int) -> None:
        self._make, self._random, self._every = make, Random(seed), every
        self._inner = make()
        self._left = self._drawn()
        self.resets = 0

    def _drawn(self) -> int:
        return self._random.randint(1, 2 * self._every)

    def write(self, data: bytes) -> None:
        """To the device; the reset comes before, within, or after it."""
        self._left -= 1
        if self._left:
            self._inner.write(data)
            return
        at = self._random.randint(0, len(data))
        self._inner.write(data[:at])
        self.reset()
        self._inner.write(data[at:])
        self._left = self._drawn()

    def reset(self) -> None:
        """What is on its way is lost."""
        self.resets += 1
        if isinstance(self._inner, GoldenDevice):
            self._inner = self._make()
        else:
            self._inner.reset()  # type: ignore[attr-defined]

    def read(self, n: int, timeout: float) -> bytes:
        """From the device."""
        return self._inner.read(n, timeout)

    def close(self) -> None:
        """Releases the device."""
        self._inner.close()


def reset_run(
    target: str, config: NetworkConfig, data: Dataset, *, every: int, seed: int, clean: dict[str, Any], **options: Any
) -> dict[str, Any]:
    """Trains a device that is reset now and then; compares with a run without resets."""
    line = Resetting(lambda: open_transport(target, config), seed, every)
    with Device(line, config, timeout=0.01, patience=100) as device:
        line._left = line._drawn()  # opening it is not what is tried
        found = train(device, data, **options)
    figures = figures_of(found)
    return {
        "target": target,
        "resets": line.resets,
        "noticed": found.resets,
        "right": {**figures, "resets": 0} == clean and line.resets > 0,
    }


# The long form -----------------------------------------------------------------------------------------------------
def lost_runs(folder: Path, kills: int = 50, resets: int = 50, seed: int = 1, say: Any = print) -> dict[str, Any]:
    """So many kills, half of them with a device that lives on, and at least so many resets."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    with behind_terminal(GoldenDevice(CONFIG)) as serial:
        for what, target, count in (
            ("golden device, dies with it", "golden", kills - kills // 2),
            ("serial device, lives on", serial, kills // 2),
        ):
            place = folder / f"kills-{target.partition(':')[0]}-{time.time_ns()}"
            place.mkdir()
            killed = Killed((*TRAIN, "--target", target), place, seed)
            killed.go(count)
            rows.append({"what": f"SIGKILL to the host; {what}", "count": len(killed.kills), "runs": len(killed.ends)})
            rows[-1] |= {"right": killed.right, "epochs_at_kill": killed.kills}
            say(f"{rows[-1]['what']}: {len(killed.kills)} kills, {'right' if killed.right else 'WRONG'}")
    data = load_dataset("digits")
    options = {"epochs": 4, "negatives": "own"}
    with Device(GoldenDevice(CONFIG)) as device:
        clean = figures_of(train(device, data, **options))
    for target in ("golden", "sim"):
        done: list[dict[str, Any]] = []
        seeds = count_up(seed)
        while sum(run["noticed"] for run in done) < resets // 2:
            run = reset_run(target, CONFIG, data, every=8000, seed=next(seeds), clean=clean, **options)
            if run["resets"]:  # else it ended before the first one
                done.append(run)
        count, right = sum(run["noticed"] for run in done), all(run["right"] for run in done)
        rows.append({"what": f"reset of the device; {target}", "count": count, "runs": len(done), "right": right})
        say(f"{rows[-1]['what']}: {count} resets, {'right' if right else 'WRONG'}")
    return {"configuration": str(CONFIG), "right": all(row["right"] for row in rows), "rows": rows}


def lost_table(figures: dict[str, Any]) -> str:
    """What was done, a line each."""
    head = ("what happened", "times", "in runs", "end: weights, accuracies, counters")
    return table(
        head,
        [
            (row["what"], str(row["count"]), str(row["runs"]), "as undisturbed" if row["right"] else "DIFFERENT")
            for row in figures["rows"]
        ],
    )
