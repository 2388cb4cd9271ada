"""The long form of the fuzzing: atheris (libFuzzer), led by what of host and golden model its bytes reach.

python -m testbenches.trust.fuzz.runs TARGET FOLDER -max_total_time=SECONDS fuzzes one target, with any option of
libFuzzer; a fault ends it, and its bytes are left in the folder.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ffpga import FfpgaError
from ffpga.markdown import table

NAMES = (
    "golden", "golden-no-classes", "golden-fields", "board", "board-fields",
    "driver", "driver-no-classes", "driver-fields",
    "checkpoint", "checkpoint member", "npz", "npz member", "csv", "idx", "idx.gz", "config",
)  # fmt: skip
#: Bytes of a program at most.
LENGTH = 600


def target(name: str, folder: Path) -> Callable[[bytes], Any]:
    """What a target does with bytes."""
    from .files import FileFuzz
    from .programs import CONFIG, FIELDS, TARGETS, BoardFuzz

    if name in TARGETS:
        return TARGETS[name]
    if name.startswith("board"):
        from ffpga_sim import VirtualBoard

        return BoardFuzz(VirtualBoard(FIELDS if name == "board-fields" else CONFIG))
    return FileFuzz(name, folder)


def main(name: str, folder: str, *options: str) -> None:
    """Fuzzes one target; libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["ffpga", "ffpga_golden"]):
        import ffpga  # noqa: F401
        import ffpga_golden.device  # noqa: F401
    with tempfile.TemporaryDirectory() as scratch:
        chosen = target(name, Path(scratch))

        def one(data: bytes) -> None:
            chosen(data)

        atheris.Setup([sys.argv[0], f"-artifact_prefix={folder}/", f"-max_len={LENGTH}", *options, folder], one)
        atheris.Fuzz()


def fuzz_runs(minutes: float, out: Path, only: str = "", say: Any = print) -> dict[str, Any]:
    """Every target for its share of the time. What reached something new is kept in `out`, and goes on from there."""
    if find_spec("atheris") is None:
        raise FfpgaError("fuzzing needs atheris: pip install 'ffpga[fuzz]'")
    names = [name for name in NAMES if only in name]
    seconds = max(1, round(60 * minutes / len(names)))
    rows = []
    for name in names:
        folder = out / name.replace(" ", "-")
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "testbenches.trust.fuzz.runs", name, str(folder), f"-max_total_time={seconds}"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        found = re.findall(r"Done (\d+) runs", done.stderr) or re.findall(r"#(\d+)", done.stderr) or ["0"]
        reached = re.findall(r"cov: (\d+)", done.stderr) or ["0"]
        right = done.returncode == 0 and int(found[-1]) > 0
        rows.append({"target": name, "runs": int(found[-1]), "reached": int(reached[-1]), "right": right})
        if not right:
            (out / f"{folder.name}.log").write_text(done.stderr)
        say(f"{name}: {rows[-1]['runs']:,} programs, {'no fault' if right else f'FAULT, see {out}/{folder.name}.log'}")
    return {"seconds_each": seconds, "right": all(row["right"] for row in rows), "targets": rows}


def fuzz_table(figures: dict[str, Any]) -> str:
    """A line for each target."""
    lines = [
        (row["target"], f"{row['runs']:,}", f"{row['reached']:,}", "0" if row["right"] else "FOUND")
        for row in figures["targets"]
    ]
    return table(("what", "programs of bytes", "branches reached", "faults"), lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
