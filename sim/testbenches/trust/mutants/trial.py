"""Tries mutants of the golden model: a process for each, forked once all the libraries are imported.

The golden model is imported in that process alone, with the mutant in it. It is asked what the core was asked, and
must answer what the core answered; then it must pass tests. This module imports nothing of the project, so that nothing
of it is there before the mutant.
"""

import ast
import importlib.abc
import importlib.machinery
import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .syntax import PythonMutant, mutated

ROOT = Path(__file__).parents[4]
PACKAGE = ROOT / "golden" / "ffpga_golden"
COMPILED = "compiled/"  #: where Numba's functions are
#: Seconds of processor time that a trial may take: several times what the compiled model needs, compiled anew.
MOST_SECONDS = 300
MOST_BYTES = 8 << 30


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a file with a mutant in it."""

    mutant: PythonMutant

    def get_code(self, fullname: str) -> Any:
        path = Path(self.path)
        ours = path == PACKAGE / self.mutant.file
        return compile(mutated(path, self.mutant) if ours else ast.parse(path.read_text()), self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, mutant: PythonMutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname.partition(".")[0] != "ffpga_golden":
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin)
            spec.loader.mutant = self._mutant
        return spec


def _replay(transcript: dict[str, Any]) -> bool:
    """Whether the golden device answers what the core answered, by the specification itself.

    What is compiled is another implementation: tests hold the one to the other.
    """
    from ffpga_golden import GoldenDevice, NetworkConfig, network_of
    from ffpga_golden.layers import Layers

    config = NetworkConfig.from_json(transcript["config"])
    device = GoldenDevice(config)
    device.network = network_of(config, Layers)
    for frame, expected in transcript["exchanges"]:
        device.write(bytes.fromhex(frame))
        if device.read(1 << 20).hex() != expected:
            return False
    return True


def _trial(mutant: PythonMutant | None, transcripts: list[dict[str, Any]], tests: list[str], cache: str) -> str:
    """What notices the mutant; "" where nothing does. `cache` is a folder for what is compiled of it."""
    import hypothesis
    import pytest

    hypothesis.settings.register_profile("trial", deadline=None, database=None, derandomize=True)
    hypothesis.settings.load_profile("trial")
    if mutant is not None:
        sys.meta_path.insert(0, _Finder(mutant))
        if mutant.file.startswith(COMPILED):
            # Numba's cache knows the file, not what is in it: it would give the function without the mutant, or keep
            # the one with it.
            import numba

            os.environ["NUMBA_CACHE_DIR"] = cache
            numba.config.reload_config()
    try:
        for transcript in transcripts:
            if not _replay(transcript):
                return f"the core's answers: {transcript['name']}"
    except Exception as error:
        return f"an error: {type(error).__name__}"
    own = ""
    if mutant is not None:
        own = "tests/golden/test_runs.py" if mutant.file.startswith(COMPILED) else f"tests/golden/test_{mutant.file}"
    for test in ([own] if (ROOT / own).is_file() else []) + tests:
        if pytest.main(["-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", str(ROOT / test)]):
            return test
    return ""


def tried(mutant: PythonMutant | None, transcripts: list[dict[str, Any]], tests: list[str]) -> str:
    """The same in a process of its own, which may crash, hang or take all the memory."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as cache:
        return _in_a_process(mutant, transcripts, tests, cache)


def _in_a_process(mutant: PythonMutant | None, transcripts: list[dict[str, Any]], tests: list[str], cache: str) -> str:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        try:
            found = _trial(mutant, transcripts, tests, cache)
        except BaseException as error:
            found = f"an error: {type(error).__name__}"
        os.write(theirs, b"!" + found.encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if said:
        return said[1:].decode()
    name = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else "its end"
    return {"SIGXCPU": "too slow", "SIGKILL": "too slow"}.get(name, name)


def main() -> None:
    """Reads what to try as JSON, writes what became of it, a line a mutant."""
    import hypothesis  # noqa: F401
    import numba  # noqa: F401
    import numpy  # noqa: F401
    import pytest  # noqa: F401
    import serial  # noqa: F401
    import sklearn.datasets  # noqa: F401

    asked = json.load(sys.stdin)
    for fields in asked["mutants"]:
        begun = time.monotonic()
        mutant = None if fields is None else PythonMutant(**fields)
        killer = tried(mutant, asked["transcripts"], asked["tests"])
        print(json.dumps({"killer": killer, "seconds": round(time.monotonic() - begun, 1)}), flush=True)


if __name__ == "__main__":
    main()
