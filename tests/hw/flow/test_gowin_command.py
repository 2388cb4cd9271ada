"""`ffpga synth` and what follows it for a Tang Nano: its bitstream, and one line for each tool that goes wrong.

The design is a small one in the place of the core; where a tool goes wrong, it is one of the test's own.
"""

import json
import os
import time

import pytest
from typer.testing import CliRunner

from ffpga.cli.app import app
from ffpga_hw.boards.table import board
from ffpga_hw.flow import placement, stored, synth, tools

from .multiplier import multiplier

#: A netlist with a block of one table, as yosys would write it.
NETLIST = {"modules": {"top": {"cells": {"core": {"type": "$scopeinfo"}, "core.a": {"type": "LUT4"}}}}}

#: Lines of nextpnr's log: what a design takes, and a router at work.
TAKES = "Info: \t LUT4: %d/ 8640\nInfo: \t ALU: 1300/ 6480\nInfo: \t BSRAM: %d/ 26\n"
ROUTES = "Info:      22000 |      458      19932 |   42   892 |     10136|       4.97      81.06|\n"


def command(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def small(monkeypatch):
    """A small design in the place of each board's core."""
    monkeypatch.setattr(synth, "generate_top", lambda made, config: multiplier(made))


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """Puts programs in the place of all tools: their lines of shell by name; yosys is there already."""
    monkeypatch.setattr(synth, "generate_top", lambda made, config: "module top; endmodule")
    folder = tmp_path / "tools"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(tools.sys, "executable", str(folder / "python"))

    def put(**programs: str) -> None:
        for name, text in {"yosys": f"echo '{json.dumps(NETLIST)}' > netlist.json", **programs}.items():
            path = folder / name.replace("_himbaechel", "-himbaechel")
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)

    return put


def synth_of(name: str, place) -> tuple[str, str]:
    """The one line that `ffpga synth` ends with, and the log of place and route."""
    status, out, err = command("synth", "--board", name, "--out", place)
    assert status == 2 and err.startswith("ffpga: ") and err.count("\n") == 1, (out, err)
    log = place / "nextpnr-himbaechel.log"
    return err.removeprefix("ffpga: ").strip(), log.read_text() if log.exists() else ""


# The way to a bitstream -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["tangnano9k", pytest.param("tangnano20k", marks=pytest.mark.all)])
def test_from_a_board_s_name_to_its_flash(name, small, monkeypatch, tmp_path):
    """`synth` of its own network, `synth-check` of the figures that this left, `flash` of the bitstream."""
    made, out, table = board(name), tmp_path / "run", tmp_path / "stored.json"
    table.write_text(json.dumps(dict.fromkeys(stored.BUILDS)))
    monkeypatch.setattr(stored, "PATH", table)
    status, said, err = command("synth", "--board", name, "--out", out)
    assert status == 0, (said, err)
    assert f"on {made.title}, {made.chip.name} at {made.clock_hz / 1e6:g} MHz" in said and "too slow" not in said
    figures = json.loads((out / "figures.json").read_text())
    assert figures["configuration"] == json.loads(made.preset.to_json())
    assert (figures["dsp"], figures["dsp_total"]) == (1, made.chip.dsp)
    bitstream = out / "top.fs"
    assert figures["bitstream"] == str(bitstream) and bitstream.read_text().startswith("1" * 80)

    given = ("--board", name, "--figures", out / "figures.json")
    assert command("synth-check", *given, "--store")[0] == 0
    assert stored.load()[name] == {figure: figures[figure] for figure in (*stored.STORED, *stored.ORIGIN)}
    assert command("synth-check", *given)[0] == 0

    loader, done = tmp_path / "openFPGALoader", tmp_path / "done"
    loader.write_text(f'#!/bin/sh\necho "$@" > {done}\n')
    loader.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    assert command("flash", "--board", name, "--bitstream", bitstream)[0] == 0
    assert done.read_text() == f"-b {name} -f {bitstream}\n"


# What goes wrong ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "sizes", "message"),
    [
        (
            "tangnano9k",
            ("--layers", "200,32", "--fields", "4,3,1"),
            "weights must fit 4,096 words of 8 x 8 bits (16 block RAMs of 2 KiB) on Tang Nano 9K, not 4,679: take "
            "layers 200,8",
        ),
        (
            "tangnano20k",
            ("--layers", "256,256"),
            "weights must fit 9,216 words of 8 x 8 bits (38 block RAMs of 2 KiB) on Tang Nano 20K, not 33,664: take "
            "layers of at most 88 neurons",
        ),
        (
            "tangnano9k",
            ("--layers", 24, "--lanes", 24),
            "lanes must be at most 20 on Tang Nano 9K, not 24: a GW1NR-9 has 20",
        ),
    ],
)
def test_a_network_that_does_not_fit(name, sizes, message, tmp_path):
    """Which memory, by how much, and the largest network that does; before any tool runs."""
    status, _, err = command("synth", "--board", name, *sizes, "--out", tmp_path / "run")
    assert status == 2 and err.count("\n") == 1 and message in err, err
    assert not (tmp_path / "run").exists()


def test_a_missing_packer(fake, tmp_path):
    """Before the minutes of synthesis and placing."""
    fake(nextpnr_himbaechel="exit 1")
    message, log = synth_of("tangnano9k", tmp_path / "run")
    assert message.startswith("gowin_pack must be on the PATH or installed: pip install 'ffpga[fpga]', or apycula")
    assert not log and not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("takes", "needs"),
    [
        ((8000, 26), "9,300 of 8,640 logic cells: take fewer lanes"),
        ((7000, 27), "27 of 26 block RAMs: take narrower layers, fewer lanes"),
        ((8000, 27), "9,300 of 8,640 logic cells, 27 of 26 block RAMs: take narrower layers, fewer lanes"),
    ],
)
def test_more_than_there_is(fake, tmp_path, takes, needs):
    fake(nextpnr_himbaechel=f"printf '{TAKES % takes}'; echo 'ERROR: Unable to place'; exit 1", gowin_pack="")
    message, _ = synth_of("tangnano9k", tmp_path / "run")
    assert message.startswith(f"the design must fit a GW1NR-9, but needs {needs}, or a larger board")
    assert (tmp_path / "run" / "blocks.png").exists()


def test_a_router_that_fails(fake, tmp_path):
    says = f"printf '{TAKES % (7000, 26)}'; echo '{ROUTES}'; echo 'ERROR: Failed to route arc 0 of net x'; exit 1"
    fake(nextpnr_himbaechel=says, gowin_pack="")
    message, log = synth_of("tangnano20k", tmp_path / "run")
    kept = tmp_path / "run" / "nextpnr-himbaechel.log"
    assert message == f"nextpnr-himbaechel failed: Failed to route arc 0 of net x (all of it: {kept})"
    assert ROUTES in log


def test_a_router_that_does_not_end(fake, monkeypatch, tmp_path):
    """It is stopped, and what it said is kept."""
    monkeypatch.setattr(placement, "PLACING_LIMIT", 1.5)
    fake(nextpnr_himbaechel=f"echo '{ROUTES}'; exec sleep 60", gowin_pack="")
    begun = time.monotonic()
    message, log = synth_of("tangnano20k", tmp_path / "run")
    assert time.monotonic() - begun < 30
    assert message.startswith("nextpnr-himbaechel must end within 0.025 minutes, but did not: try another --seed or")
    assert str(tmp_path / "run" / "nextpnr-himbaechel.log") in message and ROUTES in log


def test_a_packer_that_fails(fake, tmp_path):
    """The line is the last one of what it said, of which all is kept."""
    places = """echo '{"fmax": {}, "utilization": {}, "critical_paths": []}' > report.json; touch top.sdf"""
    says = "echo 'Traceback (most recent call last):'; echo 'Exception: conflicting settings'; exit 1"
    fake(nextpnr_himbaechel=places, gowin_pack=says)
    message, _ = synth_of("tangnano9k", tmp_path / "run")
    kept = tmp_path / "run" / "gowin_pack.log"
    assert message == f"gowin_pack failed: Exception: conflicting settings (all of it: {kept})"
    assert kept.read_text().startswith("Traceback")
