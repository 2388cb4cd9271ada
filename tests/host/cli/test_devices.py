"""First contact with a board: what answers at which port, and that no size has to be typed."""

import json

import pytest
from typer.testing import CliRunner

from ffpga import NetworkConfig
from ffpga.cli.app import app
from ffpga.fields import windows
from ffpga.look.console import console
from ffpga_golden import GoldenDevice
from testbenches.trust.hostile.lost import behind_terminal


def run(*arguments) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(word) for word in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.stdout.split()), result.stderr


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    """Tables are not wrapped, whatever the terminal."""
    monkeypatch.setattr(console, "width", 200)


@pytest.fixture
def no_ports(monkeypatch):
    monkeypatch.setattr("serial.tools.list_ports.comports", list)


def test_devices(config, tmp_path, no_ports):
    figures = tmp_path / "devices.json"
    with behind_terminal(GoldenDevice(config)) as target:
        port = target.removeprefix("serial:")
        status, text, _ = run("devices", "--port", port, "--port", "/dev/none", "--json", figures)
        assert status == 0 and f"{target} " in text and str(config) in text and "No such file" in text
        found = {one["port"]: one for one in json.loads(figures.read_text())["ports"]}
        assert found[port]["device"] == str(config) and found["/dev/none"]["device"] is None
    assert (
        run("devices", "--port", "loop://")[:2] != (0, "")
        and "nothing answers" in run("devices", "--port", "loop://")[1]
    )
    status, text, _ = run("devices")
    assert status == 1 and "no serial port: connect a board" in text


def test_a_training_keeps_its_port(config, no_ports):
    """Nobody else talks to a device that is in use."""
    from ffpga import open_device

    with behind_terminal(GoldenDevice(config)) as target, open_device(target, config) as device:
        status, text, _ = run("devices", "--port", target.removeprefix("serial:"))
        assert status == 1 and "another program has it" in text
        assert run("info", "--target", target)[0] == 2
        device.counters()


def test_sizes_are_the_boards(config, npz, tmp_path):
    with behind_terminal(GoldenDevice(config)) as target:
        given = ("--target", target, "--data", npz)
        status, text, _ = run("train", *given, "--epochs", 1, "--out", tmp_path / "run", "--json", tmp_path / "j")
        assert status == 0 and str(config) in text
        figures = json.loads((tmp_path / "j").read_text())
        assert figures["configuration"]["layers"] == [24, 16] and figures["configuration"]["lanes"] == 4
        assert " --layers 24,16 --lanes 4 " in " ".join(figures["command"]) and "--baud" not in figures["command"]
        status, text, _ = run("verify", *given, "--pairs", 20)
        assert status == 0 and "equal" in text
        assert str(config) in run("info", "--target", target)[1]
        status, _, error = run("train", *given, "--layers", "64,64", "--out", tmp_path / "other")
        assert status == 2 and "not the configuration asked for" in error  # what is typed is meant
        status, _, error = run("verify", "--target", target, "--data", "digits", "--pairs", 2)
        assert status == 2 and "the device holds (37-24-16" in error and "(64-24-16" in error


def test_the_commands_of_a_new_board():
    """Those of hw/porting.md: `verify` and `train` at a board with two-port memory need no word of it."""
    board = NetworkConfig(features=64, classes=10, layers=(16, 16), lanes=8, memory_ports=2)
    with behind_terminal(GoldenDevice(board)) as target:
        assert str(board) in run("info", "--target", target)[1]
        status, text, _ = run("verify", "--target", target, "--data", "digits", "--pairs", 20)
        assert status == 0 and "equal" in text


def test_receptive_fields_are_the_boards(tmp_path):
    over = windows("8x8", 2, 2, 2)
    config = NetworkConfig(features=64, classes=10, layers=(32, 8), lanes=8, fields=(over.fields, None))
    with behind_terminal(GoldenDevice(config)) as target:
        status, text, _ = run("verify", "--target", target, "--data", "digits", "--pairs", 10)
        assert status == 0 and "equal" in text
        status, text, _ = run("info", "--target", target)
        assert status == 0 and "in 4 fields of 16 inputs" in text
        status, _, error = run("info", "--target", target, "--shape", "64")
        assert status == 2 and "no windows over 64: give the shape" in error


@pytest.mark.parametrize("baud", ["0", "100000001"])
def test_rates(baud, tmp_path):
    for command in (("info",), ("save", "--out", tmp_path / "board.npz")):
        status, _, error = run(*command, "--target", "serial:loop://", "--baud", baud)
        assert status == 2 and "baud" in error
