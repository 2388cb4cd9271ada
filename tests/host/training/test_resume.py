"""Nothing lost: runs that go on from a checkpoint, devices that are reset, a generator put back."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import ffpga
from ffpga import Checkpoint, Device, DeviceReset, FfpgaError, NetworkConfig, TrainingOptions, load_checkpoint, train
from ffpga.data.dataset import data_sha256
from ffpga.driver.generator import put_generator
from ffpga.files import remove_parts
from ffpga.record.gathering import RunRecord
from ffpga.record.provenance import described
from ffpga.record.stored import load_run
from ffpga.report import write_report
from ffpga.training.loop import hardest_labels
from ffpga_golden import GoldenDevice, Network, initial_weights
from ffpga_golden.dither import step, step_back
from testbenches.trust.hostile.line import HostileTransport
from testbenches.trust.hostile.lost import Killed, Resetting, reset_run
from testbenches.trust.hostile.training import figures_of

WAYS = [
    {"negatives": "own"},
    {"negatives": "replay", "objective": "threshold"},
    {"negatives": "random", "objective": "threshold", "phases": "separate", "block": 7},
    {"negatives": "host", "rounding": "plain", "shortlist": 2},
]


def test_steps_back():
    random = np.random.RandomState(1)
    for state in random.randint(1, 2**32, 1000, np.int64).tolist():
        assert step(step_back(state)) == step_back(step(state)) == state


@pytest.mark.parametrize(
    "sizes",
    [
        {"classes": 3}, {"classes": 2, "weight_bits": 16}, {"classes": 0}, {"classes": 0, "layers": (8,)},
        {"classes": 3, "recurrent": True},
    ],
)  # fmt: skip
def test_the_generator_is_put_back_to_any_state(sizes):
    config = NetworkConfig(**{"features": 5, "layers": (8, 4, 4), "lanes": 4, **sizes})
    device = Device(GoldenDevice(config))
    device.write_weights(initial_weights(config, 1))
    for state in (1, 2, 12, 0x8000_0000, 0xFFFF_FFFE, 0x1234_5678):
        factor = 1 if config.classes or state & 1 else 0  # without classes the weights may be lost
        before = [factor * w for w in device.read_weights()]
        put_generator(device, state)
        assert device.read_register("seed") == state
        assert all(np.array_equal(a, b) for a, b in zip(device.read_weights(), before, strict=True))


def test_a_checkpoint_holds_states_that_cannot_be_written(config, data, tmp_path):
    """Trained on from it, another device ends as this one does; every second state has its lowest bit clear."""
    even = 0
    for seed in range(6):
        device, other = Device(GoldenDevice(config)), Device(GoldenDevice(config))
        train(device, data, epochs=1, seed=seed, negatives="own")
        Checkpoint.of(device, 1).save(tmp_path / "a.npz")
        even += not device.read_register("seed") & 1
        load_checkpoint(tmp_path / "a.npz").restore(other)
        for one in (device, other):
            for x, y in zip(data.train_x, data.train_y.tolist(), strict=True):
                one.submit_sample(x)
                one.submit_pair(y)
        ours, theirs = Checkpoint.of(device, 1), Checkpoint.of(other, 1)
        assert ours.registers == theirs.registers
        assert ffpga.weights_sha256(ours.weights) == ffpga.weights_sha256(theirs.weights)
    assert 0 < even < 6


@pytest.mark.parametrize("options", WAYS, ids=str)
@pytest.mark.parametrize("at", [("epoch 1", 16), ("epoch 2", 48), ("epoch 3", "all"), ("test", 16)], ids=str)
def test_a_run_goes_on_where_ctrl_c_ended_it(config, data, tmp_path, options, at):
    """Within an epoch, at its end, and while it is tested: the same weights, records and counters."""
    path = tmp_path / "checkpoint.npz"
    expected = figures_of(train(Device(GoldenDevice(config)), data, epochs=4, **options))
    stops = []

    def stop(stage, done, total):
        if (stage, "all" if done == total else done) == at and not stops:
            stops.append(at)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(Device(GoldenDevice(config)), data, epochs=4, checkpoint=path, progress=stop, **options)
    held = load_checkpoint(path)
    assert held.run["steps"] > 0
    found = train(Device(GoldenDevice(config)), data, epochs=4, resume=held, checkpoint=path, **options)
    assert figures_of(found) == expected
    done = Device(GoldenDevice(config))  # resuming what is finished only writes it to the device
    assert figures_of(train(done, data, epochs=4, resume=load_checkpoint(path), **options)) == expected
    assert ffpga.weights_sha256(done.read_weights()) == expected["weights_sha256"] and done.counters()["pairs"] == 0


def test_what_cannot_be_resumed(device, data, tmp_path):
    path = tmp_path / "a.npz"
    train(device, data, epochs=2, checkpoint=path)
    held = load_checkpoint(path)
    before = device.read_weights()
    run = held.run
    other = replace(data, train_x=data.train_x[::-1])
    for one, samples, options, message in [
        (held, data, {"epochs": 3}, "epochs must be 2 as in the run of the checkpoint, not 3: resume with the same"),
        (held, data, {"epochs": 2, "seed": 1}, "seed must be 0 as in the run of the checkpoint, not 1"),
        (held, other, {"epochs": 2}, "the checkpoint's run was on other data than blobs: resume with the same"),
        (replace(held, run=None), data, {"epochs": 2}, "does not say how far its run was: train again, without"),
        (replace(held, run={}), data, {"epochs": 2}, "does not say how far its run was: it is damaged"),
        (replace(held, run={**run, "epochs": 3}), data, {"epochs": 2}, "it is damaged, train again"),
        (replace(held, run={**run, "epochs": [{}]}), data, {"epochs": 2}, "it is damaged, train again"),
        (replace(held, run={**run, "spent": {"pairs": "1"}}), data, {"epochs": 2}, "it is damaged, train again"),
        (replace(held, run={**run, "options": []}), data, {"epochs": 2}, "it is damaged, train again"),
        (replace(held, run={**run, "steps": 61}), data, {"epochs": 2}, "contradicts itself: it is damaged"),
        (replace(held, run={**run, "wrong": [0]}), data, {"epochs": 2}, "contradicts itself: it is damaged"),
        (replace(held, epoch=1), data, {"epochs": 2}, "contradicts itself: it is damaged"),
    ]:
        with pytest.raises(FfpgaError, match=message):
            train(device, samples, resume=one, **options)
    assert all(np.array_equal(a, b) for a, b in zip(device.read_weights(), before, strict=True))


@pytest.mark.parametrize("options", WAYS, ids=str)
def test_a_device_that_is_reset_is_restored_and_caught_up(config, data, options):
    clean = figures_of(train(Device(GoldenDevice(config)), data, epochs=8, **options))
    resets = 0
    for seed in range(4):
        found = reset_run("golden", config, data, every=700, seed=seed, clean=clean, epochs=8, **options)
        assert found["right"] and found["noticed"] <= found["resets"], found
        resets += found["noticed"]
    assert resets >= 10


def test_resets_on_a_hostile_line(config, data):
    clean = figures_of(train(Device(GoldenDevice(config)), data, epochs=3))
    line = Resetting(lambda: GoldenDevice(config), 4, 300)
    device = Device(HostileTransport(line, 4, 3e-4), config, patience=100)
    found = train(device, data, epochs=3)
    assert {**figures_of(found), "resets": 0} == clean and found.resets > 0


def test_a_device_that_cannot_stay_up(config, data):
    line = Resetting(lambda: GoldenDevice(config), 1, 20)
    line._left = 10**9
    device = Device(line, config, patience=2)
    line._left = 1
    counts = []
    with pytest.raises(DeviceReset, match="lost its session: it was reset or lost power"):
        train(device, data, epochs=3, on_reset=counts.append)
    assert counts == list(range(1, ffpga.training.loop.MAX_RESETS))


def test_another_device_in_its_place(config, device, golden):
    device.link.transport = GoldenDevice(replace(config, layers=(24, 24)))
    with pytest.raises(FfpgaError, match=r"now holds \(37-24-24, .*\), not \(37-24-16, .* as before: open it again"):
        device.reopen()


def test_counters_go_on_after_a_reset(config, data, golden, device):
    device.load_sample(data.train_x[0])
    device.train_pair(0)
    before = device.counters()
    device.link.transport = GoldenDevice(config)
    device.reopen()
    assert device.counters() == before
    device.load_sample(data.train_x[0])
    device.train_pair(0)
    assert device.counters()["pairs"] == 2


def test_asking_for_labels_learns_nothing_however_good_the_network_is():
    """Goodness of a wide layer may exceed the largest threshold."""
    config = NetworkConfig(features=60, classes=3, layers=(1024,), lanes=64)
    device = Device(GoldenDevice(config))
    device.write_weights([np.full((64, 1024), 127)])
    x = np.full((4, 60), 255, np.uint8)
    data = ffpga.Dataset("bright", x, np.arange(4) % 3, x, np.arange(4) % 3, 3, "")
    network = Network(config)
    network.weights = device.read_weights()
    assert network.infer(x[0])[1] > 3 * 2**32
    options = TrainingOptions(negatives="replay")
    options.apply(device)
    registers = {name: device.read_register(name) for name in device.registers}
    hardest_labels(device, data, options)
    assert np.all(device.read_weights()[0] == 127)
    assert {name: device.read_register(name) for name in device.registers} == registers


def test_what_killed_writers_leave_is_removed(tmp_path):
    for name in ("checkpoint.npz", ".checkpoint.npz.ab12", "other.npz", ".other.npz.ab12"):
        (tmp_path / name).write_bytes(b"x")
    remove_parts(tmp_path / "checkpoint.npz")
    assert sorted(p.name for p in tmp_path.iterdir()) == [".other.npz.ab12", "checkpoint.npz", "other.npz"]


def test_killed_runs_go_on(npz, tmp_path):
    options = ("--data", npz, "--layers", "24,16", "--lanes", "4", "--epochs", "120", "--negatives", "own")
    killed = Killed(tuple(map(str, options)), tmp_path, 3)
    killed.go(2)
    assert killed.right, [end["weights_sha256"] for end in (killed.expected, *killed.ends)]
    assert len(killed.kills) == 2
    for folder in tmp_path.glob("run*/"):
        names = {p.name for p in folder.iterdir()}  # one that is killed after its last epoch leaves no report
        left = {"curve.png", "report.html", "run.json", "run.npz"}
        assert "checkpoint.npz" in names <= left | {"checkpoint.npz"}


def test_resume_needs_a_folder(npz):
    done = subprocess.run(
        [sys.executable, "-m", "ffpga", "train", "--data", str(npz), "--resume"], capture_output=True, text=True
    )
    assert done.returncode == 2 and done.stderr.startswith("ffpga: resume needs --out FOLDER, where the run")


@pytest.mark.parametrize("at", [("epoch 2", 48), ("epoch 2", "all"), ("epoch 3", 16), ("test", 16)], ids=str)
def test_a_report_of_a_resumed_run(config, data, tmp_path, at):
    """It says where its record begins, and has the accuracy of every epoch."""
    path, stops, options = tmp_path / "checkpoint.npz", [], TrainingOptions(epochs=3)

    def stop(stage, done, total):
        if (stage, "all" if done == total else done) == at and not stops:
            stops.append(at)
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        train(Device(GoldenDevice(config)), data, epochs=3, checkpoint=path, progress=stop)
    device = Device(GoldenDevice(config))
    record = RunRecord(device, data, options)
    result = train(device, data, epochs=3, resume=load_checkpoint(path), record=record)
    about = {"target": "golden", "command": [], "versions": {}, "started": "now", "data_sha256": data_sha256(data)}
    record.save(tmp_path, {**about, **described(config, data, options), **result.as_dict()})
    run = load_run(tmp_path)
    assert len(run.epochs) == 3 and run.begun == np.float32(record.begun) > 0
    assert run.arrays["ends"][-1] == 3 and (np.diff([run.begun, *run.arrays["ends"]]) >= 0).all()
    assert len(run.arrays["saturated"]) == {"test": 3, "epoch 2": 2, "epoch 3": 1}[at[0]]
    write_report(run, tmp_path / "report.html")
    assert f"recorded from {run.begun:.2f} on" in (tmp_path / "report.html").read_text()
