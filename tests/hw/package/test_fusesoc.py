"""FuseSoC takes the core file up: Verilator reads a core, and a top of one's own around another one learns."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ffpga_golden import NetworkConfig
from ffpga_hw.flow.generate import generate
from ffpga_sim.tools import find_program, find_verilator

EXAMPLE = Path(__file__).parents[3] / "hw" / "examples" / "own_top"
OWN = NetworkConfig(features=16, classes=2, layers=(16,), lanes=8)


def fusesoc(place: Path, roots: list[Path], target: str, system: str, *steps: str) -> str:
    """What a run says, of these steps or of all; AssertionError where it fails. The home is a folder of the test's."""
    verilator = find_verilator()
    path = os.pathsep.join((str(verilator.root / "bin"), os.environ["PATH"]))
    env = {**verilator.environment, "PATH": path, "HOME": str(place)}
    env = {name: value for name, value in env.items() if not name.startswith("XDG_")}
    arguments = [f"--cores-root={root}" for root in roots]
    arguments += ["run", *steps, f"--work-root={place / 'work'}", f"--target={target}", system]
    command = [sys.executable, "-m", "fusesoc.main", *arguments]
    done = subprocess.run(command, cwd=place, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_core_of_byte_streams(tmp_path):
    find_program("make")
    generate(NetworkConfig(features=4, classes=2, layers=(2,), lanes=1), tmp_path / "core" / "mine.v")
    said = fusesoc(tmp_path, [tmp_path / "core"], "lint", "ffpga:core:mine")
    assert "%Error" not in said and "verilator -f" in said


@pytest.fixture
def top(tmp_path) -> tuple[Path, list[Path], str, str]:
    """The example `hw/examples/own_top` and a core for it: what `fusesoc` needs."""
    generate(OWN, tmp_path / "core" / "ffpga.v", "axi")
    return tmp_path, [tmp_path / "core", EXAMPLE], "sim", "ffpga:examples:own_top"


def test_a_top_of_ones_own_is_built(top, tmp_path):
    """On Icarus Verilog; that it learns then, `tests/docs/test_walks.py` has with the same files."""
    fusesoc(*top, "--setup", "--build")
    files = [path.read_bytes() for path in (tmp_path / "work").rglob("*") if path.is_file()]
    (built,) = [text for text in files if b":ivl_version" in text[:200]]
    assert b"own_top_tb" in built


@pytest.mark.all
def test_a_top_of_ones_own_learns(top):
    """As its page says."""
    said = fusesoc(*top)
    found = re.search(r"own_top: (\d+) of (\d+) right after \d+ clocks", said)
    assert found, said
    assert int(found[2]) == 32 and int(found[1]) >= 30
