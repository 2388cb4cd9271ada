"""The serial port: for one program alone, its low-latency mode, URLs of pyserial, and what is said where it fails."""

import errno
import logging
import os
import pty
import socket
import sys
import threading
import types
from contextlib import contextmanager

import numpy as np
import pytest
import serial
from serial.rfc2217 import PortManager

from ffpga import Device, FfpgaError, NetworkConfig, SerialTransport, open_device
from ffpga.contact.asking import Answer, ask
from ffpga.driver import serial_port
from ffpga.fields import Shape, windows
from ffpga_golden import GoldenDevice
from ffpga_golden.protocol import BAUD, pack_config
from testbenches.trust.hostile.lost import behind_terminal

CONFIG = NetworkConfig(features=9, classes=3, layers=(8,), lanes=4)


def test_one_program_has_the_port():
    with behind_terminal(GoldenDevice(CONFIG)) as target, open_device(target, CONFIG) as device:
        device.load_sample(np.ones(9, np.uint8))
        device.train_pair(1)
        with pytest.raises(FfpgaError, match=r"cannot be opened \(.*unavailable\): another program has it: end that"):
            open_device(target)
        device.train_pair(1)
        assert device.counters()["pairs"] == 2  # its session goes on
        device.close()
        with open_device(target) as other:
            assert other.counters()["pairs"] == 2


def test_a_port_without_such_a_mode_says_nothing(caplog):
    with behind_terminal(GoldenDevice(CONFIG)) as target:
        open_device(target, CONFIG).close()
    assert not caplog.records


@pytest.mark.parametrize("number", [errno.EPERM, None])
def test_late_answers_are_told_once(monkeypatch, caplog, number):
    """Where the adapter has the mode, and does not take it."""
    asked = []

    def refuse(self, wanted):
        asked.append(wanted)
        try:
            raise OSError(number, "no") if number else RuntimeError("no")
        except (OSError, RuntimeError):
            raise ValueError("Failed to update") from None

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(serial.Serial, "set_low_latency_mode", refuse)
    monkeypatch.setattr(serial_port, "_told", set())
    with behind_terminal(GoldenDevice(CONFIG)) as target, caplog.at_level(logging.WARNING, logger="ffpga"):
        for _ in range(3):
            open_device(target, CONFIG).close()
    assert asked == [True] * 3
    why = os.strerror(errno.EPERM) if number else "Failed to update"
    (record,) = caplog.records
    assert record.name == "ffpga" and f"no low-latency mode ({why})" in record.getMessage()


@contextmanager
def served(serve):
    """A port of this machine at which `serve(connection)` runs; HOST:PORT."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            connection, _ = server.accept()
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join(20)
        assert not thread.is_alive()


def plain(device):
    def serve(connection):
        while data := connection.recv(4096):
            device.write(data)
            connection.sendall(device.read(1 << 20))

    return serve


def telnet(device, rates):
    """The far end of rfc2217: a port whose settings go over the network, too."""

    class Connection:
        def __init__(self, inner):
            self.write = inner.sendall

    def serve(connection):
        port = serial.serial_for_url("loop://", timeout=0)
        manager = PortManager(port, Connection(connection))
        while data := connection.recv(4096):
            device.write(b"".join(manager.filter(data)))
            rates.add(port.baudrate)
            connection.sendall(b"".join(manager.escape(device.read(1 << 20))))

    return serve


def drive(device: Device) -> None:
    device.load_sample(np.arange(9, dtype=np.uint8))
    device.train_pair(1)
    device.write_register("seed", 0x01FF_FFFF)  # telnet says 255 twice
    assert device.read_register("seed") == 0x01FF_FFFF and device.counters()["pairs"] == 1


def test_a_socket():
    with served(plain(GoldenDevice(CONFIG))) as place, open_device(f"serial:socket://{place}", CONFIG) as device:
        drive(device)


def test_rfc2217():
    rates = set()
    with (
        served(telnet(GoldenDevice(CONFIG), rates)) as place,
        open_device(f"serial:rfc2217://{place}", CONFIG, baud=921_600) as device,
    ):
        drive(device)
    assert 921_600 in rates


def test_a_loop_is_no_device():
    line = SerialTransport("loop://")
    with pytest.raises(FfpgaError, match="the device is silent"):
        ask(line, timeout=0.01, patience=2)


def test_the_rate_is_that_of_the_board(monkeypatch):
    from ffpga_hw.boards.board import BAUD as BOARDS

    asked = []
    opening = serial.serial_for_url
    monkeypatch.setattr(
        serial, "serial_for_url", lambda *a, baudrate, **k: asked.append(baudrate) or opening(*a, baudrate=9600, **k)
    )
    for options in ({}, {"baud": 12_000_000}):
        SerialTransport("loop://", **options).close()
    assert asked == [BAUD, 12_000_000] and BOARDS == BAUD
    for baud in (0, 100_000_001):
        with pytest.raises(FfpgaError, match="baud must be 1 to 100,000,000 bits a second, not"):
            SerialTransport("loop://", baud)


def test_no_permission(monkeypatch):
    """The remedy has the name of the port's group."""

    def refuse(*arguments, **options):
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    with pytest.raises(FfpgaError, match=r"\(Permission denied\): sudo usermod -aG dialout \$USER, then log in again"):
        SerialTransport("/dev/no-such-port")
    ours, theirs = pty.openpty()
    try:
        with pytest.raises(FfpgaError, match=rf"usermod -aG {serial_port._group(os.ttyname(theirs))} "):
            SerialTransport(os.ttyname(theirs))
    finally:
        os.close(ours), os.close(theirs)


def test_another_package_of_that_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "serial", types.ModuleType("serial"))
    sys.modules["serial"].__file__ = "/somewhere/serial/__init__.py"
    with pytest.raises(FfpgaError, match=r"at /somewhere/serial/__init__.py is not pyserial.*: pip uninstall serial"):
        SerialTransport("/dev/ttyUSB0")
    monkeypatch.setitem(sys.modules, "serial", None)
    with pytest.raises(FfpgaError, match="needs the package pyserial: pip install pyserial"):
        SerialTransport("/dev/ttyUSB0")


# Asking ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("shape", "typed"),
    [("8x8", (2, 2, 1)), ("8x8", (2, 2, 2)), ("8x8", (1, 4, 2)), ("3:8x8", (4, 1, 1)), ("16", (2, 4, 2))],
)
def test_a_board_says_its_windows(shape, typed):
    over = windows(shape, *typed)
    blocks = len(over.positions)
    config = NetworkConfig(
        features=over.shape.features, classes=3, layers=(8 * blocks, 8), lanes=4, fields=(over.fields, None)
    )
    answer = ask(GoldenDevice(config))
    assert answer.windows(over.shape) == over and answer.config(over.shape) == config
    assert f"receptive fields {answer.tag:08x}" in str(answer)
    for other in (None, Shape.parse("4:4x4")):
        with pytest.raises(FfpgaError, match=f"receptive fields {answer.tag:08x}, which are no windows over"):
            answer.config(other)


def test_a_board_says_its_sizes():
    answer = ask(GoldenDevice(CONFIG))
    assert answer.config() == CONFIG and str(answer) == str(CONFIG) and answer.windows(Shape.parse("3x3")) is None
    for block in (b"", pack_config(CONFIG)[:-1], pack_config(CONFIG) + b"x"):
        with pytest.raises(FfpgaError, match="says that it is what there cannot be"):
            Answer(block)
