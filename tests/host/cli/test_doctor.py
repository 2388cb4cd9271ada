"""What helps a user at the command line: examples in the help, completion by the shell, a look at the tools."""

import json
import os
import shlex
import subprocess
import sys

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from ffpga import doctor
from ffpga.cli.app import app
from ffpga.cli.boards.synth import BOARD_NAMES
from ffpga.cli.options import completion
from ffpga.cli.options.examples import EXAMPLES
from ffpga.training.options import TrainingOptions


def commands(group=None, before: str = "") -> dict:
    """Every command by its name, `bench accuracy` too."""
    found = {}
    for name, one in (group or typer.main.get_command(app)).commands.items():
        found |= commands(one, f"{name} ") if hasattr(one, "commands") else {before + name: one}
    return found


def test_every_command_has_examples():
    assert EXAMPLES.keys() == commands().keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_good_and_shown(name):
    """Their options exist and take those values; the help shows them whole."""
    command = commands()[name]
    result = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "120"})
    assert result.exit_code == 0
    for typed, does in EXAMPLES[name]:
        words = shlex.split(typed)
        assert " ".join(words).startswith(name)
        context = command.make_context(name, words[len(name.split()) :])
        if name in ("train", "verify"):
            TrainingOptions(**{key: value for key, value in context.params.items() if key in vars(TrainingOptions())})
        assert f"ffpga {typed}" in result.stdout and does in result.stdout


def test_boards_are_known_without_the_hardware_package():
    from ffpga_hw.boards.table import BOARDS

    assert tuple(BOARDS) == BOARD_NAMES


def completed(*words: str) -> list[str]:
    """What bash would offer for the last word."""
    line = {"COMP_WORDS": shlex.join(words[:-1]) + f" {words[-1]}", "COMP_CWORD": str(len(words) - 1)}
    environment = {**os.environ, **line, "_FFPGA_COMPLETE": "complete_bash"}
    done = subprocess.run([sys.executable, "-m", "ffpga"], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_shell_completes():
    assert completed("ffpga", "tr") == ["train"]
    assert completed("ffpga", "train", "--negatives", "r") == ["random", "replay"]


def test_values_are_completed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("sensor.csv", "set.npz", "sat.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sets").mkdir()
    assert completion.data("d") == ["digits"]
    assert completion.data("s") == ["sensor.csv", "set.npz", "sets/"]
    assert completion.data("mnist:s") == ["mnist:sets/"]
    assert completion.data("serial:x") == []
    assert completion.targets("g") == ["golden"] and completion.targets("ser")[0].startswith("serial:")


@pytest.fixture
def wide(monkeypatch):
    """A terminal wide enough for a line each."""
    monkeypatch.setattr("ffpga.cli.doctor.console", Console(width=200, highlight=False))


def doctored(tmp_path) -> tuple[int, str, dict]:
    result = CliRunner().invoke(app, ["doctor", "--json", str(tmp_path / "tools.json")])
    found = json.loads((tmp_path / "tools.json").read_text())["tools"]
    return result.exit_code, result.stdout, {one["name"]: one for one in found}


def test_the_doctor_finds_what_is_there(tmp_path, wide):
    import numpy

    status, text, found = doctored(tmp_path)
    assert status == 0 and "essential and missing" not in text
    assert found["numpy"]["version"] == numpy.__version__ in text
    assert found["verilator"]["version"] and found["C++ compiler"]["version"] and found["iverilog"]["version"]
    assert all(one["needed"] in text for one in found.values())


@pytest.mark.parametrize("present", [True, False])
def test_the_doctor_knows_the_tools_of_every_family(present, tmp_path, monkeypatch, wide):
    """Placers and packers are Python packages beside this Python, or missing, and then `ffpga[fpga]` brings them."""
    from ffpga_hw.boards.table import BOARDS
    from ffpga_hw.flow.tools import PACKAGES

    monkeypatch.setenv("PATH", str(tmp_path))
    if not present:
        monkeypatch.setattr(doctor.sys, "executable", str(tmp_path / "python"))
    *_, found = doctored(tmp_path)
    for chip in {made.chip for made in BOARDS.values()}:
        family = {"ice40": "iCE40", "ecp5": "ECP5", "gowin": "Gowin"}[chip.family]
        for tool in (chip.placer, chip.packer):
            assert found[tool]["needed"] == f"ffpga synth, {family}"
            assert (PACKAGES[tool] in (found[tool]["version"] or "")) == present, found[tool]
            assert found[tool]["remedy"] == (None if present else "pip install 'ffpga[fpga]'")


def test_the_doctor_says_what_is_missing(tmp_path, monkeypatch, wide):
    """An optional tool costs no status, an essential one does."""
    present = doctor.importlib.util.find_spec
    gone = {"numba"}
    find_spec = lambda name: None if name in gone else present(name)  # noqa: E731
    monkeypatch.setattr(doctor.importlib.util, "find_spec", find_spec)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    status, text, found = doctored(tmp_path)
    assert status == 0
    for name, remedy in [
        ("numba", "pip install 'ffpga[fast]'"),
        ("iverilog", "apt-get install iverilog"),
        ("C++ compiler", "apt-get install g++"),
        ("zlib.h", "apt-get install zlib1g-dev"),
    ]:
        assert found[name]["version"] is None and found[name]["remedy"] == remedy and f"missing: {remedy}" in text
    gone.add("matplotlib")
    status, text, found = doctored(tmp_path)
    assert status == 1 and "essential and missing: matplotlib" in text and found["matplotlib"]["essential"]
