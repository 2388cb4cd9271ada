"""The order of the tests, the longest first, so that at the end no worker waits for another one; and their garbage."""

import gc
import os
from pathlib import Path

import pytest

# The workers are as many as there are processors, and the matrices small: further threads only wait for each other.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

TESTS = Path(__file__).parent
#: Folders and files in the order in which they are begun; what is not named comes after them, and the quickest last.
FIRST = (
    "sim/chip", "sim/cells", "sim/pins", "hw/flow/test_synth.py", "sim/axi", "sim/board", "hw/link", "sim/trust",
    "sim/wave", "docs", "host/training/test_resume.py", "sim", "hw/families", "hw", "host/training", "host",
)  # fmt: skip


def place(path: Path) -> int:
    """When the tests of a file begin, among the others."""
    name = path.relative_to(TESTS).as_posix()
    return next((at for at, first in enumerate(FIRST) if f"{name}/".startswith(f"{first}/")), len(FIRST))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts what was collected; tests of a file stay beside each other."""
    items.sort(key=lambda item: place(item.path))


def pytest_collection_finish() -> None:
    """What was collected stays until the end; hardware makes objects by the hundred thousand, and all of them count.

    Python's own limits have every test walk through all that is alive, again and again, which is a third of the time
    that Verilog takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
