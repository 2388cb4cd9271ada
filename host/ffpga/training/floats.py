"""Weights as numbers, for what was trained or is to be trained elsewhere: float32 with names for the rows, and back."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np

from ffpga_golden.config import NetworkConfig

from ..data.npz import DAMAGE, read_npz, reason
from ..data.preparation import class_names
from ..errors import FfpgaError
from ..fields import by_feature, by_row
from ..files import write_whole
from .checkpoint import CHECKPOINT_MAX, Checkpoint


def unit(config: NetworkConfig) -> int:
    """What a weight of 1 is on the device."""
    return 64 if config.weight_bits == 8 else 4096


def row_names(held: Checkpoint, layer: int) -> list[str]:
    """Of a layer's rows, as `as_floats` gives them: inputs, then what is above, labels, bias."""
    config, prepared = held.config, held.prepared
    if layer == 0 and prepared is not None:
        names = list(prepared.coding.input_names)
    elif layer == 0:
        names = [f"input {n + 1}" for n in range(config.features)]
    elif config.fields_of(layer):
        names = [f"row {n + 1} of the block's field" for n in range(config.seen(layer))]
    else:
        names = [f"layer {layer} neuron {n + 1}" for n in range(config.inputs(layer))]
    names += [f"layer {layer + 2} neuron {n + 1}" for n in range(config.above(layer))]
    if layer == config.label_layer:
        names += [f"label {name}" for name in class_names(prepared, config.classes)]
    return [*names, "bias"]


def as_floats(held: Checkpoint) -> list[np.ndarray]:
    """float32[rows, width] a layer; the first by its inputs as they come, 0 where a neuron does not see one."""
    first = by_feature(held.config, held.weights[0], held.order)
    return [(w / unit(held.config)).astype(np.float32) for w in (first, *held.weights[1:])]


def export_floats(held: Checkpoint, path: Path) -> None:
    """Writes `weights1`, `rows1`, `weights2`, ... and the names of the classes as a plain `.npz` file."""
    arrays: dict[str, np.ndarray] = {}
    for layer, weights in enumerate(as_floats(held), 1):
        arrays |= {f"weights{layer}": weights, f"rows{layer}": np.array(row_names(held, layer - 1))}
    arrays["labels"] = np.array(class_names(held.prepared, held.config.classes), np.str_)
    file = BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    write_whole(path, file.getvalue())


def import_floats(path: Path, like: Checkpoint) -> tuple[Checkpoint, int]:
    """A checkpoint like another one with the weights of a file that `export_floats` could have written.

    They are rounded to the nearest weight of the device and held at its limits of +-127/64, or +-8191/4096.

    Returns
    -------
    tuple of Checkpoint and int
        And how many weights were held at a limit.

    Raises
    ------
    FfpgaError
        The file is none, or its weights are of other sizes, not finite, or where a neuron does not see an input.
    """
    config = like.config
    try:
        arrays = read_npz(path, CHECKPOINT_MAX)
    except FileNotFoundError:
        raise FfpgaError(f"{path} does not exist: check the path") from None
    except DAMAGE as error:
        raise FfpgaError(
            f"{path} is no .npz file of plain arrays ({reason(error)}): write it with numpy.savez"
        ) from None
    weights, held = [], 0
    for layer, shaped in enumerate(as_floats(like)):
        name, rows = f"weights{layer + 1}", shaped.shape
        found = arrays.get(name)
        if found is None or found.shape != rows or found.dtype.kind not in "fiu":
            what = "nothing" if found is None else f"{found.dtype}{list(found.shape)}"
            names = row_names(like, layer)
            raise FfpgaError(
                f"{path}: {name} must be numbers {list(rows)}, rows {names[0]} to {names[-1]}, not {what}: take the "
                "shapes that ffpga export writes for this network"
            )
        if not np.isfinite(found).all():
            row, column = np.argwhere(~np.isfinite(found))[0]
            raise FfpgaError(f"{path}: {name} must be finite, not {found[row, column]} (row {row + 1}): train again")
        scaled = np.rint(found.astype(np.float64) * unit(config))
        held += int((np.abs(scaled) > config.weight_max).sum())
        whole = np.clip(scaled, -config.weight_max, config.weight_max).astype(np.int16)
        if layer == 0:
            whole, full = by_row(config, whole, like.order), whole
            if not np.array_equal(by_feature(config, whole, like.order), full):
                raise FfpgaError(
                    f"{path}: {name} must be 0 where a neuron's field does not have the input: leave it out"
                )
        weights.append(whole)
    made = Checkpoint(config, weights, registers=like.registers, tables=like.tables, order=like.order)
    return replace(made, prepared=like.prepared), held
