"""Outputs of commands: refused before the work where they cannot be, whole where they are, plain files or not."""

import errno
import importlib.util
import inspect
import json
import os
import subprocess
from pathlib import Path
from typing import get_args

import pytest
import typer
from started import SMALL, ffpga, run

from ffpga import FfpgaError, files
from ffpga.cli import train
from ffpga.cli.app import app
from ffpga.files import Output, check_folder, check_writable, write_whole

#: Options and arguments that are read, not written.
READ = {"checkpoint", "like", "weights", "bitstream", "figures", "runs", "run"}
#: What a command must be given; none of it is looked at before the outputs are.
NEEDED = {
    "target": "golden",
    "checkpoint": "none.npz",
    "like": "none.npz",
    "weights": "none.npz",
    "data": "digits",
    "board": "icebreaker",
    "bitstream": "none",
    "figures": "none",
    "runs": "a",
    "run": "a",
}


def one_line(text: str) -> str:
    assert text.startswith("ffpga: ") and text.count("\n") == 1, text
    return text


def options(group=None, before: str = ""):
    """Every option and argument of every command that is a path: (command, name, how it is given, mark)."""
    for name, one in (group or typer.main.get_command(app)).commands.items():
        if hasattr(one, "commands"):
            yield from options(one, f"{name} ")
            continue
        for parameter in inspect.signature(one.callback).parameters.values():
            if "Path" in str(parameter.annotation):
                marks = [mark for mark in get_args(parameter.annotation) if isinstance(mark, Output)]
                yield before + name, one, parameter.name, marks


def test_every_path_is_marked_as_an_output_or_read():
    found = list(options())
    assert len(found) > 30
    for name, _, parameter, marks in found:
        assert len(marks) == (parameter not in READ), f"{name}: {parameter}"


@pytest.mark.parametrize(("name", "option"), [(name, option) for name, _, option, marks in options() if marks])
def test_a_folder_for_a_file_and_a_file_for_a_folder_are_refused_before_the_work(tmp_path, monkeypatch, name, option):
    monkeypatch.chdir(tmp_path)
    ((command, mark),) = [(one, marks[0]) for at, one, of, marks in options() if (at, of) == (name, option)]
    wrong = tmp_path / "wrong.fst"
    wrong.write_text("kept") if mark.folder else wrong.mkdir()
    given: list[object] = [f"--{option}", wrong]
    for parameter in command.params:
        if parameter.required and parameter.name != option:
            given += ([f"--{parameter.name.replace('_', '-')}"] if parameter.param_type_name == "option" else []) + [
                NEEDED[parameter.name]
            ]
    status, text, error = run(*name.split(), *given)
    assert status == 2 and text == "" and f"cannot write {wrong} (" in one_line(error)
    assert sorted(tmp_path.iterdir()) == [wrong] and (not mark.folder or wrong.read_text() == "kept")
    if mark.names:
        wrong.unlink()
        (wrong / mark.names[-1]).mkdir(parents=True)
        status, text, error = run(*name.split(), *given)
        assert status == 2 and text == "" and f"cannot write {wrong / mark.names[-1]} (" in one_line(error)


@pytest.mark.parametrize("name", ["checkpoint.npz", "run.json", "run.npz", "curve.png", "report.html"])
def test_what_a_training_cannot_write_it_says_before(npz, tmp_path, monkeypatch, name):
    (tmp_path / "run" / name).mkdir(parents=True)
    monkeypatch.setattr(train, "train", None)
    status, _, error = run("train", "--data", npz, *SMALL, "--lanes", 4, "--out", tmp_path / "run", "-q")
    assert status == 2 and f"{name} (Is a directory)" in one_line(error)


def test_symlinks_stay_and_their_targets_are_whole(tmp_path):
    link, target = tmp_path / "link", tmp_path / "folder" / "target"
    link.symlink_to("folder/target")
    check_writable(link)
    assert not target.parent.exists()
    write_whole(link, b"first")  # it leads to nothing yet
    assert link.is_symlink() and target.read_bytes() == b"first"
    write_whole(link, b"second")
    assert link.is_symlink() and target.read_bytes() == b"second" and list(target.parent.iterdir()) == [target]
    (target.parent / ".target.abc").write_text("a writer that was killed")
    files.remove_parts(link)
    assert list(target.parent.iterdir()) == [target]
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for write in (check_writable, check_folder, lambda path: write_whole(path, b"")):
        with pytest.raises(FfpgaError, match=r"cannot write .*loop"):
            write(loop)


def test_a_folder_that_cannot_be_entered(tmp_path, monkeypatch):
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(files.Path, "stat", closed)
    monkeypatch.setattr(files.Path, "lstat", closed)
    for write in (check_writable, lambda path: write_whole(path, b"")):
        with pytest.raises(FfpgaError, match="Permission denied"):
            write(tmp_path / "a.json")


def test_what_is_no_file_gets_the_bytes(tmp_path):
    null, pipe, missing = Path(os.devnull), tmp_path / "pipe", tmp_path / ("n" * 250)
    os.mkfifo(pipe)
    for path in (null, pipe, missing):
        check_writable(path)
    with pytest.raises(FfpgaError, match="Not a directory"):
        check_folder(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        write_whole(pipe, b"through")
        assert reader.communicate(timeout=10)[0] == b"through"
    write_whole(null, b"gone")
    assert pipe.is_fifo() and null.is_char_device()
    write_whole(missing, b"a long name")
    assert missing.read_bytes() == b"a long name" and sorted(tmp_path.iterdir()) == sorted([missing, pipe])
    with pytest.raises(FfpgaError, match="No space left on device"):
        write_whole(Path("/dev/full"), b"x")


def test_what_is_open_is_not_begun_anew(tmp_path):
    """`--json /dev/stdout > FILE`: the figures come between what is printed, in that very file."""
    with (tmp_path / "said").open("wb") as said:
        status, _, error = ffpga(tmp_path, "info", "--json", "/dev/stdout", out=said)
    text = (tmp_path / "said").read_text()
    assert (status, error) == (0, "") and "registers" in text and '"counters": {}' in text and "\0" not in text
    assert list(tmp_path.iterdir()) == [tmp_path / "said"]


def test_a_mounted_file_is_written_in_its_place(tmp_path, monkeypatch):
    path = tmp_path / "mounted"
    path.write_text("before")

    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(files.os, "replace", busy)
    write_whole(path, b"after")
    assert path.read_bytes() == b"after" and list(tmp_path.iterdir()) == [path]


def test_names_of_what_generate_writes(tmp_path):
    pytest.importorskip("amaranth")
    small = ("--features", 4, "--classes", 2, "--layers", 2, "--lanes", 1)
    assert run("generate", "--out", tmp_path / "2-own.chip.v", *small)[0] == 0
    found = {path.name for path in tmp_path.iterdir()}
    assert found == {"2-own.chip.v", "2-own.chip.json", "2-own.chip.core", "_2_own_chip_litex.py"}
    module = importlib.util.spec_from_file_location("_2_own_chip_litex", tmp_path / "_2_own_chip_litex.py")
    assert module is not None and '"2-own.chip.v"' in (tmp_path / "_2_own_chip_litex.py").read_text()
    assert "name: ffpga:core:2-own_chip:" in (tmp_path / "2-own.chip.core").read_text()
    for name, message in (
        ("größe.v", "out must have a name of letters a to z, digits"),
        ('a"b.v', "FuseSoC reads no other"),
        ("core.json", "out must not end in .json, which is what the configuration beside it ends in"),
        ("core.core", "out must not end in .core"),
    ):
        status, _, error = run("generate", "--out", tmp_path / name, *small)
        assert status == 2 and message in one_line(error)
    (tmp_path / "new_litex.py").mkdir()
    status, _, error = run("generate", "--out", tmp_path / "new.v", *small)
    assert status == 2 and "new_litex.py (Is a directory)" in one_line(error)
    assert {path.name for path in tmp_path.iterdir()} == found | {"new_litex.py"}


def test_a_report_that_cannot_be_made_leaves_everything_else(npz, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("ffpga.report.write_report", refuse)
    figures = tmp_path / "figures.json"
    given = ("--data", npz, *SMALL, "--lanes", 4, "--out", tmp_path / "run", "--json", figures)
    status, text, error = run("train", *given)
    assert status == 2 and "cannot make" in one_line(error) and "Could not determine home directory" in error
    assert "then ffpga report" in error and "report.html" not in text
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "checkpoint.npz",
        "curve.png",
        "run.json",
        "run.npz",
    }
    assert json.loads(figures.read_text())["pairs"] > 0
    monkeypatch.undo()
    assert run("report", tmp_path / "run")[0] == 0


@pytest.mark.parametrize("way", ["full", "closed"])
def test_an_output_that_takes_nothing(tmp_path, way):
    if way == "full":
        out = os.open("/dev/full", os.O_WRONLY)
    else:
        reader, out = os.pipe()
        os.close(reader)
    try:
        for command, buffered in (("info", ""), ("info", "1"), ("--help", "")):
            status, _, error = ffpga(tmp_path, command, out=out, PYTHONUNBUFFERED=buffered)
            assert status == 1
            assert "cannot write the output" in one_line(error)
    finally:
        os.close(out)
