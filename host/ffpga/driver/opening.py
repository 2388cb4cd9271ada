"""Opening a device by name."""

from pathlib import Path

import numpy as np

from ffpga_golden import GoldenDevice
from ffpga_golden.config import NetworkConfig

from ..errors import FfpgaError
from .device import Device
from .lines import is_board, open_line
from .link import DirectLink
from .serial_port import BAUD
from .transport import Transport

TARGETS = "golden, sim, serial:PORT or spi:URL"


def open_transport(
    target: str, config: NetworkConfig | None = None, wave: Path | None = None, baud: int = BAUD
) -> Transport:
    """The line to ``golden``, ``sim``, ``serial:PORT`` or ``spi:URL``."""
    if wave is not None and target != "sim":
        raise FfpgaError(f"waveforms need target sim, not {target}, whose signals cannot be seen")
    if is_board(target):
        return open_line(target, baud)
    if target not in ("golden", "sim"):
        raise FfpgaError(f"target must be {TARGETS}, not {target!r}")
    if config is None:
        raise FfpgaError(f"target {target} needs a configuration; only a serial device can say its own")
    if target == "golden":
        return GoldenDevice(config)
    try:
        from ffpga_sim import BuildError, VirtualBoard
    except ImportError as error:
        raise FfpgaError(f"target sim needs {error.name or error}: pip install 'ffpga[sim]'") from None
    try:
        return VirtualBoard(config, wave=wave)
    except ImportError as error:
        raise FfpgaError(f"target sim needs {error.name or error}: pip install 'ffpga[sim]'") from None
    except BuildError as error:
        raise FfpgaError(f"the simulated chip cannot be built: {error}") from None


def open_device(
    target: str,
    config: NetworkConfig | None = None,
    *,
    order: np.ndarray | None = None,
    wave: Path | None = None,
    baud: int = BAUD,
) -> Device:
    """Opens a device.

    Parameters
    ----------
    target : str
        ``golden`` (the golden model), ``sim`` (the core, simulated), ``serial:PORT`` or ``spi:URL`` (a board).
    config : NetworkConfig, optional
        What it should be; left out, a serial device says what it is.
    order : array, optional
        The features in the order of the device's inputs, int[features]; see `Device`.
    wave : Path, optional
        Where `sim` writes waveforms (see `Waveform`); it is slower for it.
    baud : int
        Bits a second of a board's line; see `open_line`.

    Raises
    ------
    FfpgaError
        There is no such target, it is silent, or it is of another configuration.
    """
    transport = open_transport(target, config, wave, baud)
    try:
        if isinstance(transport, GoldenDevice):
            return Device(transport, config, order=order, link=DirectLink(transport))
        # Simulated time passes only while the host waits, on a machine that may be busy.
        return Device(transport, config, order=order, timeout=5.0 if target == "sim" else 0.5)
    except BaseException:
        transport.close()
        raise
