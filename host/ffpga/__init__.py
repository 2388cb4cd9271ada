"""ffpga: a Forward-Forward network that learns on the chip. This is what a user imports.

>>> import ffpga
>>> data = ffpga.load_dataset("digits")
>>> config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(64, 64), lanes=8)
>>> chip = ffpga.open("golden", config)
>>> result = ffpga.train(chip, data, epochs=5)  # doctest: +SKIP
>>> ffpga.evaluate(chip, data)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from ffpga_golden.config import NetworkConfig

from . import fields
from .data.dataset import Dataset
from .data.loading import load_dataset
from .driver.device import Device
from .driver.opening import open_device
from .driver.opening import open_device as open
from .driver.serial_port import SerialTransport
from .driver.step import StepResult
from .driver.transport import Transport
from .errors import DeviceReset, FfpgaError, needed_by
from .training.checkpoint import Checkpoint, load_checkpoint, weights_sha256
from .training.loop import evaluate, predict, train
from .training.options import TrainingOptions
from .training.run import Epoch, TrainingResult
from .training.verify import Verification, verify
from .wave.waveform import Waveform

if TYPE_CHECKING:
    from .estimators.classifier import ForwardForwardClassifier
    from .estimators.detector import ForwardForwardDetector

__all__ = [
    "Checkpoint",
    "Dataset",
    "Device",
    "DeviceReset",
    "Epoch",
    "FfpgaError",
    "ForwardForwardClassifier",
    "ForwardForwardDetector",
    "NetworkConfig",
    "SerialTransport",
    "StepResult",
    "TrainingOptions",
    "TrainingResult",
    "Transport",
    "Verification",
    "Waveform",
    "evaluate",
    "fields",
    "load_checkpoint",
    "load_dataset",
    "open",
    "open_device",
    "predict",
    "train",
    "verify",
    "weights_sha256",
]


def __getattr__(name: str) -> Any:
    """The estimators, which import scikit-learn: a second that `import ffpga` should not take."""
    with needed_by(name):
        if name == "ForwardForwardClassifier":
            from .estimators.classifier import ForwardForwardClassifier

            return ForwardForwardClassifier
        if name == "ForwardForwardDetector":
            from .estimators.detector import ForwardForwardDetector

            return ForwardForwardDetector
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
