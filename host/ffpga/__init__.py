"""ffpga: a Forward-Forward network that learns on the chip. This is what a user imports.

>>> import ffpga
>>> data = ffpga.load_dataset("digits")
>>> config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(64, 64), lanes=8)
>>> chip = ffpga.open("golden", config)
>>> result = ffpga.train(chip, data, epochs=5)  # doctest: +SKIP
>>> ffpga.evaluate(chip, data)  # doctest: +SKIP
"""

from ffpga_golden.config import NetworkConfig

from .checkpoint import Checkpoint, load_checkpoint, weights_sha256
from .datasets import Dataset, load_dataset
from .device import Device
from .errors import DeviceReset, FfpgaError
from .opening import open_device
from .opening import open_device as open
from .options import TrainingOptions
from .run import Epoch, TrainingResult
from .step import StepResult
from .training import evaluate, predict, train
from .transport import SerialTransport, Transport
from .verify import Verification, verify
from .waveform import Waveform

__all__ = [
    "Checkpoint",
    "Dataset",
    "Device",
    "DeviceReset",
    "Epoch",
    "FfpgaError",
    "NetworkConfig",
    "SerialTransport",
    "StepResult",
    "TrainingOptions",
    "TrainingResult",
    "Transport",
    "Verification",
    "Waveform",
    "evaluate",
    "load_checkpoint",
    "load_dataset",
    "open",
    "open_device",
    "predict",
    "train",
    "verify",
    "weights_sha256",
]
