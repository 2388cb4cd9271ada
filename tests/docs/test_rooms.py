"""Arrows point down, in the code and in the map that the host's README gives of it."""

import re
from functools import cache

import pytest
from rooms import (
    FLOORS,
    MOST,
    ROOT,
    Arrow,
    arrows,
    between_packages,
    between_rooms,
    circles,
    crowded,
    modules,
    namesakes,
    package_of,
    room_of,
    without_floor,
)

TEXTS = modules()


@cache
def every_arrow() -> list[Arrow]:
    """All arrows of the project."""
    return arrows(TEXTS)


def test_all_is_looked_at():
    assert {package_of(name) for name in TEXTS} == {
        "ffpga_golden", "ffpga_hw", "ffpga_sim", "ffpga", "testbenches", "formal",
    }  # fmt: skip
    assert {package_of(arrow.source) for arrow in every_arrow()} == {package_of(name) for name in TEXTS}
    assert Arrow("ffpga.training.loop", "ffpga.driver.device") in every_arrow()
    assert Arrow("ffpga.driver.opening", "ffpga_sim.__init__", inside=True) in every_arrow()


def test_packages():
    assert not between_packages(every_arrow())


def test_rooms():
    assert not without_floor(TEXTS)
    assert not between_rooms(every_arrow())


@pytest.mark.parametrize("folders", [False, True], ids=["modules", "folders"])
def test_circles(folders):
    assert not circles(every_arrow(), folders)


def test_folders_are_small():
    assert not crowded(TEXTS)


def test_names():
    assert not namesakes(TEXTS)


def test_the_map_of_the_host():
    """Its README has every room, the lowest first, with the rooms that it imports; each has a README of its own."""
    text = (ROOT / "host" / "README.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)/`\]\((\S+)\) \| [^|]+ \|([\w, ]*)\| `(\w+\.py)` \|$", text, re.MULTILINE)
    floors = FLOORS["ffpga"]
    rooms = [room for rooms in floors for room in rooms if f"ffpga.{room}" not in TEXTS]
    assert [row[0] for row in rows] == rooms
    for room, path, said, start in rows:
        assert path == f"ffpga/{room}/README.md" and (ROOT / "host" / path).is_file()
        assert f"ffpga.{room}.{start.removesuffix('.py')}" in TEXTS
        found = {
            room_of(arrow.target)
            for arrow in every_arrow()
            if arrow.source.startswith(f"ffpga.{room}.") and package_of(arrow.target) == "ffpga"
        }
        assert [other for other in rooms if other in found - {room}] == re.findall(r"\w+", said), room


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ({"ffpga_golden.config": "import ffpga_hw.core"}, "must not import ffpga_hw"),
        ({"ffpga_hw.flow.fit": "from ffpga.errors import FfpgaError"}, "must not import ffpga"),
        ({"ffpga.driver.opening": "from ffpga_hw.core import Core"}, "ffpga_hw outside of a function"),
        ({"ffpga.driver.opening": "from ffpga_hw import core"}, "ffpga_hw outside of a function"),
        ({"ffpga.driver.opening": "if True:\n    import ffpga_hw.core"}, "ffpga_hw outside of a function"),
        ({"ffpga.driver.opening": "def f():\n    from ffpga_hw.core import Core"}, None),
        ({"ffpga_golden.config": "def f():\n    from ffpga_hw.core import Core"}, "must not import ffpga_hw"),
        ({"ffpga.driver.opening": "import numpy, ffpga_golden.config"}, None),
        ({"formal.walk": "from ffpga_hw.core import Core\nfrom ffpga.errors import FfpgaError"}, None),
    ],
)
def test_planted_between_packages(texts, wrong):
    found = between_packages(arrows({name: "" for name in TEXTS} | texts))
    assert found == [] if wrong is None else len(found) == 1 and found[0].endswith(wrong), found


@pytest.mark.parametrize(
    ("texts", "wrong"),
    [
        ({"ffpga.training.loop": "from ..record.answers import Answers"}, "record is not below training"),
        ({"ffpga.training.loop": "def f():\n    from ..record import answers"}, "record is not below training"),
        ({"ffpga.look.live": "from ..report.page import Page"}, "report is not below look"),
        ({"ffpga.bench.speed.link": "from ...cli.app import app"}, "cli is not below bench"),
        ({"ffpga.files": "from . import train"}, "ffpga is not below files"),
        ({"ffpga_hw.link.walk": "import ffpga_hw.bus.ports"}, "bus is not below link"),
        ({"ffpga.record.answers": "from ..training.options import TrainingOptions"}, None),
        ({"ffpga.record.answers": "from .beliefs import label_goodness"}, None),
        ({"ffpga.__init__": "from .training.loop import train"}, None),
    ],
)
def test_planted_between_rooms(texts, wrong):
    found = between_rooms(arrows({name: "" for name in TEXTS} | texts))
    assert found == [] if wrong is None else len(found) == 1 and wrong in found[0], found


def test_planted_room():
    """A new room, or a file beside the rooms, needs a floor."""
    assert without_floor([*TEXTS, "ffpga.attic.old", "ffpga.train"]) == ["ffpga.attic", "ffpga.train"]


def test_planted_circles():
    apart = {"ffpga.data.idx": "from .npz import read_npz", "ffpga.data.npz": "", "ffpga.data.__init__": ""}
    assert not circles(arrows(apart))
    assert circles(arrows({**apart, "ffpga.data.npz": "def f():\n    from . import idx"})) != []
    assert circles(arrows({**apart, "ffpga.data.npz": "import ffpga.data", "ffpga.data.__init__": "from . import npz"}))
    rooms = {
        "formal.a.one": "from ..b import two",
        "formal.b.two": "",
        "formal.b.three": "import formal.a.four",
        "formal.a.four": "",
    }
    assert not circles(arrows(rooms)) and circles(arrows(rooms), folders=True)


def test_planted_names_and_crowds():
    assert not crowded(f"ffpga.data.m{n}" for n in range(MOST))
    assert crowded(f"ffpga.data.m{n}" for n in range(MOST + 1)) == [f"ffpga.data has {MOST + 1} modules"]
    assert not crowded(["ffpga.data.__init__", *(f"ffpga.data.m{n}" for n in range(MOST))])
    for name in ("ffpga.record.record", "ffpga.record.run_record", "ffpga.cli.cli_train"):
        assert namesakes([name])
    assert not namesakes(["ffpga.data.dataset", "ffpga.record.stored", "ffpga.wave.waveform", "ffpga_hw.bus.bus"])
