"""Verilog to the shared object of a virtual board: Verilator, then the C++ compiler, cached under `build/`."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .tools import BuildError, Verilator, build_root, find_compiler, find_verilator, has_header

__all__ = ["BuildError", "build_board"]

HERE = Path(__file__).parent
SHIM = HERE / "shim.cpp"
LZ4_FALLBACK = HERE / "lz4_fallback"

#: One clock, no delays; nothing depends on X; and the Verilog that Amaranth writes is not for a style check.
VERILATE = ["--cc", "--no-timing", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert"]
VERILATE += ["-Wno-fatal", "-Wno-lint", "-Wno-style", "--prefix", "Vffpga", "--top-module", "ffpga"]

#: Hidden symbols keep the models of several boards in one process apart.
COMPILE = ["-std=c++17", "-O3", "-fPIC", "-fvisibility=hidden", "-fno-math-errno", "-w"]


def _run(command: list[str], log: Path, **options) -> None:
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(" ".join(command) + "\n" + result.stdout)
        errors = [line for line in result.stdout.splitlines() if "rror" in line] or result.stdout.splitlines() or ["?"]
        raise BuildError(f"{Path(command[0]).name} failed: {errors[0].strip()} (all of it: {log})")


def _compile(verilator: Verilator, source: Path, target: Path, wave: bool, watch: bool, log: Path) -> None:
    """The Verilated C++ in `source`, its run time and the shim as one shared object."""
    compiler = find_compiler()
    runtime = ["verilated.cpp", "verilated_threads.cpp", *(["verilated_vpi.cpp"] if watch else [])]
    includes = [source, verilator.root / "include", verilator.root / "include" / "vltstd"]
    libraries = ["-pthread"]
    if wave:
        if not has_header("zlib.h"):
            raise BuildError("a waveform needs the header zlib.h: install it, e.g. `apt-get install zlib1g-dev`")
        runtime.append("verilated_fst_c.cpp")
        libraries.append("-lz")
        if has_header("lz4.h"):
            libraries.append("-llz4")
        else:
            includes.append(LZ4_FALLBACK)
    flags = [*COMPILE, *(f"-I{path}" for path in includes)]
    flags += [
        f"-DVM_TRACE={int(wave)}",
        f"-DVM_TRACE_FST={int(wave)}",
        f"-DWATCH={int(watch)}",
        "-DVM_COVERAGE=0",
        "-DVM_SC=0",
    ]
    sources = [*sorted(source.glob("*.cpp")), *(verilator.root / "include" / name for name in runtime), SHIM]
    objects = [source / f"{path.stem}.o" for path in sources]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = zip(sources, objects, strict=True)
        for job in [pool.submit(_run, [compiler, *flags, "-c", str(s), "-o", str(o)], log) for s, o in jobs]:
            job.result()
    _run([compiler, "-shared", "-o", str(target), *map(str, objects), *libraries], log)


def build_board(verilog: str, *, wave: bool = False, watch: Sequence[str] = ()) -> Path:
    """The shared object of a virtual board, built unless it is in the cache.

    Parameters
    ----------
    verilog : str
        Verilog whose top module is `ffpga`, with the ports of the core.
    wave : bool
        Whether the board can record waveforms, which makes it slower.
    watch : sequence of str
        Signals whose values the board can count, such as "engine.walker.walker_gap".

    Returns
    -------
    Path
        The shared object, in ``build/virtual_board/<hash>/`` beside its Verilog.

    Raises
    ------
    BuildError
        A program or a header is missing, or one of them refuses its input.
    """
    verilator = find_verilator()
    key = hashlib.sha256()
    for part in (
        verilog,
        SHIM.read_text(),
        verilator.version,
        repr((VERILATE, COMPILE, wave, tuple(watch))),
        _machine(),
    ):
        key.update(part.encode() + b"\0")
    cache = build_root() / "virtual_board"
    place = cache / key.hexdigest()[:16]
    board = place / "board.so"
    if board.exists():
        return board
    find_compiler()  # before any work
    cache.mkdir(parents=True, exist_ok=True)
    log = cache / f"{place.name}.log"
    with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as temporary:
        work, done = Path(temporary, "work"), Path(temporary, "done")
        for folder in (work, done):
            folder.mkdir()
        source = done / "ffpga.v"
        source.write_text(verilog)
        extra = ["--trace-fst"] if wave else []
        if watch:
            public = done / "watch.vlt"
            names = sorted({signal.rpartition(".")[2] for signal in watch})
            rules = [f'public_flat_rd -module "*" -var "{name}"\n' for name in names]
            public.write_text("".join(["`verilator_config\n", *rules]))
            extra += ["--vpi", str(public)]
        command = [verilator.command, *VERILATE, *extra, "--Mdir", str(work), str(source)]
        _run(command, log, env=verilator.environment)
        _compile(verilator, work, done / "board.so", wave, bool(watch), log)
        try:
            done.rename(place)
        except OSError:
            if not board.exists():  # otherwise somebody else was quicker, with the same result
                raise
        shutil.rmtree(work, ignore_errors=True)
    log.unlink(missing_ok=True)
    return board


def _machine() -> str:
    return " ".join(os.uname()[i] for i in (0, 4))
