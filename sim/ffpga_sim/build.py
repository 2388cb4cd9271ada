"""Verilog to the shared object of a virtual board: Verilator, then the C++ compiler, cached under `build/`."""

import ctypes
import hashlib
import json
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .tools import BuildError, Verilator, build_root, compiler_version, find_compiler, find_verilator, has_header
from .view import view_verilog

__all__ = ["BuildError", "Flags", "build_board", "build_record"]

_log = logging.getLogger("ffpga")

HERE = Path(__file__).parent
SHIM, BOARD = HERE / "shim.cpp", HERE / "board.v"
OBJECT = "board.so"
LZ4_FALLBACK = HERE / "lz4_fallback"
RECORD = "build.json"

#: One clock, no delays; nothing depends on X; and the Verilog that Amaranth writes is not for a style check.
VERILATE = ["--cc", "--no-timing", "--noassert", "-Wno-fatal", "-Wno-lint", "-Wno-style"]
VERILATE += ["--prefix", "Vffpga", "--top-module", "board"]

#: A board that records; its time is in ns, a clock 20 of them. It is built for few steps, so building counts for more:
#: three passes of GCC that find little in a model (a clock takes 4 % longer) take half of the time.
RECORD_WAVE = ["--trace-fst", "--timescale", "1ns/1ns"]
QUICKLY = ("-O1", "-fno-tree-fre", "-fno-tree-dse", "-fno-tree-dominator-opts")

#: Hidden symbols keep the models of several boards in one process apart.
COMPILE = ["-std=c++17", "-fPIC", "-fvisibility=hidden", "-fno-math-errno", "-w"]


#: What models and the shim include.
HEADERS = ('"verilated.h"', "<cstdint>", "<cstring>", "<memory>", "<string>", "<unordered_map>", "<vector>")

#: Before and after what is not optimised: of GCC, and of Clang; neither minds the other's.
UNOPTIMISED = "#pragma GCC push_options", '#pragma GCC optimize("O0")', "#pragma clang optimize off"
OPTIMISED = "#pragma clang optimize on", "#pragma GCC pop_options"


@dataclass(frozen=True)
class Flags:
    """What decides how fast a board simulates; `ffpga bench simulation --flags` compares some."""

    verilate: tuple[str, ...] = ("-O3", "--x-assign", "fast", "--x-initial", "fast")
    compile: tuple[str, ...] = ("-O3",)


def _run(command: list[str], log: Path, **options) -> None:
    options |= {"encoding": "utf-8", "errors": "replace"}  # what they say is in the user's language
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if result.returncode:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(" ".join(command) + "\n" + result.stdout, encoding="utf-8", errors="replace")
        errors = [line for line in result.stdout.splitlines() if "rror" in line] or result.stdout.splitlines() or ["?"]
        raise BuildError(f"{Path(command[0]).name} failed: {errors[0].strip()} (all of it: {log})")


def _compile(
    verilator: Verilator, source: Path, target: Path, wave: bool, watch: bool, more: tuple[str, ...], log: Path
) -> None:
    """The Verilated C++ in `source`, its run time and the shim as one shared object."""
    compiler = find_compiler()
    runtime = ["verilated.cpp", "verilated_threads.cpp"]
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
    flags = [*COMPILE, *more, *(f"-I{path}" for path in includes[1:])]
    flags += [f"-DVM_TRACE={int(wave)}", f"-DVM_TRACE_FST={int(wave)}", "-DVM_COVERAGE=0", "-DVM_SC=0"]
    # The run time is the same for all boards of the same flags: its objects are kept beside the boards.
    shared = build_root() / "virtual_board" / "runtime"
    shared.mkdir(parents=True, exist_ok=True)
    same = repr((compiler_version(compiler), flags, verilator.version, _machine(Flags(compile=more)))).encode()
    kept = [shared / f"{Path(name).stem}-{hashlib.sha256(same).hexdigest()[:16]}.o" for name in runtime]
    # Most of a small file's time goes into the headers, so the model is two files, and one where little is optimised.
    # What runs once, when a board is opened, is not worth optimising.
    slow: list[str] = []
    fast = [f'#include "{SHIM}"']
    for path in sorted(source.glob("*.cpp")):
        (slow if path.stem.endswith("__Slow") else fast).append(f'#include "{path}"')
    jobs, objects = [], []
    units = [("fast", fast, []), ("slow", slow, ["-O0"])]
    if more == QUICKLY:
        units = [("model", [*fast, *UNOPTIMISED, *slow, *OPTIMISED], [])]
        if not wave:
            header = _headers(compiler, flags, same, shared, log)
            units[0][2].extend(["-include", str(header)])
    for name, lines, own in units:
        unit, made = source / f"{name}.cc", source / f"{name}.o"
        unit.write_text("\n".join([*lines, ""]))
        jobs.append([*flags, f"-I{source}", f"-DWATCH={int(watch)}", *own, "-c", str(unit), "-o", str(made)])
        objects.append(made)
    for name, path in zip(runtime, kept, strict=True):
        if not path.exists():
            jobs.append([*flags, "-c", str(verilator.root / "include" / name), "-o", str(source / path.name)])
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for job in [pool.submit(_run, [compiler, *job], log) for job in jobs]:
            job.result()
    for path in kept:
        if (source / path.name).exists():
            (source / path.name).replace(path)
    try:
        _run([compiler, "-shared", "-o", str(target), *map(str, [*objects, *kept]), *libraries], log)
    except BuildError:
        for path in kept:  # one that was cut off is not kept for the next try
            path.unlink(missing_ok=True)
        raise


def _headers(compiler: str, flags: list[str], same: bytes, folder: Path, log: Path) -> Path:
    """A header with those of every model, compiled once for all boards of the same flags: a third of their time.

    It takes 70 MB, so boards that record have none: who wants a waveform builds one or two of them. Whether signals are
    watched only the shim's own lines ask.
    """
    header = folder / f"headers-{hashlib.sha256(same).hexdigest()[:16]}.h"
    made = header.with_suffix(".h.gch")
    with _locked(header.with_suffix(".lock")):
        if not made.exists():
            header.write_text("".join(f"#include {name}\n" for name in HEADERS))
            compiled = header.with_suffix(".making")
            _run([compiler, *flags, "-x", "c++-header", str(header), "-o", str(compiled)], log)
            compiled.replace(made)
    return header


def build_board(verilog: str, *, wave: bool = False, watch: Sequence[str] = (), flags: Flags | None = None) -> Path:
    """The shared object of a virtual board, built unless it is in the cache.

    Parameters
    ----------
    verilog : str
        Verilog whose top module is `ffpga`, with the ports of the core.
    wave : bool
        Whether the board can record waveforms, which makes it slower.
    watch : sequence of str
        Signals whose values the board can count, such as "engine.walker.walker_gap".
    flags : Flags, optional
        In place of those that were found to be fastest; of a board that records, of those that are built soonest.

    Returns
    -------
    Path
        The shared object, in ``build/virtual_board/<hash>/`` beside its Verilog and a record of its build.

    Raises
    ------
    BuildError
        A program or a header is missing, or one of them refuses its input; or the folder cannot be used.
    """
    if not hasattr(os, "uname"):
        raise BuildError("the virtual board needs a Unix, such as Linux or macOS: on Windows, take WSL")
    verilator, flags = find_verilator(), flags or (Flags(compile=QUICKLY) if wave else Flags())
    key = hashlib.sha256()
    chosen = repr((VERILATE, COMPILE, flags, wave, tuple(watch)))
    shown = view_verilog(verilog) + " ".join(RECORD_WAVE) if wave else ""
    made_by = verilator.version, compiler_version(find_compiler())
    for part in (verilog, BOARD.read_text(), SHIM.read_text(), shown, *made_by, chosen, _machine(flags)):
        key.update(part.encode() + b"\0")
    cache = build_root() / "virtual_board"
    place = cache / key.hexdigest()[:16]
    if _is_whole(place):
        return place / OBJECT
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _locked(cache / f"{place.name}.lock"):  # who comes second waits for the first one's board
            if not _is_whole(place):
                _log.info("building the simulated chip, once, in %s: 10 to 90 s", place)
                _build(verilog, place, verilator, flags, wave, watch)
    except OSError as error:
        raise BuildError(
            f"cannot build in {cache} ({error.strerror}): set FFPGA_BUILD to a folder that can be written, with 100 MB"
        ) from None
    return place / OBJECT


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Holds a lock that other processes respect, too, and that goes with a process that is killed."""
    import fcntl  # there is none outside of Unix

    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_whole(place: Path) -> bool:
    """Whether a board is the one that was built: a power cut may have left less, and to load that ends the process."""
    try:
        return build_record(place / OBJECT)["sha256"] == _sha256(place / OBJECT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_board(board: Path) -> ctypes.CDLL:
    """A shared object of `build_board`; BuildError where the system does not run it."""
    try:
        return ctypes.CDLL(str(board))
    except OSError as error:
        if "undefined symbol" in str(error):
            raise BuildError(
                f"{find_compiler()} makes boards that do not load ({error}): set CXX to a C++ compiler, such as g++"
            ) from None
        raise BuildError(
            f"the virtual board does not load ({error}): FFPGA_BUILD must be a folder whose programs may run, which is "
            "not mounted noexec"
        ) from None


def _build(verilog: str, place: Path, verilator: Verilator, flags: Flags, wave: bool, watch: Sequence[str]) -> None:
    """Makes the folder `place`, whole or not at all."""
    cache = place.parent
    log = cache / f"{place.name}.log"
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=cache, prefix="making-") as temporary:
        work, done = Path(temporary, "work"), Path(temporary, "done")
        for folder in (work, done):
            folder.mkdir()
        source = done / "ffpga.v"
        source.write_text(verilog)
        extra = []
        if wave:
            view = done / "view.sv"
            view.write_text(view_verilog(verilog))
            extra += [*RECORD_WAVE, str(view)]
        if watch:
            public = done / "watch.vlt"
            names = sorted({signal.rpartition(".")[2] for signal in watch})
            rules = [f'public_flat_rd -module "*" -var "{name}"\n' for name in names]
            public.write_text("".join(["`verilator_config\n", *rules]))
            extra.append(str(public))
        command = [verilator.command, *VERILATE, *flags.verilate, *extra, "--Mdir", str(work), str(source), str(BOARD)]
        _run(command, log, env=verilator.environment)
        _compile(verilator, work, done / OBJECT, wave, bool(watch), flags.compile, log)
        load_board(done / OBJECT)  # one that does not load must not be kept
        record = {"seconds": round(time.monotonic() - begun, 1), "verilator": verilator.version}
        (done / RECORD).write_text(json.dumps({**record, "sha256": _sha256(done / OBJECT)}) + "\n")
        for written in (done / OBJECT, done / RECORD):
            with written.open("rb+") as file:
                os.fsync(file.fileno())
        shutil.rmtree(place, ignore_errors=True)
        done.rename(place)
        shutil.rmtree(work, ignore_errors=True)
    log.unlink(missing_ok=True)


def build_record(board: Path) -> dict[str, Any]:
    """`seconds` that a board of `build_board` took to build, whenever that was, and the version of `verilator`."""
    return json.loads((board.parent / RECORD).read_text())


def _machine(flags: Flags) -> str:
    """What a shared object runs on: an operating system and architecture, or one kind of processor."""
    name = " ".join(os.uname()[i] for i in (0, 4))
    return f"{name} {_processor()}" if "-march=native" in flags.compile else name


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return os.uname().nodename
    return next((line for line in lines if line.startswith("flags")), os.uname().nodename)
