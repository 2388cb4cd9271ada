"""The C driver in a process of its own, with sanitizers, and a device of this process at the end of its line."""

import os
import select
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from ffpga.driver.step import StepResult
from ffpga.driver.transport import Transport
from ffpga_golden import COUNTERS

HERE = Path(__file__).parent
DRIVER = Path(__file__).parents[4] / "host" / "c"
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wshadow", "-Wstrict-prototypes")
SANITIZED = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

#: Seconds after which a driver that does not answer its test is killed.
PATIENCE = 60.0


def build(
    folder: Path,
    compiler: str = "gcc",
    *,
    sources: Sequence[Path] = (HERE / "remote.c",),
    headers: Sequence[Path] = (),
    driver: Path = DRIVER,
) -> Path:
    """Compiles a program with the driver; returns its path. A warning fails."""
    out = folder / f"{sources[0].stem}-{compiler}"
    places = [word for place in (driver, *headers) for word in ("-I", str(place))]
    files = [str(path) for path in (driver / "ffpga.c", *sources)]
    subprocess.run([compiler, *STRICT, *SANITIZED, *places, *files, "-o", str(out)], check=True)
    return out


def run(command: Sequence[str | Path], device: Transport, timeout: float = 60) -> str:
    """Runs a program with a device at the descriptor LINE of its environment, as `{line}` in its words; what it said.

    Raises
    ------
    subprocess.CalledProcessError
        It ended with another status than 0.
    """
    line, theirs = socket.socketpair()
    words = [str(word).format(line=theirs.fileno()) for word in command]
    environment = {**os.environ, "LINE": str(theirs.fileno())}
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, pass_fds=[theirs.fileno()], env=environment)
    theirs.close()
    end = time.monotonic() + timeout
    with line, process:
        while process.poll() is None:
            if time.monotonic() > end:
                process.kill()
            if select.select([line], [], [], 0.001)[0]:
                device.write(line.recv(1 << 16))
            while data := device.read(1 << 16, 0.0):
                line.sendall(data)
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words, said)
    return said


class Refused(Exception):
    """What the driver returned in place of FFPGA_OK."""

    def __init__(self, said: str) -> None:
        number, _, self.text = said.partition(" ")
        self.number = int(number)
        super().__init__(self.text)


class Stepping:
    """A virtual board that runs a moment whenever it is read: the driver's time-outs are of this machine's clock.

    Parameters
    ----------
    board : VirtualBoard
    clocks : int
        How many clocks a read takes at most.
    """

    def __init__(self, board: Any, clocks: int = 2000) -> None:
        self._board, self._clocks = board, clocks

    def write(self, data: bytes) -> None:
        """To the chip."""
        self._board.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        """What the chip has sent since the last one, or b""."""
        return self._board.advance(self._clocks)

    def close(self) -> None:
        """Ends the simulation."""
        self._board.close()


class Remote:
    """The C driver: a method for each of its functions.

    Parameters
    ----------
    program : Path
        What `build` made.
    device : Transport
        What is at the other end of its line; it is asked whenever the driver is not.
    """

    def __init__(self, program: Path, device: Transport) -> None:
        self.device = device
        self._line, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [program, str(theirs.fileno())], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[theirs.fileno()]
        )
        theirs.close()
        self._line.setblocking(False)
        self._heard, self._unsent = b"", b""

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process; a sanitizer's complaint is an AssertionError."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        status = self._process.wait(10)
        self._process.stdout.close()
        self._line.close()
        assert status == 0, f"the driver's process ended with status {status}"

    def ask(self, *words: object) -> list[str]:
        """A line of `remote.c` and the words of its answer; Refused where it is an error."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self._process.stdin.flush()
        answers, end = self._process.stdout.fileno(), time.monotonic() + PATIENCE
        while not self._heard.endswith(b"\n"):
            if time.monotonic() > end:
                self._process.kill()
            ready = select.select([self._line, answers], [], [], 0.001)[0]
            if self._line in ready:
                self.device.write(self._line.recv(1 << 16))
            self._pass_on()
            if answers in ready:
                data = os.read(answers, 1 << 20)
                assert data, "the driver's process has died"
                self._heard += data
        said, self._heard = self._heard.decode().strip(), b""
        if not said.startswith("0"):
            raise Refused(said)
        return said.split()[1:]

    def _pass_on(self) -> None:
        """What the device says goes to the driver, as far as the line takes it: both may have much to say at once."""
        while self._unsent or (data := self.device.read(1 << 16, 0.0)):
            self._unsent = self._unsent or data
            try:
                self._unsent = self._unsent[self._line.send(self._unsent) :]
            except BlockingIOError:
                return

    # Functions of the driver ---------------------------------------------------------------------------------------
    def open(self, timeout: int = 10, patience: int = 100, seed: int = 0) -> list[int]:
        """`ffpga_open`: the configuration, number by number; milliseconds, times."""
        return [int(word) for word in self.ask("open", timeout, patience, seed)]

    def order(self, order: np.ndarray) -> None:
        """The order of the features from the next opening on."""
        self.ask("order", order.astype("<u2").tobytes().hex())

    def load_sample(self, x: np.ndarray, slot: int = 0) -> None:
        """`ffpga_load_sample`."""
        self.ask("sample", slot, x.tobytes().hex())

    def train_pair(self, label: int, negative: int = 0) -> StepResult:
        """`ffpga_train_pair`."""
        return _step(self.ask("pair", label, negative)[0])

    def train_phase(self, negative: bool, label: int) -> StepResult:
        """`ffpga_train_phase`."""
        return _step(self.ask("phase", int(negative), label)[0])

    def train(self, x: np.ndarray, labels: np.ndarray, negatives: np.ndarray | None = None) -> list[StepResult]:
        """Samples and pairs, as many unanswered as there may be; the answers of the pairs."""
        wrong = np.zeros(len(labels)) if negatives is None else negatives
        rows = np.column_stack([labels, wrong, x]).astype(np.uint8)
        return [_step(word) for word in self.ask("train", rows.tobytes().hex())]

    def infer(self) -> tuple[int, int]:
        """`ffpga_infer`: label and sum of squares."""
        label, total = self.ask("infer")
        return int(label), int(total)

    def write_weights(self, data: bytes, count: int, first: int = 0) -> None:
        """`ffpga_write_weights`."""
        self.ask("write", first, count, data.hex())

    def read_weights(self, count: int, first: int = 0) -> bytes:
        """`ffpga_read_weights`."""
        return bytes.fromhex("".join(self.ask("read", first, count)))

    def counters(self) -> dict[str, int]:
        """`ffpga_counters`."""
        return dict(zip(COUNTERS, map(int, self.ask("counters")), strict=True))

    def told(self) -> dict[str, int]:
        """What the driver counts, and the bytes that it takes."""
        names = ("commands", "sent", "resent", "damaged", "refused", "bytes")
        return dict(zip(names, map(int, self.ask("told")), strict=True))


class Books:
    """The driver as the accounts of a hostile line ask it: its link's counts, and the device's counters."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    @property
    def link(self) -> SimpleNamespace:
        """commands, sent, resent, damaged."""
        return SimpleNamespace(**self._remote.told())

    def counters(self) -> dict[str, int]:
        """The device's."""
        return self._remote.counters()


def _step(word: str) -> StepResult:
    label, _, entries = word.partition(":")
    pairs = [entry.split("/") for entry in entries.split(",") if entry]
    return StepResult(tuple(int(total) for total, _ in pairs), tuple(int(c) for _, c in pairs), int(label))
