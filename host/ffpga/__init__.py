"""ffpga: a Forward-Forward network that learns on the chip. This is what a user imports.

Each name is imported when it is asked for, so that nobody waits for what he does not use.

>>> import ffpga
>>> data = ffpga.load_dataset("digits")
>>> config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(64, 64), lanes=8)
>>> chip = ffpga.open("golden", config)
>>> result = ffpga.train(chip, data, epochs=5)  # doctest: +SKIP
>>> ffpga.evaluate(chip, data)  # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from .errors import DeviceReset, FfpgaError
    from .estimators.classifier import ForwardForwardClassifier
    from .estimators.detector import ForwardForwardDetector
    from .training.checkpoint import Checkpoint, load_checkpoint, weights_sha256
    from .training.loop import evaluate, predict, train
    from .training.options import TrainingOptions
    from .training.run import Epoch, TrainingResult
    from .training.verify import Verification, verify
    from .wave.waveform import Waveform

    __version__: str

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

#: Where the names are: in which module, and as what; the same as for the type checker above.
_PLACES = {
    **dict.fromkeys(("Checkpoint", "load_checkpoint", "weights_sha256"), ".training.checkpoint"),
    **dict.fromkeys(("DeviceReset", "FfpgaError"), ".errors"),
    **dict.fromkeys(("Epoch", "TrainingResult"), ".training.run"),
    **dict.fromkeys(("Verification", "verify"), ".training.verify"),
    **dict.fromkeys(("evaluate", "predict", "train"), ".training.loop"),
    **dict.fromkeys(("open", "open_device"), ".driver.opening"),
    "Dataset": ".data.dataset",
    "Device": ".driver.device",
    "ForwardForwardClassifier": ".estimators.classifier",
    "ForwardForwardDetector": ".estimators.detector",
    "NetworkConfig": "ffpga_golden.config",
    "SerialTransport": ".driver.serial_port",
    "StepResult": ".driver.step",
    "TrainingOptions": ".training.options",
    "Transport": ".driver.transport",
    "Waveform": ".wave.waveform",
    "load_dataset": ".data.loading",
}


def __getattr__(name: str) -> Any:
    """A name of the package, imported (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("ffpga")
    if name == "fields":
        return import_module(".fields", __name__)
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .errors import needed_by

    with needed_by(name):
        found = getattr(import_module(_PLACES[name], __name__), "open_device" if name == "open" else name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
