"""The folder that virtual boards are built in: refused in a line, and what is damaged there is built again."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ffpga.wave.signals import Recording
from ffpga_golden import NetworkConfig
from ffpga_sim import VirtualBoard, build
from ffpga_sim.build import BuildError, Flags, build_board
from ffpga_sim.tools import build_root, compiler_version, find_verilator

CONFIG = NetworkConfig(features=2, classes=2, layers=(2,), lanes=1)
QUICKLY = Flags(compile=build.QUICKLY)
#: A module with the core's ports and nothing in it: built in seconds.
EMPTY = """module ffpga(input clk, input rst, input [7:0] i_payload, input i_valid, output i_ready,
                        output [7:0] o_payload, output o_valid, input o_ready);
    assign i_ready = 1; assign o_payload = i_payload; assign o_valid = i_valid;
endmodule
"""


def copied(source: str, target: str) -> None:
    """Copies a file, but links compiled headers, which are large and never changed."""
    (os.link if source.endswith(".gch") else shutil.copy2)(source, target)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a board in it, and what other tests' boards have compiled of Verilator's run time."""
    folder = tmp_path_factory.mktemp("made")
    compiled = build_root() / "virtual_board" / "runtime"
    if compiled.exists():
        shutil.copytree(compiled, folder / "virtual_board" / "runtime")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FFPGA_BUILD", str(folder))
        build_board(EMPTY, flags=QUICKLY)
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    """A copy of it, in which boards are built by this test."""
    shutil.copytree(made, tmp_path / "build", copy_function=copied)
    monkeypatch.setenv("FFPGA_BUILD", str(tmp_path / "build"))
    return tmp_path / "build"


@pytest.mark.parametrize("damage", ["empty", "cut", "no record"])
def test_a_damaged_board_is_built_again(folder, monkeypatch, damage):
    board = next(folder.glob("virtual_board/*/board.so"))
    whole = board.read_bytes()
    if damage == "no record":
        (board.parent / "build.json").write_text("")
    else:
        board.write_bytes(b"" if damage == "empty" else whole[: len(whole) // 2])
    built = []

    def make(verilog: str, place: Path, *_: object) -> None:
        built.append(place)
        (place / "board.so").write_bytes(whole)

    monkeypatch.setattr(build, "_build", make)
    assert build_board(EMPTY, flags=QUICKLY) == board and built == [board.parent]
    if damage != "no record":
        assert build_board(EMPTY, flags=QUICKLY) == board and len(built) == 1


def test_a_run_time_that_was_cut_is_compiled_again(folder, monkeypatch):
    """Objects that all boards share are linked as they are: where that fails they are not there for the next try."""
    run = build._run
    board = build_board(EMPTY, flags=QUICKLY)
    shutil.rmtree(board.parent)
    kept = {path: path.read_bytes() for path in folder.glob("virtual_board/runtime/verilated-*.o")}
    for path, whole in kept.items():
        path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BuildError, match=r" failed: .* \(all of it: .*\.log\)"):
        build_board(EMPTY, flags=QUICKLY)
    (gone,) = (path for path in kept if not path.exists())

    def compile_soon(command: list[str], *given: object, **options: object) -> None:
        """What the compiler made of it before, without the time to make it again."""
        if command[-3:-1] == [str(find_verilator().root / "include" / "verilated.cpp"), "-o"]:
            Path(command[-1]).write_bytes(kept[gone])
        else:
            run(command, *given, **options)

    monkeypatch.setattr(build, "_run", compile_soon)
    assert build_board(EMPTY, flags=QUICKLY) == board and board.exists()
    assert len(gone.read_bytes()) > len(kept[gone]) // 2


def test_a_board_that_is_whole_is_not_built_again(folder, monkeypatch):
    monkeypatch.setattr(build, "_build", None)
    board = build_board(EMPTY, flags=QUICKLY)
    assert json.loads((board.parent / "build.json").read_text())["seconds"] > 0
    with VirtualBoard(CONFIG, verilog=EMPTY, flags=QUICKLY) as chip:
        chip.write(b"a\0")
        assert chip.read(2, 1.0) == b"a\0"


def test_another_compiler_makes_another_board(folder, tmp_path, monkeypatch):
    """A C compiler links no C++: its board does not load, is not kept, and is in nobody's way."""
    good = build_board(EMPTY, flags=QUICKLY)
    script = tmp_path / "cc"
    # What gcc would make of C++, without the time to compile it.
    script.write_text(
        "#!/bin/sh\n"
        'case " $* " in *" -shared "*) ;; *" -c "*) exit 0;; *) exec c++ "$@";; esac\n'
        'while [ "$1" != -o ]; do shift; done\n'
        "echo 'int missing(); int board() { return missing(); }' | exec c++ -x c++ -shared -fPIC -o \"$2\" -\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("CXX", str(script))
    before = sorted(folder.glob("virtual_board/*/board.so"))
    with pytest.raises(BuildError, match=r"cc makes boards that do not load .*: set CXX to a C\+\+ compiler"):
        build_board(EMPTY, flags=QUICKLY)
    assert sorted(folder.glob("virtual_board/*/board.so")) == before
    monkeypatch.delenv("CXX")
    assert build_board(EMPTY, flags=QUICKLY) == good


def test_a_compiler_that_does_not_run(tmp_path, folder, monkeypatch):
    broken = tmp_path / "c++"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    with pytest.raises(BuildError, match=r"needs a C\+\+ compiler that runs, .*c\+\+ does not"):
        build_board(EMPTY, flags=QUICKLY)
    assert compiler_version(shutil.which("c++")).count("\n") == 0


@pytest.mark.parametrize("way", ["file", "full", "full later"])
def test_a_folder_that_takes_nothing(tmp_path, monkeypatch, way):
    place = tmp_path / "build"
    monkeypatch.setenv("FFPGA_BUILD", str(place))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if way == "file":
        place.write_text("")
    elif way == "full":
        monkeypatch.setattr(build.tempfile, "TemporaryDirectory", lambda **_: (_ for _ in ()).throw(full))
    else:
        monkeypatch.setattr(build, "_run", lambda *_, **__: (_ for _ in ()).throw(full))
    reason = "Not a directory|File exists" if way == "file" else "No space left on device"
    with pytest.raises(BuildError, match=rf"cannot build in .* \(({reason})\): set FFPGA_BUILD to a folder"):
        build_board(EMPTY, flags=QUICKLY)


def test_a_folder_whose_programs_may_not_run(folder, monkeypatch):
    def refuse(path: str) -> None:
        raise OSError(f"{path}: failed to map segment from shared object: Operation not permitted")

    monkeypatch.setattr(build.ctypes, "CDLL", refuse)
    with pytest.raises(BuildError, match=r"does not load .*not mounted noexec"):
        VirtualBoard(CONFIG, verilog=EMPTY, flags=QUICKLY)


def test_without_a_unix(monkeypatch):
    """Windows has neither fcntl nor uname; to install something would not help."""
    from ffpga import FfpgaError, open_device

    monkeypatch.delattr(os, "uname")
    with pytest.raises(FfpgaError, match=r"the virtual board needs a Unix.*on Windows, take WSL"):
        open_device("sim", CONFIG)
    code = "import sys; sys.modules['fcntl'] = None; import ffpga_sim"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_recordings_go_where_a_path_leads(tmp_path, monkeypatch):
    """A symlink stays, what is no file stays, a folder's name need not be text."""
    monkeypatch.setenv("FFPGA_BUILD", str(build_root()))
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    folder.mkdir()
    link, pipe = folder / "link.fst", folder / "pipe.fst"
    link.symlink_to(folder / "target.fst")
    os.mkfifo(pipe)
    with VirtualBoard(CONFIG, verilog=EMPTY, flags=QUICKLY, wave=link) as board:
        for path in (link, Path(os.devnull), pipe):
            reader = subprocess.Popen(["cat", os.fsencode(pipe)], stdout=subprocess.PIPE) if path == pipe else None
            board.trace(path)
            board.advance(10)
            board.stop_trace()
            if reader:
                assert len(reader.communicate(timeout=10)[0]) > 100
    assert link.is_symlink() and (folder / "target.fst").stat().st_size > 100
    pytest.importorskip("pywellen")
    assert "TOP.clk" in Recording(link).names
    assert pipe.is_fifo() and not Path(os.devnull).is_file()
