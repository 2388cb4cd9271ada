"""The guides from end to end, as a reader goes through them: with a table, a board at a port, a core in Verilog."""

import re
import shutil
import subprocess
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import ROOT, found_in, words
from typer.testing import CliRunner

from ffpga.cli.app import app
from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_hw.boards.table import BOARDS
from testbenches.trust.hostile.lost import behind_terminal

ICEBREAKER = (ROOT / "host" / "docs" / "boards" / "icebreaker.md").read_text()


@pytest.fixture
def table(monkeypatch, tmp_path) -> Path:
    """`sensor.csv` of 13 columns and three labels, and `new.csv` without labels, where the commands are run."""
    monkeypatch.chdir(tmp_path)
    random = np.random.RandomState(0)
    y = np.arange(90) % 3
    x = pd.DataFrame(random.randn(90, 13) + y[:, None], columns=[f"value {n}" for n in range(13)])
    x.assign(label=np.array(["idle", "pumping", "dry"])[y]).to_csv("sensor.csv", index=False)
    x.to_csv("new.csv", index=False)
    return tmp_path


def run(text: str) -> str:
    result = CliRunner().invoke(app, words(text)[1:])
    assert result.exit_code == 0, (text, result.stdout, result.stderr, result.exception)
    return result.stdout


def sections(text: str, *beginnings: str) -> list[str]:
    """Commands in the blocks of the sections whose heads begin so, in their order."""
    found: list[str] = []
    for beginning in beginnings:
        (section,) = (part for part in re.split(r"^## ", text, flags=re.MULTILINE) if part.startswith(beginning))
        found += [line for line in found_in(section) if line.startswith("ffpga ") and "--" in line]
    return found


def test_the_icebreaker_learns_a_table(table):
    """Its page from the table to the saved weights; the board is a golden device of the size that the page makes."""
    commands = sections(ICEBREAKER, "5. Your own table", "6. Save the weights")
    (synth,) = (line for line in commands if line.startswith("ffpga synth"))
    said = re.search(r"such as `([\d-]+), (\d) classes", ICEBREAKER)
    assert said and said[1] == "65-32-32" and f"--features 65 --classes {said[2]} --layers 32,32" in synth
    device = GoldenDevice(NetworkConfig(features=65, classes=3, layers=(32, 32), lanes=8))
    with behind_terminal(device) as target:
        done = []
        for line in commands:
            if line.split()[1] not in ("synth", "flash"):
                out = run(line.replace("serial:/dev/ttyUSB1", target) + (" --epochs 2" if " train " in line else ""))
                done.append((line.split()[1], out))
    assert [name for name, _ in done] == ["train", "train", "eval", "save", "restore", "predict"]
    assert "65-32-32, 3 classes, 8 lanes" in done[0][1]
    answers = pd.read_csv("said.csv")
    assert len(answers) == 90 and set(answers["label"]) <= {"idle", "pumping", "dry"}


def test_a_core_in_a_system_of_ones_own(monkeypatch, tmp_path):
    """The front page's three lines, from the project's folder."""
    text = (ROOT / "README.md").read_text().partition("**In my SoC.**")[2]
    block = re.search(r"\n\n((?:    .*\n)+)", text)
    assert block and block[1].count("\n") == 3
    lines = textwrap.dedent(block[1]).splitlines()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hw").symlink_to(ROOT / "hw")
    run(lines[0])
    assert shutil.which("iverilog"), "make test installs it"
    for line in lines[1:]:
        said = subprocess.run(line, shell=True, capture_output=True, text=True, check=True).stdout
    right, of = map(int, re.findall(r"own_top: (\d+) of (\d+) right", said)[0])
    assert right > 0.9 * of


@pytest.mark.parametrize("board", ["icebreaker", "tangnano9k", "ulx3s-25f"])
def test_a_guide_has_the_clock_and_the_bitstream_of_its_board(board):
    """Those that the table of boards says."""
    pages = (path.read_text() for path in (ROOT / "host" / "docs" / "boards").glob("*.md"))
    (text,) = (page for page in pages if f"ffpga synth --board {board} " in page)
    made = BOARDS[board]
    assert f"ffpga flash --board {board} --bitstream build/board/{made.chip.bitstream}\n" in text
    assert re.search(rf"ffpga selftest --target serial:\S+ --clock {made.clock_hz / 1e6:g}\n", text)
