"""The commands `ffpga synth` and `ffpga flash`: figures, exit status, and one line for each fault."""

import json
import os

import pytest
from typer.testing import CliRunner

from ffpga.cli.app import app
from ffpga.cli.boards import synth as cli_synth
from ffpga_golden import NetworkConfig
from ffpga_hw.families.ice40 import Ice40Chip
from ffpga_hw.flow import synth
from ffpga_hw.flow.placement import TRIES

from .elsewhere import run_elsewhere
from .multiplier import multiplier


def command(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("synth", "--board", "de0"), "board must be one of"),
        (("synth", "--board", "icebreaker", "--layers", "256,256"), "take layers of at most 136 neurons"),
        (("synth", "--board", "icebreaker", "--layers", "wide"), "layers must be widths with commas"),
        (("synth", "--board", "icebreaker", "--lanes", "7"), "lanes must divide every layer width"),
        (("synth", "--board", "tangnano9k", "--line", "spi"), "no pins for SPI are known"),
        (("synth", "--board", "icesugar", "--clock", "40"), "clock must be 48 or 36 MHz on iCESugar, not 40"),
        (("flash", "--board", "icebreaker", "--bitstream", "absent.bin"), "bitstream absent.bin must be a file"),
    ],
)
def test_refused_on_one_line(arguments, message):
    status, out, err = command(*arguments)
    assert status == 2 and err.startswith("ffpga: ") and err.count("\n") == 1 and message in err, (out, err)


def test_flash_needs_its_tool(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "top.bin").write_bytes(b"")
    status, _, err = command("flash", "--board", "icebreaker", "--bitstream", tmp_path / "top.bin")
    assert status == 2 and "flash needs openFPGALoader on the PATH: install" in err


@pytest.mark.parametrize(("name", "options"), [("upduino-v3", "-b ice40_generic -c ft232"), ("ulx3s-85f", "-b ulx3s")])
def test_flash(monkeypatch, tmp_path, name, options):
    loader, said, bitstream = tmp_path / "openFPGALoader", tmp_path / "said", tmp_path / "top.bit"
    loader.write_text(f'#!/bin/sh\necho "$@" > {said}\n')
    loader.chmod(0o755)
    bitstream.write_bytes(b"")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert command("flash", "--board", name, "--bitstream", bitstream)[0] == 0
    assert said.read_text() == f"{options} -f {bitstream}\n"


def test_a_board_with_a_drive_of_its_own(tmp_path):
    (tmp_path / "top.bin").write_bytes(b"")
    status, _, err = command("flash", "--board", "icesugar", "--bitstream", tmp_path / "top.bin")
    said = f"ffpga: iCESugar must be written by a copy of {tmp_path / 'top.bin'} to its USB drive iCELink: openFPGALoad"
    assert status == 2 and err.startswith(said) and err.count("\n") == 1, err


def test_flash_finds_the_last_build(monkeypatch, tmp_path):
    """The board's own, whatever its line; runs that did not end, and other boards', are none."""
    loader, said = tmp_path / "openFPGALoader", tmp_path / "said"
    loader.write_text(f'#!/bin/sh\necho "$@" > {said}\n')
    loader.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(synth, "BUILDS", tmp_path / "synth")
    status, _, err = command("flash", "--board", "icebreaker")
    assert status == 2 and "icebreaker has no bitstream in" in err and "ffpga synth --board icebreaker" in err
    config = NetworkConfig(features=5, layers=(4,), lanes=4)
    for age, (name, board, line) in enumerate(
        (
            ("icebreaker-1", "icebreaker", "uart"),
            ("icebreaker-spi-2", "icebreaker", "spi"),
            ("icebreaker-3", "x", "uart"),
        )
    ):
        place = tmp_path / "synth" / name
        place.mkdir(parents=True)
        figures = {"board": board, "line": line, "timing_met": line == "uart", "fmax_mhz": 30.5, "target_mhz": 36.0}
        (place / "figures.json").write_text(json.dumps({**figures, "configuration": json.loads(config.to_json())}))
        (place / "top.bin").write_bytes(b"")
        os.utime(place / "top.bin", (1e9 + age, 1e9 + age))
    (tmp_path / "synth" / "icebreaker-4").mkdir()
    (tmp_path / "synth" / "icebreaker-4" / "figures.json").write_text("{")
    status, out, err = command("flash", "--board", "icebreaker")
    last = tmp_path / "synth" / "icebreaker-spi-2" / "top.bin"
    assert status == 0 and said.read_text() == f"-b ice40_generic -f {last}\n", err
    assert f"{last}, made 2001-09-" in out and "5-4, " in out and "line spi" in out and "too slow" in out


def test_a_slow_design_ends_with_status_3_and_its_figures(monkeypatch, tmp_path):
    """With the small design in the place of the core, and a clock of the test's choice."""
    monkeypatch.setattr(synth, "generate_top", lambda made, config: multiplier(made))
    monkeypatch.setattr(Ice40Chip, "fmax", lambda chip, achieved, folder: (35.9, {}))
    figures, out = tmp_path / "figures.json", tmp_path / "new" / "folder"
    found = command("synth", "--board", "icebreaker", "--features", 64, "--seed", 5, "--out", out, "--json", figures)
    assert found[0] == 3 and "too slow" in found[1] and "next: " not in found[1], found
    assert found[1].endswith("try another --seed, --clock 36 or fewer lanes\n"), found[1]
    stages = ("generate (1 of 5)", "synthesise (2 of 5)", "place and route", "pack (4 of 5)", "report (5 of 5)")
    assert all(f"\n{stage}" in found[1] for stage in stages), found[1]  # where there is no terminal, too
    kept = json.loads(figures.read_text())
    assert kept == json.loads((out / "figures.json").read_text())
    assert kept.keys() >= {"fmax_mhz", "cells", "cells_total", "bram", "dsp", "spram", "bitstream", "seed", "tools"}
    assert (kept["seed"], kept["fmax_mhz"], kept["configuration"]["features"]) == (5, 35.9, 64)
    assert set(kept["seconds"]) == {"generate", "synthesise", "place and route", "pack", "report"}
    assert NetworkConfig.from_json((out / "configuration.json").read_text()).features == 64


def test_further_seeds_are_tried_where_none_is_asked_for(monkeypatch, tmp_path):
    """Until one just reaches the board's clock."""
    reached = iter([47.5, 48.0])
    monkeypatch.setattr(synth, "generate_top", lambda made, config: multiplier(made))
    monkeypatch.setattr(Ice40Chip, "fmax", lambda chip, achieved, folder: (next(reached), {}))
    figures = tmp_path / "figures.json"
    found = command("synth", "--board", "icebreaker", "--features", 64, "--out", tmp_path, "--json", figures)
    assert found[0] == 0 and "too slow" not in found[1], found
    assert found[1].endswith(f"next: ffpga flash --board icebreaker --bitstream {tmp_path / 'top.bin'}\n")
    assert "\nseed 1 reaches 47.5 MHz of 48 MHz: trying seed 2\n" in found[1]
    kept = json.loads(figures.read_text())
    assert (kept["seed"], kept["fmax_mhz"], kept["tried"]) == (2, 48.0, {"1": 47.5, "2": 48.0})


@pytest.mark.parametrize(
    ("asked", "reached", "status", "said"),
    [
        ((), {48: 48.1}, 0, "48.1 MHz of 48"),
        ((), {48: 40.0, 36: 36.5}, 0, "48 MHz missed: 40.0 MHz reached, trying 36 MHz"),
        ((), {48: 40.0, 36: 35.9}, 3, "the board's clock is 36 MHz"),
        (("--clock", 36), {36: 50.0}, 0, "50.0 MHz of 36"),
        (("--clock", 48), {48: 40.0}, 3, "try another --seed or fewer lanes"),
        (("--seed", 4), {48: 40.0}, 3, "try another --seed, --clock 36 or fewer lanes"),
        (("--few-bits",), {36: 36.5}, 0, "36.5 MHz of 36"),
    ],
)
def test_a_slower_clock_is_taken_where_the_board_has_one(monkeypatch, tmp_path, asked, reached, status, said):
    """At once, where the network's stored figures are of that; of what is asked for there is no other one."""
    tried = []

    def make(made, config, place, seed, *, tries=1):
        clock = made.clock_hz / 1e6
        tried.append((clock, tries))
        found = {"target_mhz": clock, "fmax_mhz": reached[clock], "timing_met": reached[clock] >= clock}
        words = {key: 0 for word in synth.WORDS for key in (word, f"{word}_total")}
        return {**words, **found, "critical_path": "", "seconds": {}, "bitstream": f"{place}/top.bin"}

    monkeypatch.setattr(cli_synth, "make_bitstream", make)
    found = command("synth", "--board", "icebreaker", *asked, "--out", tmp_path, "--json", tmp_path / "figures.json")
    assert found[0] == status and said in found[1], found
    assert tried == [(clock, 1 if "--seed" in asked else TRIES) for clock in reached]
    kept = json.loads((tmp_path / "figures.json").read_text())
    assert kept["fmax_mhz"] == [*reached.values()][-1]


def test_a_design_that_does_not_fit(monkeypatch, tmp_path):
    """More flip-flops than there are, in shift registers that differ by where they are fed back from."""
    text = """module top(input clk, rx, output tx, led);
        wire [59:0] out; genvar n;
        for (n = 0; n < 60; n = n + 1) begin
            reg [99:0] shift = 0; always @(posedge clk) shift <= {shift, rx ^ shift[n + 30]};
            assign out[n] = shift[99];
        end
        assign tx = ^out; assign led = 1;
    endmodule"""
    monkeypatch.setattr(synth, "generate_top", lambda made, config: text)
    status, _, err = command("synth", "--board", "icebreaker", "--features", 64, "--out", tmp_path)
    assert status == 2 and "ffpga: the design must fit an iCE40UP5K, but needs" in err and "logic cells" in err, err
    assert (tmp_path / "blocks.png").exists()


@pytest.mark.all  # a small design is made twice in `test_synth.py`, and the core's Verilog in `test_generate.py`
@pytest.mark.parametrize("name", ["icebreaker", "ulx3s-25f", "tangnano9k"])
def test_a_core_becomes_the_same_bitstream_in_two_folders(name, tmp_path):
    asked = ("synth", "--board", name, "--features", 5, "--classes", 2, "--layers", "8,8", "--lanes", 2, "--seed", 1)
    assert command(*asked, "--out", tmp_path / "here")[0] == 0
    other = run_elsewhere(tmp_path, "from ffpga.cli.main import main; main()", *asked, "--out", "there") / "there"
    here, there = (json.loads((folder / "figures.json").read_text()) for folder in (tmp_path / "here", other))
    assert {**here, "bitstream": "", "seconds": {}} == {**there, "bitstream": "", "seconds": {}}
    assert len(here["bitstream_sha256"]) == 64
