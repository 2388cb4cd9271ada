"""A board behind SPI: the transport, the package pyftdi in front of a model of its SpiController, rates, errors."""

import sys
import types
from random import Random

import numpy as np
import pytest

from ffpga import Device, FfpgaError, open_device
from ffpga.contact.asking import ask_board
from ffpga.contact.selftest import selftest
from ffpga.driver.lines import is_board
from ffpga.driver.spi_port import HERTZ, POLL, SpiTransport
from ffpga_golden import GoldenDevice, NetworkConfig

CONFIG = NetworkConfig(features=9, classes=3, layers=(4,), lanes=2)


class Peripheral:
    """A device behind SPI, as a core has it: what idles is a zero byte, and what is said waits for its turn."""

    def __init__(self, device, seed: int | None = None) -> None:
        self.device, self.random = device, seed and Random(seed)
        self.exchanges, self.open = [], True

    def exchange(self, data: bytes) -> bytes:
        self.exchanges.append(len(data))
        out = bytearray()
        for byte in data:
            said = self.device.read(1) or b"\0"
            out += said
            if self.random and self.random.random() < 0.002:  # chip select was lost: the rest is
                out += bytes(len(data) - len(out))
                break
            self.device.write(bytes((byte,)))
        return bytes(out)

    def close(self) -> None:
        self.open = False


def over(peripheral, **options) -> SpiTransport:
    return SpiTransport("somewhere", wires=lambda port, hertz: peripheral, **options)


def trained(device) -> list:
    random = np.random.RandomState(1)
    for n in range(60):
        device.submit_sample(random.randint(0, 256, 9, np.uint8))
        device.submit_pair(n % 3, (n + 1) % 3)
    return [layer.tolist() for layer in device.read_weights()]


def test_training_over_spi_ends_with_goldens_weights():
    peripheral = Peripheral(GoldenDevice(CONFIG))
    with Device(over(peripheral), CONFIG) as device:
        assert trained(device) == trained(Device(GoldenDevice(CONFIG)))
        assert device.link.resent == device.link.damaged == 0
    assert not peripheral.open and max(peripheral.exchanges) <= 1024


def test_lost_chip_selects_cost_time_alone():
    peripheral = Peripheral(GoldenDevice(CONFIG), seed=3)
    with Device(over(peripheral), CONFIG, timeout=0.02, patience=100) as device:
        assert trained(device) == trained(Device(GoldenDevice(CONFIG)))
        assert device.link.resent > 5 and device.counters()["link_errors"] > 0


class Saying:
    """Says what it is told to, around zeros."""

    def __init__(self, data):
        self.data = data

    def exchange(self, data):
        found, self.data = self.data[: len(data)], self.data[len(data) :]
        return found + bytes(len(data) - len(found))

    def close(self):
        pass


def test_who_slept_too_long_asks_once_more():
    """The first time that is asked for nothing has come; then the computer was busy until the time was over."""

    class Late:
        asked = 0

        def exchange(self, data: bytes) -> bytes:
            self.asked += 1
            return bytes(len(data)) if self.asked == 1 else b"\x07".ljust(len(data), b"\0")

    late = Late()
    assert over(late, clock=lambda: 9.0 if late.asked else 0.0).read(1, timeout=0.01) == b"\x07"


def test_a_models_time_limit_is_time_of_its_own():
    """Silence is so many bytes of the line, whatever the machine does meanwhile."""
    peripheral = Peripheral(GoldenDevice(CONFIG))
    line = over(peripheral, clock=lambda: sum(peripheral.exchanges) / 1000)
    assert line.read(1, timeout=0.5) == b""
    assert peripheral.exchanges == [POLL] * 9  # 576 bytes: the first ones after 500


def test_zeros_between_frames_are_one():
    line = over(Saying(bytes(5) + b"\3\1\0\0\0\2" + bytes(POLL) + b"\7\0"))
    data = b""
    while piece := line.read(2, 0.0):
        assert len(piece) <= 2
        data += piece
    line.write(bytes(POLL))
    assert data + line.read(99, 0.0) == b"\3\1\0\2\0\7\0"
    assert line.read(9, 0.01) == b""


@pytest.fixture
def pyftdi(monkeypatch):
    """The package's names, in front of a model; what it was asked for."""

    class FtdiError(OSError):
        pass

    class SpiPort:
        broken = False

        def exchange(self, out, readlen=0, start=True, stop=True, duplex=False, droptail=0):
            if self.broken:
                raise FtdiError("unplugged")
            assert duplex and start and stop and len(out) > 0
            return bytearray(asked["device"].exchange(bytes(out)))

    class SpiController:
        def __init__(self, cs_count=1, turbo=True):
            assert cs_count == 1

        def configure(self, url):
            if url != "ftdi://ftdi:2232h/1":
                raise FtdiError("No USB device matches URL")

        def get_port(self, cs, freq, mode):
            asked.update(cs=cs, freq=freq, mode=mode, port=SpiPort())
            return asked["port"]

        def close(self):
            asked["closed"] = True

    asked = {"device": Peripheral(GoldenDevice(CONFIG))}
    names = {
        "pyftdi": {}, "pyftdi.ftdi": {"FtdiError": FtdiError}, "pyftdi.spi": {"SpiController": SpiController},
        "usb": {}, "usb.core": {"USBError": type("USBError", (OSError,), {})},
    }  # fmt: skip
    for name, members in names.items():
        module = types.ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    return asked


def test_a_target(pyftdi):
    target = "spi:ftdi://ftdi:2232h/1"
    assert is_board(target) and not is_board("spi:") and not is_board("sim")
    assert ask_board(target).config() == CONFIG
    with open_device(target) as device:
        assert device.config == CONFIG and (pyftdi["cs"], pyftdi["freq"], pyftdi["mode"]) == (0, HERTZ, 0)
        line = device.transport
        checks = list(selftest(device, steps=5, baud=line.baud, bits=line.bits))
        assert [check.name for check in checks if check.right is False] in ([], ["rates"]), (
            checks
        )  # of a model in Python
        pyftdi["port"].broken = True
        with pytest.raises(FfpgaError, match=r"^SPI adapter .*2232h/1' failed \(unplugged\): check the cable"):
            device.counters()
    assert pyftdi["closed"]
    open_device(target, CONFIG, baud=6_000_000).close()
    assert pyftdi["freq"] == 6_000_000


def test_errors(pyftdi, monkeypatch):
    with pytest.raises(FfpgaError, match=r"^SPI adapter 'ftdi://x' cannot be opened \(No USB device matches URL\): "):
        open_device("spi:ftdi://x")
    for hertz in (0, 30_000_001):
        with pytest.raises(FfpgaError, match=r"^baud must be 1 to 30,000,000 bits a second over SPI, not "):
            SpiTransport("ftdi://ftdi:2232h/1", hertz)
    monkeypatch.setitem(sys.modules, "pyftdi.ftdi", None)
    with pytest.raises(FfpgaError, match=r"^target spi needs .*: pip install 'ffpga\[spi\]'$"):
        open_device("spi:ftdi://ftdi:2232h/1")
