"""All commands in the documents are run, in a short form; those that cannot be are parsed. See `commands.py`."""

import gzip
import re
import struct
import subprocess
import sys
import textwrap
import tomllib
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer
from commands import READ, ROOT, SHORT, Found, all_commands, found_in, read_only, same, shortened, words
from typer.testing import CliRunner

import ffpga
from ffpga.cli.app import app
from ffpga_hw.boards.table import BOARDS

COMMANDS = all_commands()
#: Those that are run: what several documents have, or has the same short form, is run once.
ONCE = list({shortened(found.text) or found.text: found for found in reversed(COMMANDS)}.values())[::-1]
HERE = "tests/docs/commands.py"


def commands(group=None, before: str = "") -> dict:
    """Every command of ffpga by its name, `bench accuracy` too."""
    found = {}
    for name, one in (group or typer.main.get_command(app)).commands.items():
        found |= commands(one, f"{name} ") if hasattr(one, "commands") else {before + name: one}
    return found


def invoke(text: str) -> str:
    """Runs `ffpga ...` in this process; returns what it said."""
    result = CliRunner().invoke(app, words(text)[1:])
    assert result.exit_code == 0, (text, result.stdout, result.stderr, result.exception)
    return result.stdout


def _mnist(folder: Path) -> None:
    """MNIST's four files, of a few images in which a bar tells the label."""
    random = np.random.RandomState(0)
    for start, count in (("train", 60), ("t10k", 20)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        images = random.randint(0, 64, (count, 28, 28)).astype(np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[2 * label : 2 * label + 3] = 255
        for name, kind, array in (("images-idx3", 3, images), ("labels-idx1", 1, labels)):
            head = struct.pack(f">I{array.ndim}I", 0x800 | kind, *array.shape)
            (folder / f"{start}-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Data and runs for the commands to work on."""
    where = {name: tmp_path_factory.mktemp(name) for name in ("mnist", "runs", "out", "data")}
    _mnist(where["mnist"])
    random = np.random.RandomState(1)
    y = np.arange(90) % 3
    x = random.randint(0, 256, (3, 16))[y] + random.randint(0, 40, (90, 16))
    table = where["data"] / "sensor.csv"
    table.write_text("".join(",".join(map(str, [*row, label])) + "\n" for row, label in zip(x, y, strict=True)))
    where["csv"] = table
    square = where["data"] / "square.npz"
    np.savez(square, x=np.minimum(x, 255).astype(np.uint8), y=y)
    rows = ((value, person, word) for person, word in product("abc", ("rest", "walk")) for value in random.rand(40))
    motion = "ax,person,activity\n" + "".join(f"{value:.3f},{person},{word}\n" for value, person, word in rows)
    (where["data"] / "motion.csv").write_text(motion)
    for name in ("a", "b"):
        invoke(f"ffpga train --data {square} --layers 8,8 --epochs 2 --out {where['runs'] / name}")
    return where


@pytest.fixture(autouse=True)
def bash(monkeypatch) -> None:
    """The shell whose completion is shown, whatever has started the tests."""
    monkeypatch.setattr("shellingham.detect_shell", lambda *arguments: ("bash", "/bin/bash"))


@pytest.mark.parametrize("found", ONCE, ids=lambda found: f"{found.document}: {found.text}")
def test_command(found: Found, places, monkeypatch, tmp_path, request):
    monkeypatch.chdir(tmp_path)
    program, *rest = words(found.text)
    short = shortened(found.text)
    if program == "make":
        _make(rest)
    elif program == "pip":
        _pip(found.text)
    elif rest[:2] == ["-m", "pytest"]:
        _pytest(rest[2:], [item.nodeid for item in request.session.items])
    elif program.endswith("python"):
        _python(rest if short is None else words(short.format(**places))[1:])
    elif short is not None:
        invoke(short.format(**places))
    elif read_only(found.text):
        _parse(found)
    elif found.text.removeprefix("ffpga").strip() in {"", "bench", *commands()}:
        invoke(f"{found.text} --help")
    else:
        pytest.fail(
            f"{found.document} has the command `{found.text}`, which no test runs: add a line with a short form of it "
            f"to SHORT in {HERE} (or to READ, with the reason why it cannot be run)",
            pytrace=False,
        )


def _parse(found: Found) -> None:
    """Its options exist and take those values."""
    text = found.text.replace("NAME", "icebreaker").replace("my-board", "icebreaker")
    name = max((one for one in commands() if f"{text} ".startswith(f"ffpga {one} ")), key=len)
    arguments = words(text)[1 + len(name.split()) :]
    context = commands()[name].make_context(name, arguments)
    board = context.params.get("board")
    assert not isinstance(board, str) or board in BOARDS


def _make(rest: list[str]) -> None:
    """The target exists, and make knows how it is reached."""
    result = subprocess.run(["make", "-n", *rest], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert rest, "a target is named"


def _pip(text: str) -> None:
    """Extras are the project's own; a pinned package is the one that the Makefile installs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for extra in re.findall(r"\[(\w+)\]", text):
        assert extra in project["optional-dependencies"], extra
    for pinned in re.findall(r"\w+==[\d.]+", text):
        assert pinned in (ROOT / "Makefile").read_text()


def _pytest(rest: list[str], collected: list[str]) -> None:
    """Tests that are named exist: among those that this run has collected, or pytest is asked."""
    place, *options = rest
    there = [name for name in collected if name.startswith((f"{place}/", f"{place}::"))]
    if options:
        option, said = options
        assert option == "-k", rest
        there = [name for name in there if all(word in name for word in said.split(" and "))]
    if not there:
        _python(["-m", "pytest", "--collect-only", "-q", "-n", "0", *rest])


def _python(rest: list[str]) -> None:
    """Scripts run."""
    result = subprocess.run([sys.executable, *rest], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, (result.stdout, result.stderr)


def test_the_python_of_the_first_run(monkeypatch, tmp_path):
    """As it stands, but on the golden model and for one epoch."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "host" / "docs" / "first-run.md").read_text()
    (block,) = re.findall(r"## From Python\n\n((?:    .*\n)+)", text)
    assert block.count('"sim"') == block.count("epochs=5") == 1
    code = textwrap.dedent(block).replace('"sim"', '"golden"').replace("epochs=5", "epochs=1")
    *lines, last = code.strip().splitlines()
    held: dict = {}
    exec("\n".join(lines), held)
    assert 0.5 < eval(last, held) < 1


@pytest.mark.parametrize("document", ["README.md", "host/docs/sklearn.md", "host/docs/normal.md"])
def test_the_estimators_of_the_documents(document, monkeypatch, tmp_path):
    """Their lines as they stand, on made samples."""
    text = (ROOT / document).read_text()
    blocks = [one for one in re.findall(r"\n\n((?:    .*\n)+)", text) if "ForwardForward" in one]
    assert len(blocks) == 1
    monkeypatch.chdir(tmp_path)
    random = np.random.RandomState(0)
    y = np.array(["rest", "walk"])[np.arange(60) % 2]
    x = random.randn(60, 3) + 3 * (y == "walk")[:, None]
    parts = {"X": x[:40], "y": y[:40], "X_test": x[40:], "y_test": y[40:], "X_normal": x[:40], "ffpga": ffpga}
    pd.DataFrame(x, columns=["a", "b", "c"]).assign(label=y).to_csv("sensor.csv", index=False)
    for block in blocks:
        held = {**parts, "X_later": x[40:], "y_later": y[40:]}
        exec(textwrap.dedent(block), held)
        assert held["chip"].n_features_in_ == 3


def test_the_tables_have_no_command_that_is_gone():
    there = {same(found.text) for found in COMMANDS}
    gone = [text for text in (*SHORT, *READ) if same(text) not in there]
    assert not gone, f"no document has these commands any more: take them out of {HERE}"


def test_commands_are_found():
    """Blocks, fences, spans, lists; and not what is none."""
    text = (
        "Say `make demo`, or `ffpga\ntrain --epochs 3`, not `ffpga.train(chip)`.\n\n"
        "    ffpga info     shows it\n    x = 1\n\n```sh\nffpga doctor\n```\n"
    )
    assert found_in(text) == ["ffpga info", "ffpga doctor", "make demo", "ffpga train --epochs 3"]
    assert len(COMMANDS) > 60
