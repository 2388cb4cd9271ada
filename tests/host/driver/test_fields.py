"""Devices with receptive fields: which ones they have, and features brought into their order."""

import numpy as np
import pytest

from ffpga import Device, FfpgaError, NetworkConfig, open_device
from ffpga.driver.generator import put_generator
from ffpga.fields import by_row, windows
from ffpga_golden import GoldenDevice, Network
from ffpga_golden.protocol import fields_tag

WINDOWS = windows("6x6", 2, 2, 1)
SIZES = {"features": 36, "classes": 3, "layers": (16, 8), "lanes": 4}
PLAIN = NetworkConfig(**SIZES)
CONFIG = NetworkConfig(**SIZES, fields=(WINDOWS.fields, None))
OTHER = NetworkConfig(**SIZES, fields=(windows("36", 4, 6, 1).fields, None))


def samples(count: int, features: int = 36) -> np.ndarray:
    random = np.random.RandomState(count)
    return (random.randint(0, 256, (count, features)) * (random.rand(count, features) < 0.5)).astype(np.uint8)


def test_samples_come_into_the_devices_order():
    """A device and the golden network that is given the order by hand do the same."""
    network = Network.initialised(CONFIG, 1)
    with open_device("golden", CONFIG, order=WINDOWS.order) as device:
        assert device.config == CONFIG and np.array_equal(device.order, WINDOWS.order)
        device.write_weights(network.weights)
        for n, x in enumerate(samples(6)):
            device.load_sample(x)
            assert device.train_pair(n % 3).squares == tuple(
                total for total, _ in network.train_pair(x[WINDOWS.order], n % 3).entries
            )
            assert device.infer() == network.infer(x[WINDOWS.order])
        assert np.array_equal(device.read_weights()[0], network.weights[0])
        spread = device.by_feature()
        assert np.array_equal(by_row(CONFIG, spread, WINDOWS.order), network.weights[0])
        for block in range(4):
            unseen = np.setdiff1d(np.arange(36), WINDOWS.inputs(block))
            assert not spread[unseen, 4 * block : 4 * block + 4].any()


def test_an_order_without_fields():
    """It changes where a feature's weights are, and nothing else."""
    order, x = np.random.RandomState(1).permutation(36), samples(5)
    with open_device("golden", PLAIN) as plain, open_device("golden", PLAIN, order=order.tolist()) as other:
        weights = Network.initialised(PLAIN, 2).weights
        plain.write_weights(weights)
        other.write_weights([by_row(PLAIN, weights[0], order), *weights[1:]])
        for one in x:
            for device in (plain, other):
                device.load_sample(one)
            assert plain.infer() == other.infer()
        assert np.array_equal(plain.by_feature(), other.by_feature())
        assert plain.order is None


@pytest.mark.parametrize("order", [range(35), [0] * 36, np.arange(36.0)])
def test_what_is_no_order(order):
    with pytest.raises(FfpgaError, match=r"^order must have each of the features 0 to 35 once, not "):
        open_device("golden", CONFIG, order=order)


@pytest.mark.parametrize(
    ("held", "asked", "message"),
    [
        (
            CONFIG,
            PLAIN,
            r"the device has receptive fields {held}, and none were given: give the configuration that has",
        ),
        (CONFIG, None, r"the device has receptive fields {held}, and none were given: give the configuration that has"),
        (PLAIN, CONFIG, r"the device has no receptive fields, not {asked} as asked for: ask for none, or load the"),
        (CONFIG, OTHER, r"the device has receptive fields {held}, not {asked} as asked for: ask for its own, or load"),
    ],
    ids=["none asked for", "nothing asked for", "none there", "others"],
)
def test_other_fields_are_refused(held, asked, message):
    tags = {"held": f"{fields_tag(held.fields):08x}", "asked": f"{fields_tag(asked.fields):08x}" if asked else ""}
    with pytest.raises(FfpgaError, match=f"^{message.format(**tags)}") as found:
        Device(GoldenDevice(held), asked)
    assert "\n" not in str(found.value)


def test_the_same_fields_and_other_sizes():
    asked = NetworkConfig(**{**SIZES, "layers": (16, 12)}, fields=CONFIG.fields)
    with pytest.raises(FfpgaError, match=r"^the device holds \(36-16-8, .*4 fields of 16 inputs\), not the config"):
        Device(GoldenDevice(CONFIG), asked)


def test_another_device_in_its_place():
    golden = GoldenDevice(CONFIG)
    device = Device(golden, CONFIG)
    golden.config = OTHER
    with pytest.raises(FfpgaError, match=r"^the device has receptive fields .*: ask for its own"):
        device.reopen()
    golden.config = CONFIG
    device.reopen()


@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("state", [0x1234_5678, 0x8000_0000, 0x1234_5679])
def test_the_generator_goes_on_where_it_was(classes, state):
    """Without labels a phase takes a step of the generator in each block."""
    config = NetworkConfig(**{**SIZES, "classes": classes}, fields=CONFIG.fields)
    golden = GoldenDevice(config)
    put_generator(Device(golden, config), state)
    assert golden.network.random.state == state
