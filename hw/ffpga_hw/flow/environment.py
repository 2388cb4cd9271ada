"""What programs find around them that are started here: a cache that can be written, and none of the user's modules.

Numba, Matplotlib, Altair and the tools that are WebAssembly keep compiled things in the user's cache folder. In a
container that runs as another user there is none, and some of them end for it.
"""

import atexit
import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def environment() -> dict[str, str]:
    """Variables for a program, beside those that are there.

    `PYTHONSAFEPATH` keeps a `random.py` of the working directory out of Python's modules. Where the user's cache folder
    cannot be written, `build/cache` takes its place (`$FFPGA_BUILD/cache`), else a folder that goes with this process.
    Tools that are WebAssembly have a folder for each version of what runs them: YoWASP has one file for all versions,
    and one version writes over what another has in memory, which ends with a bus error.
    """
    found, cache = {"PYTHONSAFEPATH": "1"}, usual_cache()
    if cache is None or not can_write(cache):
        cache = _other_cache()
        found["XDG_CACHE_HOME"] = str(cache)
        if not os.environ.get("MPLCONFIGDIR"):
            found["MPLCONFIGDIR"] = str(cache / "matplotlib")
        if _home() is None:
            found["HOME"] = str(cache)
    if not os.environ.get("YOWASP_CACHE_DIR"):
        with suppress(PackageNotFoundError):
            found["YOWASP_CACHE_DIR"] = str(cache / "YoWASP" / f"wasmtime-{version('wasmtime')}")
    return found


@contextmanager
def surroundings() -> Iterator[None]:
    """These variables in this process, while a library starts a program."""
    found = environment()
    before = {name: os.environ.get(name) for name in found}
    os.environ.update(found)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def usual_cache() -> Path | None:
    """The user's cache folder; None where the user has no home."""
    if named := os.environ.get("XDG_CACHE_HOME"):
        return Path(named)
    home = _home()
    return home and home / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def can_write(folder: Path | None) -> bool:
    """Whether files can be made in a folder, which may have to be made, too."""
    if folder is None:
        return False
    folder = folder.absolute()
    while not os.path.lexists(folder):
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _home() -> Path | None:
    home = os.path.expanduser("~")
    return Path(home) if os.path.isabs(home) else None


@functools.cache
def _other_cache() -> Path:
    build = Path(os.environ.get("FFPGA_BUILD") or "build").absolute() / "cache"
    if can_write(build):
        return build
    try:
        cache = tempfile.mkdtemp(prefix="ffpga-cache-")
    except OSError:  # nowhere at all: whoever needs it says so
        return build
    atexit.register(shutil.rmtree, cache, ignore_errors=True)
    return Path(cache)
