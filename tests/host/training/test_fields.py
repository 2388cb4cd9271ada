"""Training with receptive fields: defaults, checkpoints that keep the order, a target beside the golden model."""

from dataclasses import replace

import numpy as np
import pytest

import ffpga
from ffpga import Checkpoint, Device, FfpgaError, NetworkConfig, TrainingOptions
from ffpga.fields import windows
from ffpga.record.beliefs import label_goodness
from ffpga.training.checkpoint import load_with_fields
from ffpga_golden import Fields, GoldenDevice

WINDOWS = windows("8x8", 2, 2, 1)
CONFIG = NetworkConfig(features=64, classes=10, layers=(36, 12), lanes=4, fields=(WINDOWS.fields, None))
PLAIN = replace(CONFIG, fields=())


@pytest.fixture(scope="module")
def digits():
    found = ffpga.load_dataset("digits")
    return replace(found, train_x=found.train_x[:200], train_y=found.train_y[:200], test_x=found.test_x[:50],
                   test_y=found.test_y[:50])  # fmt: skip


def opened(config=CONFIG, order=WINDOWS.order) -> Device:
    return Device(GoldenDevice(config), config, order=order)


def test_defaults_of_rate_and_gate():
    """They are of the first layer's fields; what is said stays, and networks without fields are as they were."""
    above = NetworkConfig(features=8, layers=(8, 8), fields=(None, Fields(tile=4, blocks=((1,),))))
    options = TrainingOptions()
    over = windows("14x14", 2, 3, 2)
    many = NetworkConfig(features=196, layers=(72, 8), fields=(over.fields, None))
    moved = [TrainingOptions(shift=1).rate_of(config) for config in (many, CONFIG, PLAIN)]
    assert moved == [16.5, 15, 15] and options.rate_of(many) == 16
    assert TrainingOptions(distort=0.5).rate_of(many) == 16.5
    sizes = ((CONFIG, 15, 64), (many, 16, 64), (replace(many, fields=()), 17, 0), (PLAIN, 15, 0), (above, 15, 0))
    for config, rate, gate in sizes:
        values = options.registers(config)
        assert (values["learning_rate"], values["update_gate"]) == (rate, gate)
        assert options.of(config) == TrainingOptions(gate=gate)
    assert TrainingOptions(gate=0, rate=15).registers(CONFIG)["update_gate"] == 0
    assert TrainingOptions(gate=7).of(CONFIG).gate == 7
    assert options.first_rate(replace(many, weight_bits=16)) == 10
    with pytest.raises(FfpgaError, match=r"^gate must be 0 to 255, not 256"):
        TrainingOptions(gate=256)


def test_what_a_sensor_sees_need_not_be_in_the_order_of_tiles(digits):
    """The same network learns the same from features that the user has in another order, if it is told."""
    mixed = np.random.RandomState(1).permutation(64)
    other = replace(digits, train_x=digits.train_x[:, mixed], test_x=digits.test_x[:, mixed])
    one, two = opened(), opened(order=np.argsort(mixed)[WINDOWS.order])
    found = [ffpga.train(device, data, epochs=2) for device, data in ((one, digits), (two, other))]
    assert found[0].as_dict()["weights_sha256"] == found[1].as_dict()["weights_sha256"]
    assert np.array_equal(one.by_feature()[:64][mixed], two.by_feature()[:64])


def test_verify_beside_the_golden_model(digits):
    found = ffpga.verify(opened(), digits, pairs=60, tests=10)
    assert found.equal and found.clocks == found.predicted_clocks
    other = opened()
    other.order = None  # a driver that forgot it
    assert not ffpga.verify(other, digits, pairs=5, golden=opened()).equal


def test_a_checkpoint_keeps_the_order(digits, tmp_path):
    device = opened()
    ffpga.train(device, digits, epochs=2, checkpoint=tmp_path / "a.npz")
    held = ffpga.load_checkpoint(tmp_path / "a.npz", CONFIG)
    assert np.array_equal(held.order, WINDOWS.order) and held.config == CONFIG
    other = opened(replace(CONFIG, lanes=2, memory_ports=2))
    held.restore(other)
    assert ffpga.evaluate(other, digits) == ffpga.evaluate(device, digits)
    for order in (None, WINDOWS.order[::-1]):
        with pytest.raises(FfpgaError, match=r"^the checkpoint is of features in another order than the device's: o"):
            held.restore(opened(order=order))
    with pytest.raises(FfpgaError, match=r"a.npz is of \(.* 9 fields .*\), not of \(64-36-12, [^()]*memory\): ask"):
        ffpga.load_checkpoint(tmp_path / "a.npz", PLAIN)
    with pytest.raises(FfpgaError, match=r"^the checkpoint is of \(.*\), not of the device's \("):
        held.restore(opened(PLAIN))
    found, config = load_with_fields(tmp_path / "a.npz", replace(PLAIN, lanes=2))
    assert config == replace(CONFIG, lanes=2) and np.array_equal(found.order, held.order)
    with pytest.raises(FfpgaError, match=r"a.npz is of \("):
        load_with_fields(tmp_path / "a.npz", replace(PLAIN, layers=(36, 36)))


def test_a_run_goes_on(digits, tmp_path):
    path = tmp_path / "a.npz"
    whole = ffpga.train(opened(), digits, epochs=3)
    stopped = opened()

    def stop(epoch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ffpga.train(stopped, digits, epochs=3, checkpoint=path, on_epoch=stop)
    again = ffpga.train(opened(), digits, epochs=3, resume=ffpga.load_checkpoint(path))
    assert again.as_dict()["weights_sha256"] == whole.as_dict()["weights_sha256"]
    with pytest.raises(FfpgaError, match="gate must be 64 as in the run of the checkpoint, not 0"):
        ffpga.train(opened(), digits, epochs=3, gate=0, resume=ffpga.load_checkpoint(path))


def test_a_network_without_an_order_keeps_its_file(digits, tmp_path):
    Checkpoint.of(opened(PLAIN, None), 0).save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        assert "order" not in file.files
    assert ffpga.load_checkpoint(tmp_path / "a.npz").order is None


@pytest.mark.parametrize("order", [np.arange(63), np.zeros(64, int), np.arange(64.0), np.array("abc")], ids=str)
def test_a_damaged_order(order, tmp_path):
    Checkpoint.of(opened(), 0).save(tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        arrays = dict(file)
    np.savez(tmp_path / "b.npz", **{**arrays, "order": order})
    with pytest.raises(FfpgaError, match=r"b.npz: order must have each of the features .*: it is damaged, train again"):
        ffpga.load_checkpoint(tmp_path / "b.npz")


def test_the_hosts_goodness_is_the_devices(digits):
    """With every label on the shortlist, the best sum and its label are what the device answers."""
    device = opened()
    ffpga.train(device, digits, epochs=1, shortlist=10)
    found = label_goodness(Checkpoint.of(device, 1), digits.test_x).sum(axis=2)
    for sample, sums in zip(digits.test_x, found, strict=True):
        device.load_sample(sample)
        assert device.infer() == (int(np.argmax(sums)), int(sums.max()))


def test_without_labels(digits):
    from ffpga.training.unsupervised import read_activities, train_unsupervised

    config = replace(CONFIG, classes=0)
    device = opened(config)
    assert train_unsupervised(device, digits, epochs=1).pairs == 200
    assert read_activities(device, digits.test_x).shape == (50, 48)
