"""Waveforms: what is recorded, the views of it, the picture of a step, the timing diagrams of the documents."""

import re
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ffpga import FfpgaError
from ffpga.cli.app import app
from ffpga.data.loading import load_dataset
from ffpga.picture import kept_sum
from ffpga.training.loop import prepare
from ffpga.training.options import TrainingOptions
from ffpga.training.work import epoch_work
from ffpga.wave import viewers
from ffpga.wave.diagrams import blocks, session
from ffpga.wave.diagrams.make import COUNT, STEP, draw_pair
from ffpga.wave.diagrams.timing import DIAGRAMS
from ffpga.wave.diagrams.wavejson import render
from ffpga.wave.pair_picture import draw_step, step_phases
from ffpga.wave.recording import record_steps
from ffpga.wave.signals import Recording, runs
from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_golden.protocol import Opcode, encode_frame
from ffpga_golden.timing import scored_together
from ffpga_hw.engine.control import sequencer
from ffpga_hw.engine.signatures.walk import Kind
from ffpga_sim import BuildError, VirtualBoard, build
from ffpga_sim.verilog import core_verilog
from ffpga_sim.view import GROUPS, SCOPE, States, layout
from testbenches.configurations import CONFIGURATIONS
from testbenches.conversations.conversation import answers

ROOT = Path(__file__).parents[3]
CONFIG = session.CONFIG

needs_zlib = pytest.mark.skipif(not build.has_header("zlib.h"), reason="waveforms need zlib.h: install zlib1g-dev")


@pytest.fixture(scope="module")
def data(pictures):
    return pictures(90, 6)


@pytest.fixture(scope="module")
def found(data, tmp_path_factory):
    """Two recorded steps of a run, late enough that the golden model did most of those before."""
    path = tmp_path_factory.mktemp("wave") / "step.fst"
    return record_steps(CONFIG, load_dataset(str(data)), path, first=150, count=2, epochs=4, seed=3)


@pytest.fixture(scope="module")
def recording(found):
    return Recording(found.path)


def invoke(*arguments: object):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@needs_zlib
def test_the_steps_of_a_recording_take_their_clocks(found, recording):
    """`record_steps` itself compares answers and weights with the whole run of the golden model."""
    took = [clocks for _, clocks, on in runs(recording.values("sequencer.running")) if on]
    assert took == [sum(spent.values()) for spent in found.spent] and len(took) == 2
    words = [sum(recording.values("walker.issue") & (recording.values("sequencer.update") == on)) for on in (0, 1)]
    assert all(words) and words[0] + 2 * words[1] == sum(spent["walk"] for spent in found.spent)


@needs_zlib
def test_states_are_words(recording):
    """A step goes through the sequencer's states in their order."""
    order = [state for _, _, state in runs(recording.words("sequencer.state"))]
    first = order[1 : order.index("IDLE", 1)]
    layer = ["FORWARD", "SCORE", "DECIDE", "DECIDED", "LEARN"]
    assert first[:7] == ["LABELS", "FORWARD", "SCORE", "SELECT", "SELECTED", "DECIDE", "DECIDED"]
    assert [state for state in first[10:] if state in layer][:4] == ["FORWARD", "SCORE", "FORWARD", "SCORE"]
    assert first[-2:] == ["NEXT", "ANSWER"]
    assert set(recording.words("sequencer.command")) == {"PAIR"}
    assert {"LIST", "BIAS", "LABEL"} == set(recording.words("walker.kind"))


@needs_zlib
def test_views_name_signals_that_are_there(found, recording):
    views = viewers.write_views(found.path, found.view)
    named = {f"{SCOPE}.{group}.{signal.name}": signal for group in found.view for signal in found.view[group]}
    assert named.keys() <= recording.names and len(named) > 60
    added = re.findall(r"^variable_add (\S+)$", views["surfer"].read_text(), re.MULTILINE)
    assert added == list(named) and re.findall(r"divider_add (\w+)", views["surfer"].read_text()) == list(GROUPS)
    text = views["gtkwave"].read_text()
    assert f'[dumpfile] "{found.path}"' in text
    shown = re.findall(r"^\+\{(\w+)\} (\S+?)(?:\[(\d+):0\])?$", text, re.MULTILINE)
    assert [name for _, name, _ in shown] == list(named)
    for alias, name, high in shown:
        assert alias == named[name].name and int(high or 0) + 1 == named[name].bits


#: With two ports, boxes and 16 bits; what else there is are configurations whose Verilog other tests make, too.
BOXED = NetworkConfig(features=6, classes=3, layers=(4, 4, 4), lanes=2, memory_ports=2, black_box=True, weight_bits=16)


@pytest.mark.parametrize(
    "config",
    [CONFIG, BOXED, *(CONFIGURATIONS[name].config for name in ("no-classes", "recurrent"))],
    ids=["plain", "two ports", "unlabelled", "recurrent"],
)
def test_the_view_shows_all_of_every_core(config):
    """No signal has lost its name; every state machine of the core is there, with all of its states."""
    verilog = core_verilog(config)
    there = layout(verilog)
    for group, signals in GROUPS.items():
        missing = {one.name for one in signals} - {one.name for one in there[group]}
        spare = {f"{name}{lane}" for name in ("a", "b", "sum") for lane in range(config.lanes, 4)}
        spare |= {f"y{n}" for n in range(scored_together(config), 4)}
        unlabelled = set() if config.classes else {"label"}
        assert missing <= spare | unlabelled, (group, missing)
    machines = {one.machine for signals in GROUPS.values() for one in signals if isinstance(one, States)}
    folders = [ROOT / "hw" / "ffpga_hw" / name for name in ("link", "engine")]  # what the virtual board has
    sources = {}
    for folder in folders:
        for path in folder.rglob("*.py"):
            if "with Machine(m, " in path.read_text():
                sources[f"{folder.name}.{path.stem}"] = [path]
    assert sources.keys() == machines
    for path in folders[1].glob("recurrent/*.py"):  # they extend those of the same name
        sources.get(f"engine.{path.stem}", []).append(path)
    from ffpga_sim.view import _Design

    design = _Design(verilog)
    for machine, paths in sources.items():
        text = "".join(path.read_text() for path in paths)
        written = {state.replace("-", "_") for state in re.findall(r'machine\.state\("([\w-]+)"\)', text)}
        optional = {"TABLE", "TABLE_VALUE", "SECOND_BYTE", "WRITE", "READING", "READ", "ABOVE", "FOLLOW"}
        assert written - optional <= design.states(machine).keys() <= written, machine


def test_words_are_those_of_the_core():
    shown = {(group, one.name): one for group, signals in GROUPS.items() for one in signals}
    kinds = {value: name for name, value in vars(Kind).items() if name.isupper()}
    assert dict(enumerate(shown["walker", "kind"].words)) == kinds
    commands = {getattr(sequencer, name): name for name in ("PAIR", "PHASE", "INFER", "ACTIVITIES")}
    assert dict(enumerate(shown["sequencer", "command"].words)) == commands


@needs_zlib
def test_a_picture_of_a_step(found, recording, tmp_path):
    phases = step_phases(recording)
    assert sum(clocks for _, clocks, _ in phases) == sum(found.spent[0].values())
    kinds = [what for _, _, what in phases]
    assert ("forward", 1, 0) in kinds and ("select", 1, 0) in kinds and ("update", 2, 1) in kinds
    for name in ("a.svg", "b.svg", "a.png"):
        draw_step(found.path, tmp_path / name, "a step")
    text = (tmp_path / "a.svg").read_text()
    assert text == (tmp_path / "b.svg").read_text() and f"{sum(found.spent[0].values()):,} clocks" in text
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FfpgaError, match=r"picture must be a file that ends in \.svg or \.png, not a\.gif"):
        draw_step(found.path, Path("a.gif"))


@needs_zlib
def test_the_stored_diagrams_are_what_the_core_does(tmp_path):
    """The timing diagrams of the documents, made again from a new recording, are those that are stored."""
    recorded = session.record(tmp_path / "session.fst")
    folder = ROOT / "hw" / "diagrams"
    for name, made in DIAGRAMS.items():
        text = made(recorded)
        assert (folder / f"{name}.json").read_text() == text, f"{name} has changed: make diagrams"
        assert (folder / f"{name}.svg").read_text() == render(text), f"{name} has changed: make diagrams"


@needs_zlib
@pytest.mark.all
def test_the_stored_pair_is_drawn_again(tmp_path):
    """From a new recording of the step, which takes a board that records."""
    stored = ROOT / "hw" / "diagrams" / "pair.svg"
    assert kept_sum(draw_pair(tmp_path / "pair.svg")) == kept_sum(stored), "pair has changed: make diagrams"


def test_the_blocks_are_files_of_the_core():
    assert (ROOT / "hw" / "diagrams" / "blocks.svg").read_text() == blocks.draw(), "make diagrams"
    for block in blocks.BLOCKS:
        assert (ROOT / "hw" / "ffpga_hw" / block.file).is_file()


def test_the_stored_picture_is_of_its_step():
    """The annotated pair is the one of the demo's run, and its clocks are those that the golden model counts."""
    from ffpga.driver.device import Device
    from ffpga.driver.link import DirectLink

    data, options = load_dataset("digits"), TrainingOptions(epochs=30)
    config = NetworkConfig(features=64, classes=10, layers=(64, 64), lanes=8)
    golden = GoldenDevice(config)
    with Device(golden, config, link=DirectLink(golden)) as device:
        prepare(device, options)
        for number, item in enumerate(epoch_work(options, data, 0), start=1):
            before = golden.network.counters["clocks"]
            item.submit(device, data)
            if number == STEP:
                break
    clocks = golden.network.counters["clocks"] - before
    text = (ROOT / "hw" / "diagrams" / "pair.svg").read_text()
    assert f"step {STEP:,}, {item}; {clocks:,} clocks" in text and COUNT == 2


@needs_zlib
def test_the_command(data, tmp_path, monkeypatch):
    out, opened = tmp_path / "a.fst", tmp_path / "opened"
    sizes = ("--data", data, "--layers", "8,8", "--lanes", 4, "--out", out)
    result = invoke("wave", *sizes, "--step", 2, "--picture", tmp_path / "a.svg", "--json", tmp_path / "a.json")
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.fst", "a.gtkw", "a.json", "a.sucl", "a.svg"]
    assert f"gtkwave {out.with_suffix('.gtkw')}" in result.stdout and "surfer" in result.stdout
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    viewer = tmp_path / "bin" / "surfer"
    viewer.parent.mkdir()
    viewer.write_text(f'#!/bin/sh\necho "$@" > {opened}\n')
    viewer.chmod(0o755)
    assert invoke("wave", *sizes, "--open").exit_code == 0
    for _ in range(200):
        if opened.exists() and opened.read_text():
            break
        time.sleep(0.05)
    assert opened.read_text() == f"{out} --command-file {out.with_suffix('.sucl')}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--step", 0), "steps must be 1 to 1,437, those of 1 epochs, not 0 to 0"),
        (("--step", 1437, "--count", 2), "not 1,437 to 1,438"),
        (("--out", "a.vcd"), r"out must be a file that ends in \.fst, not a\.vcd"),
        (("--negatives", "replay"), "not replay, which asks between epochs"),
    ],
)
def test_what_cannot_be_recorded(arguments, message):
    result = invoke("wave", "--epochs", 1, *arguments)
    assert result.exit_code == 2 and re.search(message, result.stderr), result.stderr


@needs_zlib
def test_a_waveform_of_chosen_clocks(tmp_path):
    with VirtualBoard(CONFIG, wave=tmp_path / "a.fst") as board:
        board.write(encode_frame(0, Opcode.IDENTIFY, b"abcd"))
        answers(board, 1)
        assert not (tmp_path / "a.fst").exists()
        assert board.trace() == tmp_path / "a.fst"
        board.write(encode_frame(1, Opcode.COUNTERS))
        answers(board, 1)
        board.stop_trace()
        size = (tmp_path / "a.fst").stat().st_size
        board.write(encode_frame(2, Opcode.COUNTERS))
        answers(board, 1)
        assert (tmp_path / "a.fst").stat().st_size == size > 500
        with pytest.raises(OSError, match="cannot write the waveform"):
            (tmp_path / "b").mkdir()
            board.trace(tmp_path / "b")


def test_a_header_that_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "has_header", lambda name: name != "zlib.h")
    monkeypatch.setenv("FFPGA_BUILD", str(tmp_path))
    with pytest.raises(BuildError, match="zlib1g-dev"):
        VirtualBoard(CONFIG, wave=tmp_path / "a.fst")


@needs_zlib
def test_verify_records(data, tmp_path):
    wave = tmp_path / "step.fst"
    result = invoke(
        "verify", "--data", data, "--layers", "8,8", "--lanes", 4, "--pairs", 10, "--wave", wave, "--wave-steps", "3:4"
    )
    assert result.exit_code == 0 and sum(on for *_, on in runs(Recording(wave).values("sequencer.running"))) == 2
