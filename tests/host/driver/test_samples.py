"""How a sample is sent: in few bits where the device takes them and they are shorter, exactly in any case."""

from dataclasses import replace

import numpy as np
import pytest

from ffpga import Device, NetworkConfig
from ffpga.driver.samples import loading
from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import BITS, Opcode, decode_frame, quantised, unpack_bits, unpack_sample

PLAIN = NetworkConfig(features=45, classes=2, layers=(8,), lanes=4)
FEW = replace(PLAIN, few_bits=True)


class Recorder(GoldenDevice):
    """Keeps opcodes and lengths of what the host says."""

    def __init__(self, config):
        super().__init__(config)
        self.heard = []

    def _receive(self, frame):
        _, opcode, payload = decode_frame(frame)
        self.heard.append((opcode, payload))
        super()._receive(frame)


def drawn(share: float, bits: int) -> np.ndarray:
    random = np.random.RandomState(3)
    return quantised((random.randint(1, 256, 45) * (random.rand(45) < share)).astype(np.uint8), bits)


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 1.0])
def test_the_shorter_code_is_taken(share, bits):
    x = drawn(share, bits)
    gaps, pairs = loading(x, 1, few_bits=False)
    assert gaps == Opcode.LOAD_SAMPLE and pairs[0] == 1 and np.array_equal(unpack_sample(PLAIN, pairs[1:]), x)
    opcode, payload = loading(x, 1, few_bits=True)
    if opcode == Opcode.LOAD_SAMPLE:
        assert payload == pairs and share < 0.1
    else:
        assert len(payload) < len(pairs) and payload[0] <= 16 * bits + 1 and payload[0] % 16 == 1
        assert np.array_equal(unpack_bits(PLAIN, payload[0] >> 4, payload[1:]), x)


def test_the_driver_asks_the_device_whether_it_takes_few_bits():
    """Whatever was asked for: results do not depend on it."""
    x = drawn(1.0, 2)
    for built, asked in ((FEW, FEW), (FEW, PLAIN), (PLAIN, FEW), (PLAIN, None), (FEW, None)):
        golden = Recorder(built)
        with Device(golden, asked) as device:
            assert device.config == built
            device.load_sample(x)
            opcode, _ = golden.heard[-1]
            assert opcode == (Opcode.LOAD_BITS if built is FEW else Opcode.LOAD_SAMPLE)
            assert np.array_equal(golden._samples[0], x)
            device.gaps = True
            device.load_sample(x[::-1])
            assert golden.heard[-1][0] == Opcode.LOAD_SAMPLE and np.array_equal(golden._samples[0], x[::-1])


def test_features_come_in_the_devices_order():
    golden, order = Recorder(FEW), np.random.RandomState(1).permutation(45)
    with Device(golden, FEW, order=order) as device:
        x = drawn(0.5, 4)
        device.load_sample(x)
        assert golden.heard[-1][0] == Opcode.LOAD_BITS and np.array_equal(golden._samples[0], x[order])
