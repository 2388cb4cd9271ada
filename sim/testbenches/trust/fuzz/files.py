"""Arbitrary files into all that reads files: an answer or a line of error, and no memory for what is not there."""

import gzip
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ffpga import Checkpoint, Device, FfpgaError, NetworkConfig, load_checkpoint, load_dataset, train
from ffpga.data.idx import read_idx
from ffpga_golden import GoldenDevice

from .programs import CONFIG, Bytes

#: Bytes that reading a small file may take.
MEMORY = 32 << 20


def originals() -> dict[str, bytes]:
    """A good file of each kind."""
    x, y = np.arange(120, dtype=np.uint8).reshape(20, 6), np.arange(20) % 3
    npz = BytesIO()
    np.savez_compressed(npz, x=x, y=y)
    csv = "\n".join(",".join(map(str, (*row, label))) for row, label in zip(x.tolist(), y.tolist(), strict=True))
    idx = b"\x00\x00\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (20, 2, 3)) + x.tobytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npz"
        path.write_bytes(npz.getvalue())
        train(Device(GoldenDevice(CONFIG)), load_dataset(str(path)), epochs=1, checkpoint=path)
        checkpoint = path.read_bytes()
    config = CONFIG.to_json().encode()
    names = {"checkpoint": checkpoint, "npz": npz.getvalue(), "csv": csv.encode(), "idx": idx, "config": config}
    return {**names, "idx.gz": gzip.compress(idx, mtime=0)}


def changed(good: bytes, data: bytes) -> bytes:
    """A file as a program of bytes changes it: bytes replaced, parts removed, doubled, put in; or the bytes alone."""
    rest = Bytes(data)
    if rest.number(8) == 0:
        return data
    out = bytearray(good)
    while rest:
        at = int.from_bytes(rest.take(2), "little") % (len(out) + 1)
        kind, count = rest.number(4), 1 + rest.number(16)
        if kind == 0:
            out[at : at + count] = rest.take(count)
        elif kind == 1:
            del out[at : at + count]
        elif kind == 2:
            out[at:at] = rest.take(count)
        else:
            out[at:at] = out[at : at + count]
    return bytes(out)


def member_changed(good: bytes, data: bytes) -> bytes:
    """A zip file in which one member is changed like that: its own check sums are right."""
    rest = Bytes(data)
    with zipfile.ZipFile(BytesIO(good)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    chosen = list(members)[rest.number(len(members))]
    members[chosen] = changed(members[chosen], data[1:])
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def _checkpoint(path: Path) -> None:
    load_checkpoint(path).restore(Device(GoldenDevice(CONFIG)))


def _config(path: Path) -> None:
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return
    try:
        config = NetworkConfig.from_json(text)
    except ValueError as error:
        raise FfpgaError(str(error)) from None
    Checkpoint.of(Device(GoldenDevice(config)), 0)


READERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "checkpoint": ("a.npz", _checkpoint),
    "npz": ("a.npz", lambda path: load_dataset(str(path))),
    "csv": ("a.csv", lambda path: load_dataset(str(path))),
    "idx": ("a", lambda path: read_idx(path, 3)),
    "idx.gz": ("a.gz", lambda path: read_idx(path, 3)),
    "config": ("a.json", _config),
}


#: Files, and members of the zip files that some are.
KINDS = (*READERS, "checkpoint member", "npz member")


class FileFuzz:
    """A reader of files.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    folder : Path
        Of the file.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        kind, _, part = kind.partition(" ")
        name, self._read = READERS[kind]
        self._good, self._path = originals()[kind], folder / name
        self._changed = member_changed if part else changed

    def __call__(self, data: bytes) -> bool:
        """Reads the changed file; whether it was good. Anything but an `FfpgaError` is a fault."""
        return self.read(self._changed(self._good, data))

    def read(self, content: bytes) -> bool:
        """Reads a file of this content, in little memory."""
        self._path.write_bytes(content)
        tracemalloc.start()
        try:
            self._read(self._path)
            return True
        except FfpgaError as error:
            assert "\n" not in str(error), f"more than a line: {error}"
            return False
        finally:
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak < MEMORY, f"{peak:,} bytes of memory for a file of {len(content):,}"
