"""The hostile line: what it does to bytes, that its books close, and that training over it is training."""

import numpy as np
import pytest

from ffpga import Device, FfpgaError, train
from ffpga_golden import GoldenDevice
from testbenches.trust.hostile.line import HostileTransport
from testbenches.trust.hostile.training import figures_of, hostile_run


class Loop:
    """Says what it hears."""

    def __init__(self):
        self.bytes = b""

    def write(self, data):
        self.bytes += data

    def read(self, n, timeout):
        data, self.bytes = self.bytes[:n], self.bytes[n:]
        return data

    def close(self):
        self.bytes = None


def told(line: HostileTransport, pieces: int = 2000) -> bytes:
    """What comes back of pieces of 25 bytes."""
    data = b""
    for _ in range(pieces):
        line.write(bytes(range(1, 26)))
        data += line.read(100, 0.0)
    line.calm()
    while more := line.read(100, 0.0):
        data += more
    return data


def test_a_calm_line_changes_nothing():
    line = HostileTransport(Loop(), 1, 0.0)
    assert told(line) == bytes(range(1, 26)) * 2000
    assert line.to_device.faults == line.from_device.faults == 0
    assert line.to_device.bytes == line.from_device.bytes == 50_000
    line.close()
    assert line.inner.bytes is None


def test_faults_come_as_often_as_asked_for_and_from_the_seed():
    runs = {}
    for seed in (1, 1, 2):
        line = HostileTransport(Loop(), seed, 0.001)
        runs.setdefault(seed, []).append((told(line), line.as_dict()))
    assert runs[1][0] == runs[1][1] != runs[2][0]
    for direction in (line.to_device, line.from_device):
        # 400,000 bits, 50,000 bytes with five kinds: five standard deviations either way.
        assert 300 < direction.flipped < 500
        for kind in ("lost", "doubled", "cut", "delayed"):
            assert 0 < getattr(direction, kind) < 30, kind
        assert direction.garbage > direction.lost


def test_every_kind_of_fault_is_counted():
    """Bytes that come out are those that went in, less what was lost and cut, and what was added."""
    line = HostileTransport(Loop(), 3, 0.002)
    back = len(told(line))
    to, fro = line.to_device, line.from_device
    cut_most = 25 * to.cut
    assert to.bytes - to.lost + to.doubled + to.garbage - cut_most < fro.bytes
    assert fro.bytes <= to.bytes - to.lost + to.doubled + to.garbage
    assert back <= fro.bytes - fro.lost + fro.doubled + fro.garbage


class Forgetful(GoldenDevice):
    """Does not count every tenth refusal."""

    refusals = 0

    def _refuse(self, status):
        super()._refuse(status)
        self.refusals += 1
        self.network.counters["link_errors"] -= self.refusals % 10 == 0


@pytest.mark.parametrize(("kind", "wrong"), [(GoldenDevice, []), (Forgetful, ["frames that the device refused"])])
def test_the_books_close_or_say_what_does_not(config, data, kind, wrong):
    line = HostileTransport(kind(config), 4, 0.001)
    device = Device(line, config, patience=100)
    train(device, data, epochs=2)
    accounts = line.accounts(device)
    assert [name for name, (counted, expected) in accounts.items() if counted != expected] == wrong
    assert accounts["commands executed"][0] > 300 and accounts["frames that the device refused"][1] > 30


def test_training_ends_with_the_weights_of_a_clean_line(config, data):
    options = {"epochs": 3, "objective": "threshold", "phases": "separate", "negatives": "own"}
    clean = figures_of(train(Device(GoldenDevice(config)), data, **options))
    for rate in (1e-4, 1e-3):
        found = hostile_run("golden", config, data, rate=rate, seed=5, clean=clean, **options)
        assert found["right"], found
    assert found["faults"] > 100 and found["resent"] > 100


@pytest.mark.parametrize("rate", [1e-4, 1e-3])
def test_training_over_a_hostile_spi_ends_with_the_weights_of_a_clean_line(config, data, rate):
    clean = figures_of(train(Device(GoldenDevice(config)), data, epochs=2))
    found, again = (
        hostile_run("golden", config, data, rate=rate, seed=6, clean=clean, line="spi", epochs=2) for _ in range(2)
    )
    assert found["right"] and found["faults"] > 10, found
    # Its time limits are the line's time: what is sent again does not depend on the machine.
    assert {**again, "seconds": None} == {**found, "seconds": None}


class Babbling(Loop):
    """A line that never ends to say something: noise without, or with, the ends of frames."""

    def __init__(self, noise):
        super().__init__()
        self.noise = noise

    def read(self, n, timeout):
        return self.noise[:n]


@pytest.mark.parametrize(
    "noise", [b"\x55" * 4096, bytes(4096), bytes(np.random.RandomState(1).randint(0, 256, 4096, np.uint8))]
)
def test_a_line_that_babbles_is_not_listened_to_for_ever(device, noise):
    with pytest.raises(FfpgaError, match="the device is silent"):
        Device(Babbling(noise))
    device.link.transport = Babbling(noise)
    with pytest.raises(FfpgaError, match="silent or its line too bad"):
        device.counters()
