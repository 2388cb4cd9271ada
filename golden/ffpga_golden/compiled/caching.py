"""Numba's cache of compiled functions: it may be absent, full, damaged or old; several programs may want it at once."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import numba
from numba import types


class _Cache:
    """Numba's cache of a function, which may be full or damaged: the function is then compiled again."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept, name)

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return self._kept.load_overload(*arguments)
        except Exception:  # what a damaged pickle raises may be anything
            with suppress(OSError):
                self._kept.flush()
            return None

    def save_overload(self, *arguments: Any) -> None:
        with suppress(OSError):
            self._kept.save_overload(*arguments)


def part(function: Callable[..., Any]) -> Any:
    """`numba.njit` of a function that only compiled ones call, once for all numbers that it is called with.

    Numba would compile it for each constant among its arguments, and it takes long. What Python would call it by takes
    longer to compile than itself, so there is none.
    """
    options = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy", "_nrt": False}
    compiled: Any = numba.njit(**options)(function)
    template = compiled.get_call_template

    def of_all_numbers(arguments: Any, named: Any) -> Any:
        kinds = {name: types.unliteral(kind) for name, kind in named.items()}
        return template(tuple(map(types.unliteral, arguments)), kinds)

    compiled.get_call_template = of_all_numbers
    return compiled


def njit(*, cache: bool) -> Callable[[Callable[..., Any]], Any]:
    """`numba.njit`, without a cache where no folder of Numba's can be written: see $NUMBA_CACHE_DIR.

    Compiling takes some seconds then, each time. A folder under /tmp would not do: what is in the cache is executed.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            compiled: Any = numba.njit(cache=cache)(function)
        except RuntimeError:
            return numba.njit(function)
        if cache:
            compiled._cache = _Cache(compiled._cache)
        return compiled

    return decorate


def sources() -> str:
    """A hash of the golden model's sources: Numba looks only at the file of the function that is in its cache."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        with suppress(OSError):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def stamped(compiled: Any, stamp: str) -> Any:
    """A function with a cache that holds for sources of this `stamp` only; without one it is as it was."""
    file = getattr(compiled._cache, "_cache_file", None)
    if file is not None:
        file._source_stamp = stamp, file._source_stamp
    return compiled


@contextmanager
def alone(compiled: Any) -> Iterator[None]:
    """Nobody else compiles this function meanwhile, so that who waited finds it in the cache."""
    with ExitStack() as held:
        with suppress(ImportError, OSError, AttributeError, TypeError):
            import fcntl

            folder = Path(compiled._cache.cache_path)
            folder.mkdir(parents=True, exist_ok=True)
            fcntl.flock(held.enter_context(open(folder / f"{compiled.__name__}.lock", "w")), fcntl.LOCK_EX)
        yield
