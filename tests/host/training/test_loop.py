"""Training, evaluation, comparison: what they do to a device, and what they say of it."""

import os
import signal

import numpy as np
import pytest

import ffpga
from ffpga import Device, FfpgaError, NetworkConfig, TrainingOptions, Waveform
from ffpga.data.images import distorted, moved
from ffpga.training.loop import hardest_labels
from ffpga.training.work import epoch_work
from ffpga_golden import GoldenDevice, Network, floor_clocks, initial_weights


def test_it_learns_and_accounts_for_every_clock(device, data):
    seen = []
    result = ffpga.train(device, data, epochs=6, progress=lambda *call: seen.append(call))
    assert result.accuracy == ffpga.evaluate(device, data) >= 0.9
    assert [epoch.epoch for epoch in result.epochs] == [1, 2, 3, 4, 5, 6]
    assert [epoch.learning_rate for epoch in result.epochs] == [15, 15, 15, 16, 16, 17]
    figures = result.as_dict()
    assert figures["pairs"] == 6 * 60
    assert figures["accuracy"] == result.epochs[-1].accuracy
    assert figures["clocks"] > figures["floor_clocks"] > 0
    assert figures["floor_clocks"] == floor_clocks(device.config, figures["words_read"], figures["words_updated"])
    assert figures["updates"] + figures["updates_skipped"] == 6 * 60 * device.config.depth
    assert figures["weights_sha256"] == ffpga.weights_sha256(device.read_weights())
    assert {stage for stage, _, _ in seen} == {"test", *(f"epoch {n}" for n in range(1, 7))}
    assert all(0 < done <= total for _, done, total in seen)


def test_a_run_is_the_networks_own(config, data):
    """The same steps by hand, on the golden network alone."""
    device = Device(GoldenDevice(config))
    result = ffpga.train(device, data, epochs=2, seed=3, rate=14, negatives="random", gate=20)
    network = Network.initialised(config, 3)
    options = TrainingOptions(epochs=2, seed=3, rate=14, negatives="random", gate=20)
    for name, value in options.registers(config).items():
        network.write_register(name, value)
    for epoch in range(2):
        network.write_register("learning_rate", options.learning_rate(config, epoch))
        random = np.random.RandomState([3, epoch])
        for n in random.permutation(len(data.train_x)):
            network.train_pair(data.train_x[n], int(data.train_y[n]))
    for found, expected in zip(result.weights, network.weights, strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    "options",
    [
        {"objective": "threshold"},
        {"objective": "threshold", "phases": "separate", "block": 7, "negatives": "random"},
        {"negatives": "host"},
        {"negatives": "random", "gate": 32},
        {"objective": "threshold", "phases": "separate", "negatives": "host"},
        {"shortlist": 2, "alpha": 2.0},
        {"negatives": "own"},
        {"negatives": "own", "objective": "threshold", "phases": "separate"},
        {"negatives": "replay"},
        {"negatives": "replay", "objective": "threshold", "phases": "separate", "block": 60},
        {"negatives": "replay", "polarity": "minus"},
        {"rounding": "plain"},
    ],
    ids=str,
)
def test_every_way_of_training_learns(config, data, options):
    device = Device(GoldenDevice(config))
    result = ffpga.train(device, data, epochs=8, **options)
    assert result.accuracy >= 0.8
    assert result.total("pairs") == 8 * 60


def test_separate_phases_come_in_blocks(data):
    options = TrainingOptions(objective="threshold", phases="separate", block=25, negatives="host")
    work = list(epoch_work(options, data, 0))
    assert [item.negative for item in work] == [False] * 25 + [True] * 25 + [False] * 25 + [True] * 25 + [
        False
    ] * 10 + [True] * 10
    for first in (0, 50, 100):
        size = 25 if first < 100 else 10
        for positive, negative in zip(work[first : first + size], work[first + size : first + 2 * size], strict=True):
            assert positive.sample == negative.sample and positive.label == data.train_y[positive.sample]
            assert negative.wrong != negative.label
    assert sorted(item.sample for item in work if not item.negative) == list(range(60))
    assert [str(item) for item in epoch_work(options, data, 1)] != [str(item) for item in work]


def test_replayed_labels_are_the_devices_hardest(device, data):
    """Asking for them learns nothing and leaves the registers as they were."""
    options = TrainingOptions(negatives="replay", objective="threshold", gate=3)
    ffpga.train(device, data, epochs=1)
    options.apply(device)
    before, registers = device.read_weights(), {name: device.read_register(name) for name in device.registers}
    labels = hardest_labels(device, data, options)
    assert all(np.array_equal(a, b) for a, b in zip(device.read_weights(), before, strict=True))
    assert {name: device.read_register(name) for name in device.registers} == registers
    network = Network(device.config)
    for x, label, wrong in zip(data.train_x, data.train_y.tolist(), labels, strict=True):
        network.weights = before
        assert network.train_pair(x, label).label == wrong


def test_images_are_moved(data):
    square = ffpga.load_dataset("digits")
    work = list(epoch_work(TrainingOptions(shift=2), square, 0))
    assert {shift for item in work for shift in item.shift} == {-2, -1, 0, 1, 2}
    assert all(item.shift == (0, 0) for item in epoch_work(TrainingOptions(), square, 0))
    device = Device(GoldenDevice(NetworkConfig(features=64, layers=(16,))))
    sent = []
    device.submit_sample = lambda x: sent.append(x)
    work[0].submit(device, square)
    assert np.array_equal(sent[0], moved(square.train_x[work[0].sample], *work[0].shift))


def test_images_are_distorted_anew_in_each_epoch():
    digits = ffpga.load_dataset("digits")
    options = TrainingOptions(distort=0.5, shift=1, objective="threshold", phases="separate")
    first, second = (list(epoch_work(options, digits, epoch)) for epoch in (0, 1))
    seeds = [{(item.sample, item.negative): item.distortion for item in works} for works in (first, second)]
    assert all(seeds[0][n, False] == seeds[0][n, True] != seeds[1][n, True] for n in range(len(digits.train_x)))
    item = first[0]
    sent = []
    device = Device(GoldenDevice(NetworkConfig(features=64, layers=(16,))))
    device.submit_sample = lambda x: sent.append(x)
    item.submit(device, digits)
    seed, strength = item.distortion
    bent = distorted(digits.train_x[item.sample][None], np.array([seed]), strength)
    assert strength == 0.5 and np.array_equal(sent[0], moved(bent, *item.shift)[0])
    plain = list(epoch_work(TrainingOptions(shift=1), digits, 0))
    assert [work.shift for work in plain] == [
        work.shift for work in epoch_work(TrainingOptions(shift=1, distort=1), digits, 0)
    ], "what is drawn for the rest stays"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs must be 1 to 1000000, not 0"),
        ({"objective": "margin"}, "objective must be contrast or threshold, not 'margin'"),
        ({"negatives": "easy"}, "negatives must be hard or random or host or own or replay, not 'easy'"),
        ({"phases": "separate"}, "phases can be separate only with objective threshold, not contrast"),
        ({"rate": 24}, "learning_rate must be 8 to 23, not 24"),
        ({"rate": 7.9}, "learning_rate must be 8 to 23, not 7"),
        ({"rate": float("nan")}, "rate must be a number, not nan"),
        ({"gate": 256}, "gate must be 0 to 255, not 256"),
        ({"theta": float("nan")}, "theta must be 0 or more, not nan"),
        ({"alpha": 0}, "alpha must be above 0, not 0"),
        ({"shortlist": 4}, "shortlist must be 1 to 3, not 4"),
        ({"shift": 9}, "shift must be 0 to 8, not 9"),
        ({"shift": 1}, "features must be those of a square image, not 37"),
        ({"distort": 0.5}, "features must be those of a square image, not 37"),
        ({"distort": -1}, "distort must be 0 to 4, not -1"),
        ({"distort": float("nan")}, "distort must be 0 to 4, not nan"),
        ({"rounding": "up"}, "rounding must be dither or plain, not 'up'"),
        ({"seed": -1}, "seed must be 0 to 4294967295, not -1"),
    ],
)
def test_faults_change_nothing(device, data, options, message):
    before = device.read_weights()
    with pytest.raises(FfpgaError, match=message):
        ffpga.train(device, data, **options)
    assert all(np.array_equal(a, b) for a, b in zip(device.read_weights(), before, strict=True))


def test_data_that_does_not_fit(data):
    for sizes, message in [
        ({"features": 36, "classes": 3}, "the device has 36 features, blobs 37: they must be equal"),
        ({"features": 37, "classes": 2}, "the device has 2 classes, blobs 3: it needs as many"),
        ({"features": 37, "classes": 0}, "training from a data set needs labels"),
    ]:
        device = Device(GoldenDevice(NetworkConfig(layers=(8,), **sizes)))
        for act in (ffpga.train, ffpga.evaluate, ffpga.verify):
            with pytest.raises(FfpgaError, match=message):
                act(device, data)


def test_learning_rates_fall_when_what_is_left_halves(config):
    options = TrainingOptions(epochs=8)
    assert [options.learning_rate(config, n) for n in range(8)] == [15, 15, 15, 15, 16, 16, 17, 18]
    assert TrainingOptions(epochs=30, rate=22).learning_rate(config, 29) == 23
    sooner = TrainingOptions(epochs=8, rate=15.5)
    assert [sooner.learning_rate(config, n) for n in range(8)] == [15, 15, 15, 16, 16, 16, 17, 18]
    assert sooner.registers(config)["learning_rate"] == 15 and repr(TrainingOptions(rate=16.0).rate) == "16"
    wide = NetworkConfig(features=784, layers=(8,), weight_bits=16)
    assert TrainingOptions().first_rate(wide) == 11
    assert TrainingOptions(objective="threshold").first_rate(wide) == 13


@pytest.fixture
def heeded():
    """Ctrl-C as a terminal has it: what a shell starts in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_ctrl_c_leaves_a_checkpoint_of_that_moment(device, data, tmp_path):
    path = tmp_path / "run" / "checkpoint.npz"

    def stop(stage, done, total):
        if (stage, done) == ("epoch 2", 32):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        ffpga.train(device, data, epochs=5, checkpoint=path, progress=stop)
    held = ffpga.load_checkpoint(path, device.config)
    assert held.epoch == 1
    assert all(np.array_equal(a, b) for a, b in zip(held.weights, device.read_weights(), strict=True))
    assert device.counters()["pairs"] == 60 + 32
    assert [entry.name for entry in path.parent.iterdir()] == ["checkpoint.npz"]
    with pytest.raises(KeyboardInterrupt):  # Ctrl-C is the user's again
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()


def test_equal_devices_verify(device, data):
    found = ffpga.verify(device, data, pairs=70)
    assert found.equal and found.difference is None
    assert (found.pairs, found.steps, found.inferences) == (70, 70, 30)
    assert found.clocks == found.predicted_clocks > found.floor_clocks
    again = ffpga.verify(device, data, pairs=5, objective="threshold", phases="separate")
    assert again.equal and (again.pairs, again.steps) == (5, 10)


class Wrong(GoldenDevice):
    """Goes wrong at one pair: in a weight, a counter, or an answer."""

    def __init__(self, config, what, at):
        super().__init__(config)
        self.what, self.at = what, at

    def _train_pair(self, payload):
        answer = super()._train_pair(payload)
        self.at -= 1
        if self.at:
            return answer
        if self.what == "weight":
            place = 1, np.array([3]), np.array([2])
            old = self.network.read_weights(*place)
            self.network.write_weights(*place, np.where(old > 0, old - 1, old + 1))
        elif self.what == "counter":
            self.network.counters["words_read"] += 1
        elif self.what == "label":
            return answer[:-1] + bytes((answer[-1] ^ 1,))
        elif self.what == "sum":
            return bytes((answer[0] ^ 1,)) + answer[1:]
        return answer


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("weight", "after 20 pairs: weight of layer 1, row 3, neuron 2 is "),
        ("counter", "after step 20: counter words_read is "),
        ("label", r"step 20 \(pair of sample \d+, label \d\): label \d, golden \d"),
        ("sum", r"step 20 \(pair .*\): sum of squares of entry 0 is \d+, golden \d+"),
    ],
)
def test_the_first_difference_is_named(config, data, what, message):
    found = ffpga.verify(Device(Wrong(config, what, 20)), data, pairs=20)
    assert not found.equal
    assert np.char.find(found.difference, "golden") > 0
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(found.difference)


def test_a_waveform_is_recorded_around_its_steps(device, data, tmp_path):
    events = []
    device.transport.trace = lambda path: events.append(("on", device.counters()["pairs"]))
    device.transport.stop_trace = lambda: events.append(("off", device.counters()["pairs"]))
    ffpga.train(device, data, epochs=2, wave=Waveform(tmp_path / "a.fst", 5, 9))
    assert events == [("on", 4), ("off", 9)]
    with pytest.raises(FfpgaError, match="waveforms need target sim"):
        ffpga.verify(Device(GoldenDevice(device.config)), data, pairs=3, wave=Waveform(tmp_path / "a.fst"))
    for text, message in [("0:3", "1 <= FIRST"), ("4:3", "not 4:3"), ("a", "such as 1:3, not 'a'"), ("1:", "'1:'")]:
        with pytest.raises(FfpgaError, match=message):
            Waveform.parse(tmp_path / "a.fst", text)
    assert Waveform.parse(tmp_path / "a.fst", "7").steps == "7:7"


def test_targets():
    config = NetworkConfig(features=4, classes=2, layers=(4,), lanes=4)
    with ffpga.open("golden", config) as chip:
        chip.write_weights(initial_weights(config, 0))
    for target, message in [
        ("board", "target must be golden, sim, serial:PORT or spi:URL, not 'board'"),
        ("serial:", "target must be golden, sim, serial:PORT or spi:URL, not 'serial:'"),
        ("serial:/dev/none", "serial port '/dev/none' cannot be opened"),
    ]:
        with pytest.raises(FfpgaError, match=message):
            ffpga.open(target, config)
    with pytest.raises(FfpgaError, match="target golden needs a configuration"):
        ffpga.open("golden")
