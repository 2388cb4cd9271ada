"""`.npz` files from anybody: plain arrays only, and nothing larger than it may be, before memory is taken for it."""

import lzma
import struct
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from ..errors import FfpgaError

#: Bytes of all arrays of a data set.
DATA_MAX = 2 << 30
#: Bytes of the text that describes an array.
_HEADER_MAX = 10_000
#: What reading a damaged or malicious file may raise.
DAMAGE = (
    OSError, ValueError, KeyError, TypeError, EOFError, AttributeError, IndexError, OverflowError, RuntimeError,
    SyntaxError, MemoryError, tokenize.TokenError, struct.error, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip

_HEADERS: dict[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


def read_npz(path: Path, most: int) -> dict[str, np.ndarray]:
    """All arrays of a file, by name.

    Parameters
    ----------
    path : Path
    most : int
        Bytes that all of them may have together.

    Raises
    ------
    FfpgaError
        The arrays are larger than that.
    DAMAGE
        The file is no `.npz` file of plain arrays: objects, which need pickle, are none.
    """
    arrays = {}
    with zipfile.ZipFile(path) as file:
        members = file.infolist()
        size = sum(member.file_size for member in members)
        if size > most:
            raise FfpgaError(f"{path} must hold at most {most:,} bytes, not {size:,}: take a smaller one")
        for member in members:
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"{member.filename} must be stored or deflated")
            with file.open(member) as stream:
                arrays[member.filename.removesuffix(".npy")] = _read(stream, member.filename, member.file_size)
    return arrays


def _read(stream: IO[bytes], name: str, size: int) -> np.ndarray:
    """An array whose header says the size that there is."""
    version = npy.read_magic(stream)
    if version not in _HEADERS:
        raise ValueError(f"{name} must be of version 1.0 or 2.0 of the format, not {version}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of files that Python 2 wrote
        shape, fortran, dtype = _HEADERS[version](stream, max_header_size=_HEADER_MAX)
    if dtype.hasobject:
        raise ValueError(f"{name} holds Python objects")
    if any(length < 0 for length in shape):
        raise ValueError(f"{name} has a negative length")
    expected, found = prod(shape) * dtype.itemsize, size - stream.tell()
    if expected != found:
        raise ValueError(f"{name} is said to have {expected:,} bytes, and has {found:,}")
    data: Any = stream.read(expected)
    if len(data) != expected:
        raise EOFError(f"{name} is truncated")
    flat = np.frombuffer(bytearray(data), dtype) if dtype.itemsize else np.zeros(prod(shape), dtype)
    return flat.reshape(shape, order="F" if fortran else "C")


def reason(error: BaseException) -> str:
    """What went wrong, in a line."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def names_in(path: Path) -> set[str]:
    """Names of the arrays of a file, which are not read.

    Raises
    ------
    FfpgaError
        It cannot be opened, or is no `.npz` file.
    """
    try:
        with zipfile.ZipFile(path) as file:
            return {name.removesuffix(".npy") for name in file.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise FfpgaError(f"{path} must be a .npz file, and is none ({error}): correct it or take it away") from None
