"""Options that commands have together: what is typed is what a command gets, in one argument."""

import inspect
import json
from dataclasses import asdict, fields

import pytest

from ffpga import FfpgaError, NetworkConfig
from ffpga.cli.options.grouped import grouped
from ffpga.cli.options.network import NetworkOptions, parse_layers
from ffpga.driver.serial_port import BAUD

from .test_cli import run
from .test_doctor import commands

#: All but what is said of a sample.
SIZES = [field.name for field in fields(NetworkOptions) if field.name != "shape"]


def defaults(name: str) -> dict[str, object]:
    """Those of a command's options, in the order in which `--help` has them."""
    return {one.name: one.default for one in commands()[name].params}


def test_options_stand_at_the_place_of_their_argument():
    seen = []

    @grouped("both", lambda **given: given, {"x": (int, 1), "y": (int, 2)})
    def function(*, a: int = 0, both: dict[str, int], b: int = 3) -> None:
        seen.append((a, both, b))

    assert str(inspect.signature(function)) == "(*, a: int = 0, x: int = 1, y: int = 2, b: int = 3)"
    assert list(function.__annotations__) == ["a", "x", "y", "b"]
    function(a=5, x=6, y=7, b=8)
    assert seen == [(5, {"x": 6, "y": 7}, 8)]


def test_every_size_of_a_network_has_an_option():
    assert ["features", "classes", *SIZES] == [field.name for field in fields(NetworkConfig)]


def test_what_speaks_to_a_board_takes_the_rate_of_its_line():
    found = {name: defaults(name) for name, one in commands().items() if "target" in {p.name for p in one.params}}
    assert len(found) >= 10 and all(given["baud"] == BAUD for given in found.values())


@pytest.mark.parametrize("name", ["train", "verify", "wave", "generate", "info"])
def test_commands_that_take_all_sizes(name):
    found = [one for one in defaults(name) if one in SIZES]
    expected = vars(NetworkOptions())
    assert found == SIZES and {one: defaults(name)[one] for one in (*SIZES, "shape")} == expected


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        (
            "field",
            {"layers": "64,64", "lanes": 8, "weight_bits": 8, "memory_ports": 1, "recurrent": False, "fields": None},
        ),
        ("bench early-stop", {"layers": "128,128", "lanes": 8, "fields": None}),
        ("bench clocks", {"layers": "128,128", "lanes": 8, "memory_ports": None, "fields": None}),
        ("bench simulation", {"layers": "128,128", "lanes": 8, "fields": None}),
        ("bench golden", {"layers": "128,128"}),
    ],
)
def test_commands_that_take_some(name, sizes):
    assert {one: default for one, default in defaults(name).items() if one in SIZES} == sizes


@pytest.mark.parametrize(
    "sizes",
    [
        {"layers": (32, 16), "lanes": 4, "weight_bits": 16, "memory_ports": 2, "black_box": True},
        {"layers": (16, 16), "lanes": 16, "recurrent": True},
    ],
    ids=str,
)
def test_what_is_typed_arrives(sizes, tmp_path):
    words = []
    for name, value in sizes.items():
        words.append(f"--{name.replace('_', '-')}")
        if value is not True:
            words.append(",".join(map(str, value)) if name == "layers" else str(value))
    figures = tmp_path / "info.json"
    assert run("info", "--features", 20, "--classes", 4, *words, "--json", figures)[0] == 0
    found = json.loads(figures.read_text())["configuration"]
    expected = asdict(NetworkConfig(features=20, classes=4, **{"layers": (64, 64), "lanes": 8, **sizes}))
    assert found == json.loads(json.dumps(expected))


def test_an_option_that_a_command_does_not_take():
    assert run("field", "--black-box")[0] == 2
    assert run("bench", "golden", "--data", "digits", "--lanes", 16)[0] == 2


def test_layers():
    assert parse_layers("64") == (64,) and parse_layers("64,32,16") == (64, 32, 16)
    with pytest.raises(FfpgaError, match="layers must be widths with commas between them, such as 64,64, not '64;32'"):
        parse_layers("64;32")
