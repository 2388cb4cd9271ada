"""Checkpoints: a network's weights and registers with the configuration that they belong to, as `.npz`."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.npz import DAMAGE, read_npz, reason
from ..data.preparation import Preparation
from ..driver.device import Device
from ..driver.generator import put_generator
from ..errors import FfpgaError
from ..fields import check_order, same_order
from ..files import write_whole

#: Bytes of all that a checkpoint may hold: the largest network has 8 MB of weights.
CHECKPOINT_MAX = 256 << 20


@dataclass
class Checkpoint:
    """What must be written to a device to make it what it was."""

    config: NetworkConfig
    weights: list[np.ndarray]  #: integers [rows, width] a layer
    epoch: int = 0  #: whole epochs trained
    registers: dict[str, int] = field(default_factory=dict)
    tables: np.ndarray | None = None  #: of a black box, u8[depth - 1, 256]
    run: dict[str, Any] | None = None  #: how far the training run was: `RunState.as_dict`
    order: np.ndarray | None = None  #: the features in the order of the device's inputs, int[features]; see `Device`
    prepared: Preparation | None = None  #: what made u8 of a file's numbers, and the names of the classes

    @classmethod
    def of(
        cls, device: Device, epoch: int, run: dict[str, Any] | None = None, prepared: Preparation | None = None
    ) -> "Checkpoint":
        """What the device holds now; `prepared` is that of the data that it was trained on."""
        values = {name: device.read_register(name) for name in device.registers}
        tables = device.read_tables() if device.config.black_box else None
        if prepared is not None and prepared.coding.inputs != device.config.features:
            prepared = None  # of samples that were changed since
        return cls(device.config, device.read_weights(), epoch, values, tables, run, device.order, prepared)

    def restore(self, device: Device) -> None:
        """Writes weights and registers to a device of the same sizes and order; lanes and memory ports may differ.

        Everything is checked before the first is written. The random generator goes on exactly where it was; the
        samples that the device holds are lost.
        """
        if _network(self.config) != _network(device.config):
            raise FfpgaError(
                f"the checkpoint is of ({self.config}), not of the device's ({device.config}): "
                "open a device of the checkpoint's configuration"
            )
        if not same_order(self.order, device.order):
            raise FfpgaError(
                "the checkpoint is of features in another order than the device's: "
                "open the device with its order, that of the same fields and shape"
            )
        for name, value in self.registers.items():
            device.check_register(name, value)
        device.check_weights(self.weights)
        if "seed" in self.registers:
            put_generator(device, self.registers["seed"])
        device.write_weights(self.weights)
        for name, value in self.registers.items():
            if name != "seed":
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
        if self.order is not None:
            fields["order"] = self.order.astype(np.uint16)
        if self.prepared is not None:
            fields["prepared"] = np.frombuffer(self.prepared.to_json().encode(), np.uint8)
        if self.run is not None:
            fields["run"] = np.frombuffer(json.dumps(self.run).encode(), np.uint8)
        file = BytesIO()
        np.savez_compressed(file, **fields)
        write_whole(Path(path), file.getvalue())


def _network(config: NetworkConfig) -> tuple:
    sizes = config.features, config.classes, config.layers, config.weight_bits
    return *sizes, config.black_box, config.recurrent, config.fields


def load_checkpoint(path: Path, config: NetworkConfig | None = None) -> Checkpoint:
    """Reads a checkpoint.

    Raises
    ------
    FfpgaError
        The file is absent, damaged, no checkpoint, or of another configuration than `config`.
    """
    try:
        arrays = read_npz(path, CHECKPOINT_MAX)
        held = NetworkConfig.from_json(_text(arrays["config"]))
        weights = [arrays[f"weights{layer}"] for layer in range(held.depth)]
        values = _object(json.loads(_text(arrays["registers"])))
        tables = arrays["tables"] if held.black_box else None
        run = _object(json.loads(arrays["run"].tobytes())) if "run" in arrays else None
        prepared = Preparation.from_json(arrays["prepared"].tobytes().decode()) if "prepared" in arrays else None
        epoch = arrays["epoch"]
        if epoch.shape or epoch.dtype.kind not in "iu" or epoch < 0:
            raise ValueError("epoch must be a number of epochs")
        if not all(type(value) is int for value in values.values()):
            raise ValueError("registers must be integers")
        found = Checkpoint(held, weights, int(epoch), values, tables, run, arrays.get("order"), prepared)
    except FileNotFoundError:
        raise FfpgaError(
            f"checkpoint {path} does not exist: `ffpga train --out DIR` writes DIR/checkpoint.npz"
        ) from None
    except DAMAGE as error:
        raise FfpgaError(
            f"{path} is no checkpoint ({reason(error)}): take one that `ffpga train --out DIR` wrote"
        ) from None
    for layer, w in enumerate(weights):
        shape = (held.rows(layer), held.layers[layer])
        if w.shape != shape:
            raise FfpgaError(
                f"{path} holds weights {w.shape} in layer {layer}, not {shape}: it is damaged, train again"
            )
        if w.dtype.kind not in "iu":
            raise FfpgaError(f"{path}: weights of layer {layer} must be integers, not {w.dtype}: train again")
    try:
        found.order = check_order(found.order, held.features)
    except FfpgaError as error:
        raise FfpgaError(f"{path}: {error}: it is damaged, train again") from None
    if prepared is not None and (prepared.coding.inputs != held.features or len(prepared.labels) > held.classes):
        raise FfpgaError(f"{path} holds a coding of {prepared.coding.inputs} inputs: it is damaged, train again")
    if tables is not None and (tables.shape != (held.depth - 1, 256) or tables.dtype != np.uint8):
        raise FfpgaError(f"{path} holds tables {tables.dtype}{list(tables.shape)}: it is damaged, train again")
    if config is not None:
        _check(path, held, config)
    return found


def _check(path: Path, held: NetworkConfig, config: NetworkConfig) -> None:
    if _network(held) != _network(config):
        raise FfpgaError(
            f"{path} is of ({held}), not of ({config}): ask for its configuration or take another checkpoint"
        )


def load_with_fields(path: Path, config: NetworkConfig) -> tuple[Checkpoint, NetworkConfig]:
    """A checkpoint, and the configuration to go on with: `config`, with the checkpoint's fields where it has none.

    Raises
    ------
    FfpgaError
        As `load_checkpoint`.
    """
    found = load_checkpoint(path)
    held = found.config
    if held.fields and not config.fields and (held.features, held.layers) == (config.features, config.layers):
        config = replace(config, fields=held.fields)
    _check(path, held, config)
    return found, config


def _text(array: np.ndarray) -> str:
    if array.shape or array.dtype.kind != "U":
        raise ValueError("configuration and registers must be text")
    return str(array)


def _object(found: object) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError("registers and run must be JSON objects")
    return found


def weights_sha256(weights: list[np.ndarray]) -> str:
    """SHA-256 over all layers' weights as little-endian int16, row after row."""
    digest = hashlib.sha256()
    for w in weights:
        digest.update(np.ascontiguousarray(w, "<i2").tobytes())
    return digest.hexdigest()
