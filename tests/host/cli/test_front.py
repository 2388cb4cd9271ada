"""What a stranger meets first: the version, short help, words in place of codes, where things are built, examples."""

import logging
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ffpga
from ffpga.cli.app import app
from ffpga.cli.programs import found, says
from ffpga_golden.registers import registers
from ffpga_sim import build

from .test_cli import run
from .test_doctor import commands

ROOT = Path(__file__).parents[3]


def test_the_version_is_the_projects():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert ffpga.__version__ == version
    assert run("--version") == (0, f"ffpga {version}\n", "")


@pytest.mark.parametrize("name", ["", "bench", *commands()])
def test_help_is_short_for_help_and_flags_have_no_type(name):
    asked, spelt = (CliRunner().invoke(app, [*name.split(), word], env={"COLUMNS": "120"}) for word in ("-h", "--help"))
    assert asked.exit_code == 0 and asked.stdout == spelt.stdout
    assert "<bool>" not in asked.stdout


def test_help_is_short_for_help_whoever_asked_first():
    """Also for a command that was used without the group around it, as documents and other programs may."""
    commands()["flash"].make_context("flash", [], resilient_parsing=True)
    assert CliRunner().invoke(app, ["flash", "-h"]).exit_code == 0


def test_a_hash_is_whole_in_80_columns(npz, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, said, _ = run("train", "--data", npz, "--layers", "8,8", "--epochs", 1, "--out", tmp_path / "run")
    _, told, _ = run("info", "--checkpoint", tmp_path / "run" / "checkpoint.npz")
    for text in (said, told):
        (line,) = [line for line in text.splitlines() if line.startswith("weights_sha256")]
        assert len(line.split()[1]) == 64 and len(line) <= 80


def test_info_has_words_for_codes():
    said = dict(line.split(maxsplit=1) for line in run("info")[1].splitlines() if "  " in line)
    assert said["objective"] == "contrast" and said["negative_policy"] == "hard" and said["rounding"] == "dither"
    assert said["polarity"] == "sum of squares" and said["learning_rate"] == "17"
    names = {register.name for register in registers(ffpga.NetworkConfig(features=64))}
    assert names <= said.keys()


def test_a_build_says_where_it_is(caplog, monkeypatch, tmp_path):
    monkeypatch.setenv("FFPGA_BUILD", str(tmp_path))
    monkeypatch.setattr(build, "_build", lambda *arguments: None)
    with caplog.at_level(logging.INFO, "ffpga"):
        place = build.build_board("module ffpga; endmodule").parent
    assert place.parent == tmp_path / "virtual_board"
    assert caplog.messages == [f"building the simulated chip, once, in {place}: 10 to 90 s"]


def test_examples_are_listed_and_copied(tmp_path):
    paths = found()
    there = {path.stem for kind in ("*.py", "*.ipynb") for path in (ROOT / "host" / "examples").rglob(kind)}
    assert paths.keys() == there | {"own_top", "litex"}
    said = run("examples")[1]
    for name, path in paths.items():
        assert len(says(path)) > 20 and f"{says(path)}\n" in said, name
    assert run("examples", "all", "--out", tmp_path)[0] == 0
    assert {one.name for one in tmp_path.iterdir()} == {path.name for path in paths.values()}
    assert (tmp_path / "own_csv.py").read_bytes() == paths["own_csv"].read_bytes()
    assert (tmp_path / "own_top" / "own_top.v").exists()
    status, _, error = run("examples", "own_csv", "--out", tmp_path)
    assert status == 2 and "exists, and is not written over: give another --out" in error
    assert "there is no example nothing: ffpga examples lists them" in run("examples", "nothing")[2]


def test_the_wheel_has_them():
    made = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    held = {place for place in made["force-include"] if "ffpga/examples" in made["force-include"][place]}
    assert held == {"host/examples", "hw/examples"}
    assert all(
        path.is_relative_to(ROOT / "host/examples") or path.parent == ROOT / "hw/examples" for path in found().values()
    )
