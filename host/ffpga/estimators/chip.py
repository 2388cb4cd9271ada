"""The device of a fitted estimator: held open, and made again what it was after a copy or in another process."""

import weakref
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.preparation import Preparation
from ..driver.device import Device
from ..driver.opening import open_device
from ..training.checkpoint import Checkpoint


class Chip:
    """A device that was opened for one estimator, and what it holds.

    A copy or a pickle has a checkpoint in place of the device, and opens one of its own when it is first asked.

    Parameters
    ----------
    target : str
        As for `open_device`.
    config : NetworkConfig
    order : array, optional
        The features in the order of the device's inputs; see `Device`.
    prepared : Preparation
        What made u8 of the samples.
    """

    def __init__(self, target: str, config: NetworkConfig, order: np.ndarray | None, prepared: Preparation) -> None:
        self.target, self.config, self.order, self.prepared = target, config, order, prepared
        self._held: Checkpoint | None = None
        self._device: Device | None = None
        self._device = self._opened()

    def _opened(self) -> Device:
        device = open_device(self.target, self.config, order=self.order)
        self._end = weakref.finalize(self, device.close)
        return device

    @property
    def device(self) -> Device:
        """The device, as it is; for what does not change it."""
        if self._device is None:
            self._device = self._opened()
            assert self._held is not None
            self._held.restore(self._device)
        return self._device

    def learning(self) -> Device:
        """The device, for what changes it."""
        device = self.device
        self._held = None
        return device

    @property
    def held(self) -> Checkpoint:
        """What the device holds; read from it once after it has learned."""
        if self._held is None:
            self._held = Checkpoint.of(self.device, 0, prepared=self.prepared)
        return self._held

    def close(self) -> None:
        """Releases the line; what the device holds is read first, and written back when it is asked again."""
        if self._device is not None:
            _ = self.held
            self._end()
            self._device = None

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in vars(self).items() if name not in ("_device", "_end")}
        return {**state, "_held": self.held, "_device": None}
