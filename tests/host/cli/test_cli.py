"""The command line: figures, files, exit status, and one line for each fault."""

import gzip
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from typer.testing import CliRunner

import ffpga
from ffpga import NetworkConfig
from ffpga.cli.app import app
from ffpga_golden import GoldenDevice

KEYS = {"accuracy", "pairs", "clocks", "floor_clocks", "seconds", "weights_sha256"}


def run(*arguments: object) -> tuple[int, str, str]:
    """(exit status, stdout, stderr)"""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def refused(*arguments: object) -> str:
    """The one line of a refused command."""
    status, out, err = run(*arguments)
    assert status == 2, (status, out, err)
    assert err.startswith("ffpga: ") and err.count("\n") == 1, err
    assert "Traceback" not in out + err
    return err


SMALL = ("--layers", "24,16", "--lanes", "4")

#: What a run leaves.
LEFT = ["checkpoint.npz", "curve.png", "report.html", "run.json", "run.npz"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory, monkeypatch):
    """Runs of no name get one below the working directory."""
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))


def test_train_eval_info(npz, tmp_path):
    out, figures = tmp_path / "run", tmp_path / "figures.json"
    status, text, _ = run("train", "--data", npz, *SMALL, "--epochs", 4, "--out", out, "--json", figures)
    assert status == 0 and "epoch   4" in text
    found = json.loads(figures.read_text())
    assert found.keys() >= KEYS
    assert found["accuracy"] >= 0.8 and found["pairs"] == 4 * 72
    assert found["configuration"]["layers"] == [24, 16] and found["options"]["epochs"] == 4
    assert len(found["epochs"]) == 4
    assert sorted(entry.name for entry in out.iterdir()) == LEFT
    assert (out / "curve.png").read_bytes().startswith(b"\x89PNG")

    status, text, _ = run("eval", "--checkpoint", out / "checkpoint.npz", "--data", npz, "--json", figures)
    again = json.loads(figures.read_text())
    assert status == 0
    assert (again["accuracy"], again["weights_sha256"]) == (found["accuracy"], found["weights_sha256"])

    status, text, _ = run("info", "--checkpoint", out / "checkpoint.npz", "--target", "golden", "--json", figures)
    held = json.loads(figures.read_text())
    assert status == 0 and "37-24-16, 3 classes, 4 lanes" in text
    assert held["weights_sha256"] == found["weights_sha256"] and held["epoch"] == 4
    assert held["configuration"] == found["configuration"]


def test_the_same_seed_gives_the_same_weights_with_any_lanes(npz, tmp_path):
    sums = set()
    for lanes in (1, 4, 8):
        run("train", "--data", npz, "--layers", "24,16", "--lanes", lanes, "--epochs", 1, "--json", tmp_path / "j")
        sums.add(json.loads((tmp_path / "j").read_text())["weights_sha256"])
    assert len(sums) == 1
    run("train", "--data", npz, *SMALL, "--epochs", 1, "--seed", 1, "--json", tmp_path / "j")
    assert json.loads((tmp_path / "j").read_text())["weights_sha256"] not in sums


def test_verify(npz, tmp_path, monkeypatch):
    figures = tmp_path / "figures.json"
    status, text, _ = run("verify", "--target", "golden", "--data", npz, *SMALL, "--pairs", 30, "--json", figures)
    assert status == 0 and "equal golden and golden after 30 pairs" in " ".join(text.split())
    assert json.loads(figures.read_text())["equal"] is True

    infer = GoldenDevice._infer
    monkeypatch.setattr("ffpga.driver.opening.GoldenDevice", type("Wrong", (GoldenDevice,), {
        "_infer": lambda self, payload: bytes((infer(self, payload)[0] ^ 1,)) + infer(self, payload)[1:]
    }))  # fmt: skip
    status, text, _ = run("verify", "--target", "golden", "--data", npz, *SMALL, "--pairs", 3, "--json", figures)
    assert status == 1 and "different golden and golden: inference of test sample 0" in " ".join(text.split())
    assert json.loads(figures.read_text())["equal"] is False


def test_generate(tmp_path):
    path = tmp_path / "new" / "core.v"
    status, text, _ = run("generate", "--out", path, "--features", 9, "--classes", 3, "--layers", 4, "--lanes", 2)
    assert status == 0 and "core.json" in text.replace("\n", "")
    config = NetworkConfig.from_json(path.with_suffix(".json").read_text())
    assert config == NetworkConfig(features=9, classes=3, layers=(4,), lanes=2)
    assert path.read_text().count("module ffpga(") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--layers", "64,60"), "lanes must divide every layer width, not 8 into 60: take 64"),
        (("train", "--layers", "64,x"), "layers must be widths with commas between them, such as 64,64, not '64,x'"),
        (("train", "--layers", "64,0"), "layer width must be 1 to 1024, not 0"),
        (("train", "--layers", "8,8,8,8,8"), "layers must be 1 to 4 widths, not 5"),
        (("train", "--lanes", "65"), "lanes must be 1 to 64, not 65"),
        (("train", "--weight-bits", "9"), "weight_bits must be 8 or 16, not 9"),
        (("train", "--epochs", "0"), "epochs must be 1 to 1000000, not 0"),
        (("train", "--objective", "best"), "objective must be contrast or threshold, not 'best'"),
        (("train", "--phases", "separate"), "phases can be separate only with objective threshold"),
        (("train", "--target", "moon"), "target must be golden, sim, serial:PORT or spi:URL, not 'moon'"),
        (("train", "--target", "serial:/dev/none"), "serial port '/dev/none' cannot be opened"),
        (("train", "--data", "none.csv"), "data file none.csv does not exist: check the path"),
        (
            ("train", "--data", "digit"),
            "data must be digits, mnist:DIRECTORY, openml:NAME, FILE.npz or FILE.csv, not 'digit'",
        ),
        (("train", "--data", "mnist:none"), "none is no folder"),
        (("train", "--wave", "a.fst"), "waveforms need target sim, not golden"),
        (("train", "--json", "/dev/null/a.json", "--epochs", "1", "--layers", "8"), "cannot write /dev/null/a.json"),
        (("eval", "--checkpoint", "none.npz"), "checkpoint none.npz does not exist"),
        (("generate", "--classes", "1"), "classes must be 2 to 32, or 0 for unlabelled data, not 1"),
        (("generate", "--features", "1001"), "features must be 1 to 1000, not 1001"),
        (("generate", "--bus", "pci"), "bus must be bytes or axi, not 'pci': choose one of them"),
        (("generate", "--layers", "1024,1024", "--lanes", "1"), "weights must fit 65,536 words"),
        (("generate", "--out", "/dev/null/a.v", "--layers", "8"), "cannot write /dev/null/a.v"),
        (("info", "--layers", "7"), "lanes must divide every layer width, not 8 into 7"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_faults(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(*arguments)
    assert not list(tmp_path.iterdir())


def csv(rows: list[str]) -> bytes:
    return "\n".join(["a,b,label", *rows]).encode()


def idx(magic: int, shape: tuple[int, ...], size: int) -> bytes:
    return struct.pack(f">I{len(shape)}I", magic, *shape) + bytes(size)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (csv(["1,2,0", "3,inf,1"]), "b must be finite, not inf (line 3): correct it or leave it empty"),
        (csv(["1,2,0", "3,1"]), "every line must have 3 columns, not 2 (line 3)"),
        (csv([f"1,2,{n}" for n in range(33)]), "label must have 2 to 32 classes, not 33 (0, 1, 2, 3, 4, 5, 6, 7, ...)"),
        (csv(["1,2,0", "3,1,0"]), "label must have 2 to 32 classes, not one, '0', in all 2 samples"),
        (csv(["1,2,0", "3,x,1"]), "b must be a number, not 'x' (line 3)"),
    ],
)
def test_data_faults(content, message, tmp_path):
    (tmp_path / "a.csv").write_bytes(content)
    assert message in refused("train", "--data", tmp_path / "a.csv", "--out", tmp_path / "run")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def test_a_truncated_idx(tmp_path):
    folder = tmp_path / "mnist"
    folder.mkdir()
    for part in ("train", "t10k"):
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(0x803, (10, 2, 2), 40))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(0x801, (10,), 10)))
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(0x803, (10, 2, 2), 39))
    assert "t10k-images-idx3-ubyte is truncated: 55 bytes, its header says 56" in refused(
        "train", "--data", f"mnist:{folder}"
    )


def test_a_checkpoint_of_other_data(npz, tmp_path):
    run("train", "--data", npz, *SMALL, "--epochs", 1, "--out", tmp_path)
    message = refused("eval", "--checkpoint", tmp_path / "checkpoint.npz", "--data", "digits")
    assert "coding pixels needs 37 features (feature 1, feature 2," in message


@pytest.fixture
def serial_board():
    """A pseudo-terminal with a golden device behind it, or with nothing."""
    opened = []

    def make(config):
        ours, theirs = pty.openpty()
        stop = threading.Event()
        device = GoldenDevice(config) if config is not None else None

        def serve():
            os.set_blocking(ours, False)
            while not stop.is_set():
                try:
                    data = os.read(ours, 4096)
                except BlockingIOError:
                    data = b""
                if device is None or not data:
                    time.sleep(0.0005)
                    continue
                device.write(data)
                answer = device.read(1 << 20)
                while answer:
                    try:
                        answer = answer[os.write(ours, answer) :]
                    except BlockingIOError:
                        time.sleep(0.0005)

        thread = threading.Thread(target=serve)
        thread.start()
        opened.append((stop, thread, ours, theirs))
        return f"serial:{os.ttyname(theirs)}"

    yield make
    for stop, thread, *files in opened:
        stop.set()
        thread.join()
        for file in files:
            os.close(file)


def test_a_serial_board(serial_board, npz, tmp_path):
    config = NetworkConfig(features=37, classes=3, layers=(24, 16), lanes=4)
    target = serial_board(config)
    status, text, err = run("verify", "--target", target, "--data", npz, *SMALL, "--pairs", 20)
    assert status == 0, text + err
    status, text, _ = run("info", "--target", target)  # it says itself what it is
    assert status == 0 and "37-24-16, 3 classes, 4 lanes" in text
    message = refused("train", "--target", target, "--data", npz, "--layers", "24,24", "--lanes", 4, "--out", tmp_path)
    assert "the device holds (37-24-16, 3 classes, 4 lanes" in message and "not the configuration asked for" in message


def test_a_silent_serial_port(serial_board, npz):
    message = refused("train", "--target", serial_board(None), "--data", npz, *SMALL)
    assert "the device is silent: 10 requests in 5.0 s brought no answer; check power, bitstream, line" in message


def test_ctrl_c(npz, tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "ffpga", "train", "--data", npz, *SMALL, "--epochs", "100000", "--out", out]
    process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (out / "checkpoint.npz").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    text, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "ffpga: interrupted\n" and "the weights of this moment are in" in text
    held = ffpga.load_checkpoint(out / "checkpoint.npz")
    assert held.epoch >= 1 and np.abs(held.weights[0]).max() > 0
    assert sorted(entry.name for entry in out.iterdir()) == LEFT
    assert len(json.loads((out / "run.json").read_text())["epochs"]) == held.epoch


def test_without_simulator_the_host_still_works():
    """Neither Amaranth nor the simulator is imported before somebody asks for it."""
    code = "import sys, typer; from ffpga.cli.app import app; commands = typer.main.get_command(app).commands\n"
    code += "for one in [*commands.values(), *commands['bench'].commands.values()]: assert one.name\n"
    code += "assert 'ffpga.cli.tasks' in sys.modules; print(sorted(m for m in sys.modules if m in "
    code += "('amaranth', 'ffpga_hw', 'ffpga_sim', 'cocotb', 'matplotlib', 'sklearn', 'serial')))"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.strip() == "[]"
