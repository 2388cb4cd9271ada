"""Checkpoints: a network's weights and registers with the configuration that they belong to, as `.npz`."""

import hashlib
import json
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from .device import Device
from .errors import FfpgaError
from .files import write_whole


@dataclass
class Checkpoint:
    """What must be written to a device to make it what it was."""

    config: NetworkConfig
    weights: list[np.ndarray]  #: integers [rows, width] a layer
    epoch: int = 0  #: whole epochs trained
    registers: dict[str, int] = field(default_factory=dict)
    tables: np.ndarray | None = None  #: of a black box, u8[depth - 1, 256]

    @classmethod
    def of(cls, device: Device, epoch: int) -> "Checkpoint":
        """What the device holds now."""
        values = {name: device.read_register(name) for name in device.registers}
        tables = device.read_tables() if device.config.black_box else None
        return cls(device.config, device.read_weights(), epoch, values, tables)

    def restore(self, device: Device) -> None:
        """Writes weights and registers to a device of the same sizes; lanes and memory ports may differ.

        Everything is checked before the first is written.
        """
        if _network(self.config) != _network(device.config):
            raise FfpgaError(
                f"the checkpoint is of ({self.config}), not of the device's ({device.config}): "
                "open a device of the checkpoint's configuration"
            )
        for name, value in self.registers.items():
            device.check_register(name, value)
        device.write_weights(self.weights)
        for name, value in self.registers.items():
            device.write_register(name, value)
        if self.tables is not None:
            device.write_tables(self.tables)

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        arrays = {f"weights{layer}": w.astype(np.int16) for layer, w in enumerate(self.weights)}
        text = {"config": self.config.to_json(), "registers": json.dumps(self.registers)}
        fields: dict[str, Any] = {"epoch": np.array(self.epoch), **arrays, **text}
        if self.tables is not None:
            fields["tables"] = self.tables
        file = BytesIO()
        np.savez_compressed(file, **fields)
        write_whole(Path(path), file.getvalue())


def _network(config: NetworkConfig) -> tuple:
    return config.features, config.classes, config.layers, config.weight_bits, config.black_box


def load_checkpoint(path: Path, config: NetworkConfig | None = None) -> Checkpoint:
    """Reads a checkpoint.

    Raises
    ------
    FfpgaError
        The file is absent, damaged, no checkpoint, or of another configuration than `config`.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            held = NetworkConfig.from_json(str(file["config"]))
            weights = [file[f"weights{layer}"] for layer in range(held.depth)]
            values = {str(name): int(value) for name, value in json.loads(str(file["registers"])).items()}
            tables = file["tables"] if held.black_box else None
            found = Checkpoint(held, weights, int(file["epoch"]), values, tables)
    except FileNotFoundError:
        raise FfpgaError(
            f"checkpoint {path} does not exist: `ffpga train --out DIR` writes DIR/checkpoint.npz"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FfpgaError(f"{path} is no checkpoint ({reason}): take one that `ffpga train --out DIR` wrote") from None
    for layer, w in enumerate(weights):
        shape = (held.rows(layer), held.layers[layer])
        if w.shape != shape:
            raise FfpgaError(
                f"{path} holds weights {w.shape} in layer {layer}, not {shape}: it is damaged, train again"
            )
    if tables is not None and (tables.shape != (held.depth - 1, 256) or tables.dtype != np.uint8):
        raise FfpgaError(f"{path} holds tables {tables.dtype}{list(tables.shape)}: it is damaged, train again")
    if config is not None and _network(held) != _network(config):
        raise FfpgaError(
            f"{path} is of ({held}), not of ({config}): ask for its configuration or take another checkpoint"
        )
    return found


def weights_sha256(weights: list[np.ndarray]) -> str:
    """SHA-256 over all layers' weights as little-endian int16, row after row."""
    digest = hashlib.sha256()
    for w in weights:
        digest.update(np.ascontiguousarray(w, "<i2").tobytes())
    return digest.hexdigest()
