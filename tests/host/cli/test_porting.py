"""The commands of hw/porting.md as they are printed, at a board that is the entry of that page."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ffpga.cli.app import app
from ffpga_golden import GoldenDevice, NetworkConfig
from testbenches.trust.hostile.lost import behind_terminal

PAGE = (Path(__file__).parents[3] / "hw" / "porting.md").read_text()


@pytest.mark.parametrize(("name", "more"), [("info", ()), ("verify", ("--tests", "8")), ("train", ())])
def test_a_board_that_was_ported(name, more, tmp_path):
    (preset,) = re.findall(r"preset=(NetworkConfig\(.*\)),$", PAGE, re.MULTILINE)
    (line,) = re.findall(rf"^    ffpga ({name} --target serial:.*)$", PAGE, re.MULTILINE)
    config = eval(preset, {"NetworkConfig": NetworkConfig})
    assert config.memory_ports == 2
    out = ("--out", str(tmp_path / "run"), "--epochs", "1") if name == "train" else ()
    with behind_terminal(GoldenDevice(config)) as target:
        words = shlex.split(line.replace("serial:/dev/ttyUSB0", target))
        result = CliRunner().invoke(app, [*words, *more, *out])
    assert result.exit_code == 0, (result.stdout, result.stderr)
    assert name == "train" or {"info": "2-port memory", "verify": "equal serial:"}[name] in result.stdout, result.stdout
