"""MNIST from its IDX files (Y. LeCun's format: magic number, sizes big-endian, bytes), gzip-compressed or not."""

import gzip
import struct
import zlib
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import FfpgaError
from .arrays import check_features
from .dataset import shape_of
from .npz import DATA_MAX
from .raw import Raw, text_of


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """An IDX file of bytes with so many dimensions, every size checked."""
    head = 4 + 4 * dimensions
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream = gzip.GzipFile(fileobj=file) if packed else file
            data = _read(stream, head)
            magic, found = 0x0800 + dimensions, int.from_bytes(data[:4], "big")
            if len(data) < 4 or found != magic:
                raise FfpgaError(
                    f"{path} must start with the IDX magic number {magic:#010x}, not {found:#010x}: take the right file"
                )
            if len(data) < head:
                raise FfpgaError(f"{path} is truncated: {len(data)} bytes, its header has {head}: download it again")
            shape = struct.unpack_from(f">{dimensions}I", data, 4)
            expected = head + prod(shape)
            if expected > DATA_MAX:
                raise FfpgaError(
                    f"{path} must hold at most {DATA_MAX:,} bytes, its header says {expected:,}: take the right file"
                )
            data += _read(stream, expected + 1 - head)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise FfpgaError(f"{path} is a damaged or truncated gzip file: download it again") from None
    except OSError as error:
        raise FfpgaError(f"{path} cannot be read ({error.strerror}): check the path and its permissions") from None
    if len(data) != expected:
        fault = f"is truncated: {len(data)} bytes" if len(data) < expected else "is too long"
        raise FfpgaError(f"{path} {fault}, its header says {expected} bytes: download it again")
    return np.frombuffer(data, np.uint8, offset=head).reshape(shape)


def _read(stream: BinaryIO | gzip.GzipFile, most: int) -> bytes:
    """Up to so many bytes, and memory for no more than there are."""
    parts = []
    while most > 0 and (part := stream.read(min(most, 1 << 20))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _find(folder: Path, part: str, kind: str, dimensions: int) -> Path:
    names = [f"{part}-{kind}{dash}idx{dimensions}-ubyte{end}" for dash in "-." for end in ("", ".gz")]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise FfpgaError(f"{folder} must hold {names[0]} or {names[1]}: copy MNIST's four files there")


def read_mnist(folder: Path) -> Raw:
    """MNIST, or any data set in the same four files."""
    if not folder.is_dir():
        raise FfpgaError(f"{folder} is no folder: give the one with MNIST's four files, mnist:DIRECTORY")
    parts = []
    for part in ("train", "t10k"):
        image_file, label_file = _find(folder, part, "images", 3), _find(folder, part, "labels", 1)
        images, labels = read_idx(image_file, 3), read_idx(label_file, 1)
        if len(images) != len(labels):
            raise FfpgaError(
                f"{image_file} has {len(images)} images, {label_file} {len(labels)} labels: take matching files"
            )
        if not images.size:
            raise FfpgaError(f"{image_file} must hold images, not {list(images.shape)}: download it again")
        parts.append((images, text_of(labels, str(label_file))))
    check_features("mnist", parts[0][0], parts[1][0])
    return Raw("mnist", "mnist", parts[0][0], labels=parts[0][1], shape=shape_of(parts[0][0]), test=parts[1])
