"""Files that appear whole or not at all."""

import os
import tempfile
from pathlib import Path

from .errors import FfpgaError


def check_writable(path: Path | None) -> None:
    """FfpgaError where a file cannot be written, before the work that would fill it."""
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=path.parent):
                pass
        except OSError as error:
            raise FfpgaError(f"cannot write {path} ({error.strerror}): choose another place") from None


def write_whole(path: Path, data: bytes) -> None:
    """Writes a temporary file beside `path` and then moves it there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise FfpgaError(f"cannot write {path} ({error.strerror}): choose another place") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except OSError as error:
        os.unlink(name)
        raise FfpgaError(f"cannot write {path} ({error.strerror}): choose another place") from None
    except BaseException:
        os.unlink(name)
        raise
