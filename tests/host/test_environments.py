"""Environments that are not ours: homes that cannot be written, odd folders, the user's own modules, no caches."""

import errno
import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import blobs
from started import SMALL, ffpga, run

import ffpga_golden
from ffpga_hw.flow import environment as surroundings
from ffpga_hw.flow import tools


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A folder of a user without a home, with modules of the user's, a name that is no text, an ASCII terminal.

    The golden model's folder is one in which Numba keeps nothing. Files are in the way, which stop root, too.
    """
    root = tmp_path_factory.mktemp("elsewhere")
    package = root / "packages" / "ffpga_golden"
    shutil.copytree(Path(ffpga_golden.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__pycache__").write_text("")
    (root / "home").write_text("")
    folder = Path(os.fsdecode(os.fsencode(root) + b"/\xff"))
    folder.mkdir()
    for name in ("random.py", "types.py"):
        (folder / name).write_text("raise SystemExit('the user’s own module')\n", encoding="utf-8")
    x, y = blobs(features=8)
    np.savez(folder / "µ.npz", x=x, y=y)
    environment = {"HOME": str(root / "home"), "PYTHONPATH": str(package.parent), "XDG_CACHE_HOME": ""}
    environment |= {"NUMBA_OPT": "1"}  # it compiles sooner; what of it is kept, and where, is the same
    environment |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    return folder, environment


@pytest.mark.parametrize(
    "kind", [("--layers", "8,8", "--recurrent"), pytest.param((), marks=pytest.mark.all)], ids=["layers", "steps"]
)
def test_training_elsewhere(elsewhere, kind):
    """What is compiled is kept there: of a recurrent network its layers, of another one whole steps, thrice as long."""
    folder, environment = elsewhere
    given = ("--data", folder / "µ.npz", *SMALL, *kind, "--out", "run")
    status, text, error = ffpga(folder, "train", *given, **environment)
    assert (status, error) == (0, ""), error
    assert text.startswith("\\udcc2\\udcb5: 72 samples")
    assert {path.name for path in (folder / "run").iterdir()} == {
        "checkpoint.npz", "curve.png", "report.html", "run.json", "run.npz"
    }  # fmt: skip
    assert {"numba", "matplotlib"} <= {path.name for path in (folder / "build" / "cache").iterdir()}


def test_programs_that_are_started_elsewhere(elsewhere):
    """yosys and a sweep's workers are Pythons of their own, which must not take the user's modules.

    What other tests compile is not compiled again: a worker's network is NumPy's, and yosys, which is WebAssembly, is
    where it is kept for a user without a home.
    """
    folder, environment = elsewhere
    if (compiled := surroundings.usual_cache()) and (compiled / "wasmtime").is_dir():
        ignored = shutil.ignore_patterns("*.wip-*", "*.stats")
        shutil.copytree(compiled / "wasmtime", folder / "build" / "cache" / "wasmtime", ignore=ignored)
    absent = folder.parent / "absent" / "numba"
    absent.mkdir(parents=True)
    (absent / "__init__.py").write_text("raise ImportError")
    environment = {**environment, "PYTHONPATH": os.pathsep.join((environment["PYTHONPATH"], str(absent.parent)))}
    small = ("--features", 4, "--classes", 2, "--layers", 2, "--lanes", 1)
    status, text, error = ffpga(folder, "generate", "--out", "core.v", *small, **environment)
    assert (status, error) == (0, "") and "core_litex.py" in text
    given = ("--data", "µ.npz", *SMALL, "--workers", 1, "--out", "sweep")
    status, _, error = ffpga(folder, "sweep", *given, **environment)
    assert (status, error) == (0, "") and (folder / "sweep" / "pareto.png").exists()


def test_nowhere_to_cache(tmp_path, monkeypatch):
    """Numba without a folder, with a full one, with a damaged one: the same functions."""
    numba = pytest.importorskip("numba")
    from ffpga_golden.compiled import caching

    real, tried = numba.njit, []

    def nowhere(*function, **options):
        tried.append(options)
        if options.get("cache"):
            raise RuntimeError("cannot cache function 'f': no locator available for file 'f.py'")
        return real(*function, **options)

    monkeypatch.setattr(caching.numba, "njit", nowhere)
    assert caching.njit(cache=True)(lambda x: x + 1)(1) == 2
    assert tried[:2] == [{"cache": True}, {}]  # then Numba's own

    class Broken:
        flushed = 0

        def load_overload(self, *_: object) -> None:
            raise EOFError("Ran out of input")

        def save_overload(self, *_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def flush(self) -> None:
            Broken.flushed += 1

    function = real(lambda x: x + 2)
    function._cache = caching._Cache(Broken())
    assert function(1) == 3 and Broken.flushed == 1


def test_the_doctor_says_where_caches_are(tmp_path, monkeypatch):
    def found() -> dict[str, dict]:
        run("doctor", "--json", tmp_path / "tools.json")
        return {one["name"]: one for one in json.loads((tmp_path / "tools.json").read_text())["tools"]}

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("FFPGA_BUILD", str(tmp_path / "build"))
    there = found()
    assert there["cache folder"]["version"] == str(tmp_path / "cache")
    assert there["build folder"]["version"] == str(tmp_path / "build")
    (tmp_path / "cache").write_text("")
    (tmp_path / "build").write_text("")
    gone = found()
    assert (
        gone["cache folder"]["version"] is None and f"{tmp_path / 'cache'} cannot be" in gone["cache folder"]["remedy"]
    )
    assert gone["build folder"]["version"] is None and "FFPGA_BUILD" in gone["build folder"]["remedy"]


def test_tools_without_a_cache_say_what_to_set():
    trace = (
        "Traceback (most recent call last):\n  File ...\nPermissionError: [Errno 13] Permission denied: '/nonexistent'"
    )
    assert tools.last_words(trace).endswith("set XDG_CACHE_HOME and YOWASP_CACHE_DIR to a folder that can be written")
    assert tools.last_words("ERROR: no such module\nnoise") == "no such module"


def test_a_tool_is_compiled_by_one_process(tmp_path, monkeypatch):
    """Of two processes that meet an empty cache, the second waits: what it would write over, the first one runs."""
    tool = tmp_path / "yowasp-icepack"
    tool.write_text(
        f"#!{sys.executable}\n"
        "import os, time, pathlib\n"
        "kept = pathlib.Path(os.environ['YOWASP_CACHE_DIR'], 'module')\n"
        "if not kept.exists():\n"
        "    with kept.with_name('making').open('x'):\n"
        "        time.sleep(0.3)\n"
        "    kept.with_name('making').rename(kept)\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("YOWASP_CACHE_DIR", str(tmp_path / "cache"))
    folders = [tmp_path / str(number) for number in range(3)]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda folder: tools.run("icepack", [], folder), folders))
    shutil.rmtree(tmp_path / "cache")
    tools.run("icepack", [], folders[0])
    assert (tmp_path / "cache" / "module").exists()


def test_tools_of_two_environments_have_two_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("YOWASP_CACHE_DIR", raising=False)
    found = set()
    for version in ("44.0.0", "47.0.1"):
        monkeypatch.setattr(surroundings, "version", lambda name, version=version: version)
        found.add(surroundings.environment()["YOWASP_CACHE_DIR"])
    assert found == {str(tmp_path / "YoWASP" / f"wasmtime-{version}") for version in ("44.0.0", "47.0.1")}
    monkeypatch.setenv("YOWASP_CACHE_DIR", "the user's own")
    assert "YOWASP_CACHE_DIR" not in surroundings.environment()
