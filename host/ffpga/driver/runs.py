"""Many steps at once, of a golden device in this process: no command is queued for each."""

import numpy as np

from ffpga_golden.network import Steps

from ..errors import FfpgaError
from .device import Device
from .link import DirectLink

#: Steps of a run: enough to take no longer for what is between two runs, few enough to end between two of them.
RUN = 256


class Runs:
    """Runs of training steps and inferences. They do to the device what its commands would do, one by one.

    Parameters
    ----------
    device : Device
    link : DirectLink
        Its link.
    """

    def __init__(self, device: Device, link: DirectLink) -> None:
        self._device, self._link = device, link

    def _ordered(self, x: np.ndarray) -> np.ndarray:
        """Samples u8[n, features] in the order of the device's inputs."""
        features, order = self._device.config.features, self._device.order
        if x.shape[1:] != (features,) or x.dtype != np.uint8:
            raise FfpgaError(f"samples must be u8[n, {features}], not {x.dtype}{list(x.shape)}")
        return x if order is None else x[:, order]

    def train(self, x: np.ndarray, labels: np.ndarray, given: np.ndarray, negative: bool | None = None) -> Steps:
        """Training steps on samples u8[n, features].

        Parameters
        ----------
        labels : int[n]
            The label that each pair or phase carries, as in `Device.submit_pair` and `submit_phase`.
        given : int[n]
            The host's wrong labels; used in pairs, under the policy HOST.
        negative : bool, optional
            The phase; left out: pairs.
        """
        return self._link.train_run(self._ordered(x), labels, given, negative)

    def infer(self, x: np.ndarray) -> np.ndarray:
        """Labels u8[n] of samples u8[n, features]."""
        return self._link.infer_run(self._ordered(x))[0]


class UnlabelledRuns(Runs):
    """Runs of pairs and inferences of a device without classes."""

    def pairs(self, x: np.ndarray, negative: np.ndarray) -> Steps:
        """Training steps on positive samples and the negative ones beside them, u8[n, features] each."""
        return self._link.pair_run(self._ordered(x), self._ordered(negative))

    def sums(self, x: np.ndarray) -> np.ndarray:
        """Sums of squares int64[n] of samples u8[n, features]."""
        return self._link.infer_run(self._ordered(x))[1]


def unlabelled_runs_of(device: Device) -> UnlabelledRuns | None:
    """What runs a device's pairs, where it is in this process and has no classes; otherwise they are queued."""
    if isinstance(device.link, DirectLink) and not device.config.classes:
        return UnlabelledRuns(device, device.link)
    return None


def runs_of(device: Device) -> Runs | None:
    """What runs a device's steps, where it is in this process and has classes; otherwise they are queued one by one."""
    if isinstance(device.link, DirectLink) and device.config.classes:
        return Runs(device, device.link)
    return None
