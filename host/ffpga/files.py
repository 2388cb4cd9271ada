"""Files and folders that are written: looked at before the work, and each file whole or not at all."""

import errno
import glob
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from .errors import FfpgaError


@dataclass(frozen=True)
class Output:
    """Marks a command's option that says where it writes: beside the option in `Annotated`.

    Parameters
    ----------
    folder : bool
        Whether it is a folder, not a file.
    names : tuple of str
        Files that the command writes into the folder.
    """

    folder: bool = False
    names: tuple[str, ...] = ()

    def check(self, path: Path | None) -> None:
        """FfpgaError where nothing can be written there."""
        if path is None:
            return
        if self.folder:
            check_folder(path, *self.names)
        else:
            check_writable(path)


FILE = Output()


def folder(*names: str) -> Output:
    """The mark of an option that is a folder, into which files of these names are written."""
    return Output(True, names)


def check_outputs(values: Iterable[tuple[Any, Any]]) -> None:
    """FfpgaError where something cannot be written: of pairs of an option's annotation and its value."""
    for annotation, value in values:
        for mark in get_args(annotation):
            if isinstance(mark, Output):
                mark.check(value)


def check_writable(path: Path | None) -> None:
    """FfpgaError where a file cannot be written, before the work that would fill it. Nothing is left of the look."""
    if path is None or _descriptor(path) is not None:
        return
    try:
        mode = _mode(path)
        if mode is None or stat.S_ISREG(mode):
            _look(_target(path).parent)
        elif stat.S_ISDIR(mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        elif not os.access(path, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise _refused(path, error) from None


def check_folder(path: Path, *names: str) -> None:
    """FfpgaError where a folder cannot be made or filled with files of these names, before the work."""
    try:
        _look(_target(path))
    except OSError as error:
        raise _refused(path, error) from None
    for name in names:
        check_writable(path / name)


def remove_parts(path: Path) -> None:
    """Removes what writers of `path` left that were killed. There must be no other one."""
    target = _target(path)
    for part in target.parent.glob(f"{glob.escape(_part(target))}*"):
        part.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Writes a temporary file beside `path` and then moves it there.

    A symlink stays, and what it leads to is written. What is no regular file, such as a pipe or a device, and what
    this process has open, such as ``/dev/stdout``, gets the bytes.
    """
    try:
        number, mode = _descriptor(path), _mode(path)
        if number is not None:
            if sys.stdout is not None:
                sys.stdout.flush()
            with open(os.dup(number), "wb") as file:
                file.write(data)
        elif mode is not None and not stat.S_ISREG(mode):
            with path.open("wb") as file:
                file.write(data)
        else:
            _replace(_target(path), data)
    except OSError as error:
        raise _refused(path, error) from None


def write_text(path: Path, text: str) -> None:
    """A text in UTF-8 as `write_whole` writes it; parts of paths that are no text are the bytes that they were."""
    write_whole(path, text.encode("utf-8", "surrogateescape"))


def as_text(name: str) -> str:
    """A path's name to be shown: bytes of it that are no text, which no font can draw, become their codes."""
    return name.encode("utf-8", "backslashreplace").decode()


def _replace(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=_part(target))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # else a power cut after the move could leave a file without its content
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    except BaseException as error:
        os.unlink(name)
        if not (isinstance(error, OSError) and error.errno == errno.EBUSY):
            raise
        target.write_bytes(data)  # a container's mount of a single file, which cannot be moved away


def _refused(path: Path, error: OSError) -> FfpgaError:
    return FfpgaError(f"cannot write {path} ({error.strerror}): choose another place")


def _target(path: Path) -> Path:
    """What a path leads to, there or not."""
    return Path(os.path.realpath(path))


def _part(target: Path) -> str:
    """What the names of unfinished files of `target` begin with; short enough for what comes after it."""
    return f".{target.name[:60]}."


def _mode(path: Path) -> int | None:
    """What kind of file a path leads to; None where there is none yet."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _descriptor(path: Path) -> int | None:
    """The number of a file that this process has open, where a path leads to it: to open it again would begin anew."""
    held = {"/dev/fd", os.path.realpath("/proc/self/fd")}
    for _ in range(8):
        if path.name.isdecimal() and os.path.realpath(path.parent) in held:
            return int(path.name)
        if not os.path.islink(path):  # which is no error where a folder cannot be entered
            return None
        path = path.parent / os.readlink(path)
    return None


def _look(place: Path) -> None:
    """OSError where a folder is none, or could not be made, or a file not be made in it."""
    while not os.path.lexists(place):
        place = place.parent
    with tempfile.TemporaryFile(dir=place):
        pass
