"""A device behind SPI, byte by byte: what the pins of `ffpga_hw.boards.spi` make of an exchange, without the pins."""

from ffpga.driver.spi_port import SpiTransport
from ffpga.driver.transport import Transport
from ffpga_sim import VirtualBoard

#: Clocks of the core, of so many a second, in which a byte is exchanged: SPI at half its clock.
CLOCKS, HERTZ = 16, 48_000_000


class Peripheral:
    """A device as SPI shows it: as many bytes as are asked for, zeros where it says nothing.

    The chip has the next byte of an answer before SPI asks for it: so an answer is said once it is there whole, and no
    zero comes between its bytes.

    Parameters
    ----------
    device : Transport
        A virtual board runs so many clocks as the bytes take, and takes what a stall has kept waiting faster than it
        comes. Pins would drop it; here the hostile line does that.
    """

    def __init__(self, device: Transport) -> None:
        self._device, self._said = device, bytearray()
        if isinstance(device, VirtualBoard):
            device.pace(CLOCKS // 2)

    def write(self, data: bytes) -> None:
        """To the device."""
        self._device.write(data)

    def read(self, n: int, timeout: float) -> bytes:
        """`n` bytes; `timeout` is not needed."""
        device = self._device
        if isinstance(device, VirtualBoard):
            end = device.clocks + CLOCKS * n
            while device.clocks < end:
                self._said += device.advance(end - device.clocks)
        else:
            self._said += device.read(1 << 16, 0.0)
        back = bytes(self._said[: min(n, self._said.rfind(0) + 1)])
        del self._said[: len(back)]
        return back + bytes(n - len(back))

    def close(self) -> None:
        """Releases the device."""
        self._device.close()


class _Wires:
    """Wires whose time is that of the bytes that went over them: no machine is too slow for a time limit."""

    def __init__(self, peripheral: Transport) -> None:
        self._peripheral, self._bytes = peripheral, 0

    def exchange(self, data: bytes) -> bytes:
        self._bytes += len(data)
        self._peripheral.write(data)
        return self._peripheral.read(len(data), 0.0)

    def seconds(self) -> float:
        return self._bytes * CLOCKS / HERTZ

    def close(self) -> None:
        self._peripheral.close()


def behind_spi(peripheral: Transport) -> SpiTransport:
    """The line to a `Peripheral`, or to one behind faults; its time limits are the line's time."""
    wires = _Wires(peripheral)
    return SpiTransport("a model", wires=lambda port, hertz: wires, clock=wires.seconds)
