"""The examples of `host/examples` run as they stand, and reach what they are meant to show."""

import re
import runpy
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "host" / "examples"

#: Arguments of each example, and what must be in its last words: a pattern whose groups are percentages, with the
#: least that each one must be.
EXAMPLES: dict[str, tuple[tuple[str, ...], str, tuple[float, ...]]] = {
    "own_csv": ((), r": (\S+) % in the end\nthe first test sample is of class class_0", (90,)),
    "golden_to_board": (("golden",), r"(\S+) % with the same weights\ngolden: (\S+) % after learning on", (88, 92)),
    "separate_phases": ((), r"epoch 12: (\S+) % of the test", (85,)),
    "own_fields": ((), r"(\S+) % in [\d,]+ bytes\n.*\n(?:\.{8}\n){2}(?:\.{2}#{4}\.{2}\n){4}(?:\.{8}\n){2}", (90,)),
    "field": ((), r"in the end: (\S+) % of the moved test samples", (80,)),
    "custom_transport": ((), r"(\S+) % after 2,874 pairs", (85,)),
    "silent": (
        (),
        r"layer 1: \d+ of 64 neurons .*; (\S+) % of them at a time\nlayer 2: \d+ of 64 .*; (\S+) %",
        (10, 3),
    ),
    "watch": (
        (),
        r"as ever: .* 0 %, 0 %\nanother pace: \d+ windows, alarms in fifths of them (\S+) %, .* 1?\d %$",
        (50,),
    ),
    "read_out": ((), r"read-out of activities: (\S+) % from 50", (80,)),
}


def test_every_example_is_run():
    assert {path.stem for path in FOLDER.glob("*.py")} == EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name, capsys, monkeypatch, tmp_path):
    path = FOLDER / f"{name}.py"
    assert len(path.read_text().splitlines()) < 60
    arguments, pattern, least = EXAMPLES[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(path), *arguments])
    runpy.run_path(str(path), run_name="__main__")
    said = capsys.readouterr().out
    found = re.search(pattern, said)
    assert found, said
    assert all(float(value) >= limit for value, limit in zip(found.groups(), least, strict=True)), said
    assert {one.name for one in tmp_path.iterdir()} <= {"build"}, "an example leaves nothing behind"
    if name == "read_out":
        of_pixels = re.search(r"read-out of pixels: (\S+) %", said)
        assert float(found[1]) > float(of_pixels[1])
