"""A line of your own: a board behind a TCP port, such as ser2net's, driven as if it were on a serial port.

`python custom_transport.py HOST PORT`; without them, a golden device in this process stands behind a port.
"""

import contextlib
import select
import socket
import sys
import threading

import ffpga
from ffpga_golden import GoldenDevice


class TcpTransport:
    """All that the driver needs of a line: write, read with a time limit, close."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read(self, n: int, timeout: float) -> bytes:
        ready, _, _ = select.select([self._socket], [], [], timeout)
        return self._socket.recv(n) if ready else b""

    def close(self) -> None:
        self._socket.close()


def serve(listener: socket.socket, device: GoldenDevice) -> None:
    """Stands in for the board."""
    line, _ = listener.accept()
    with line, contextlib.suppress(ConnectionError):
        while data := line.recv(4096):
            device.write(data)
            line.sendall(device.read(1 << 20))


data = ffpga.load_dataset("digits")
config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(32, 32), lanes=8)
if len(sys.argv) > 2:
    place = sys.argv[1], int(sys.argv[2])
else:
    listener = socket.create_server(("127.0.0.1", 0))
    place = "127.0.0.1", listener.getsockname()[1]
    threading.Thread(target=serve, args=(listener, GoldenDevice(config)), daemon=True).start()
with ffpga.Device(TcpTransport(*place)) as chip:
    print(f"on TCP port {place[1]}: {chip.config}")  # it says itself what it is
    result = ffpga.train(chip, data, epochs=2)
    print(f"{100 * result.accuracy:.1f} % after {result.total('pairs'):,} pairs, {chip.link.resent} frames sent again")
