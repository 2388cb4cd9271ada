"""Another user's process: another folder and home, another time of day, Python's hashes in another order."""

import os
import subprocess
import sys
from pathlib import Path

from ffpga_hw.flow.environment import can_write, usual_cache


def run_elsewhere(folder: Path, code: str, *arguments: object) -> Path:
    """Runs code in a new folder, whose name is far longer than the one's that it is made in, and returns it."""
    place, home = folder / ("far" * 30) / "a b", folder / "home"
    place.mkdir(parents=True)
    home.mkdir()
    changed = {"PYTHONHASHSEED": "77", "HOME": str(home), "TMPDIR": str(home), "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    if can_write(cache := usual_cache()):  # else tools that are WebAssembly are compiled again, for minutes
        changed["XDG_CACHE_HOME"] = str(cache)
    command = [sys.executable, "-P", "-c", code, *map(str, arguments)]
    done = subprocess.run(
        command, cwd=place, env={**os.environ, **changed}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return place
