"""The examples of the C driver do what they say: a serial port of a PC, and a Pico made of stubs."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ffpga import Checkpoint
from ffpga.driver.weights import packed
from ffpga.fields import windows
from ffpga_golden import GoldenDevice, Network, NetworkConfig, initial_weights
from testbenches.trust.hostile.lost import behind_terminal
from testbenches.trust.microcontroller.remote import DRIVER, build, run

EXAMPLES = DRIVER / "examples"
PICO = Path(__file__).parent / "pico"
CONFIG = NetworkConfig(features=12, classes=3, layers=(16, 8), lanes=4)


@pytest.fixture(scope="module")
def posix(tmp_path_factory):
    return build(tmp_path_factory.mktemp("posix"), sources=[EXAMPLES / "posix.c"])


@pytest.fixture
def table(tmp_path):
    """samples.csv and weights.bin, and what the golden network makes of them in two epochs."""
    random = np.random.RandomState(3)
    labels = np.arange(45) % 3
    x = np.clip(random.randint(0, 256, (3, 12))[labels] + random.randint(-20, 21, (45, 12)), 0, 255).astype(np.uint8)
    lines = [",".join(map(str, [*row, label])) for row, label in zip(x.tolist(), labels, strict=True)]
    (tmp_path / "samples.csv").write_text("\n".join(lines) + "\n")
    network = Network.initialised(CONFIG, 2)
    (tmp_path / "weights.bin").write_bytes(packed(CONFIG, network.weights))
    for _ in range(2):
        for one, label in zip(x, labels.tolist(), strict=True):
            network.train_pair(one, label)
    right = sum(network.infer(one)[0] == label for one, label in zip(x, labels.tolist(), strict=True))
    said = ["12 features, 3 labels, 2 layers", f"{right} of 45 samples right"]
    return tmp_path, network, [*said, f"90 pairs in {network.counters['clocks']} clocks; "]


def check(table, said: str) -> None:
    folder, network, expected = table
    *lines, last = said.splitlines()
    assert lines == expected[:2] and last.startswith(expected[2])
    assert (folder / "weights.bin").read_bytes() == packed(CONFIG, network.weights)


def test_a_serial_port(posix, table):
    """As it is typed, at a pseudo-terminal."""
    arguments = [table[0] / "samples.csv", "2", table[0] / "weights.bin"]
    with behind_terminal(GoldenDevice(CONFIG)) as target:
        done = subprocess.run(
            [posix, target.removeprefix("serial:"), *arguments], capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    check(table, done.stdout)


def test_a_descriptor(posix, table):
    check(
        table, run([posix, "fd:{line}", table[0] / "samples.csv", "2", table[0] / "weights.bin"], GoldenDevice(CONFIG))
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "usage: posix PORT samples.csv EPOCHS weights.bin"),
        (["/dev/none", "a", "1", "b"], "cannot open /dev/none"),
        (["/dev/null", "a", "1", "b"], "cannot open /dev/null"),
    ],
)
def test_what_a_user_can_mend(posix, words, said):
    done = subprocess.run([posix, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2 and said in done.stderr


def network_header(held: Checkpoint, folder: Path) -> str:
    """What `network.py` makes of a checkpoint."""
    held.save(folder / "checkpoint.npz")
    command = [sys.executable, DRIVER / "network.py", folder / "checkpoint.npz", folder / "network.h"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return (folder / "network.h").read_text()


@pytest.mark.parametrize("line", ["uart", "spi"])
def test_a_pico_learns(tmp_path, line):
    """The example as it is, with the SDK's functions over a descriptor: sixty samples learned, twenty told apart."""
    config = NetworkConfig(features=64, classes=2, layers=(16, 8), lanes=8)
    network_header(Checkpoint(config, initial_weights(config, 1), registers={"learning_rate": 14}), tmp_path)
    pico = EXAMPLES / "pico"
    program = build(tmp_path, sources=[pico / "main.c", pico / f"{line}.c", PICO / "stubs.c"], headers=[PICO, tmp_path])
    device = GoldenDevice(config)
    lines = run([program], device).splitlines()
    assert lines == [f"{n % 2} {n % 2}" for n in range(20)]
    assert device.network.counters["pairs"] == 60 and device.network.counters["link_errors"] == 0
    assert device.network.registers["learning_rate"] == 14
    other = GoldenDevice(NetworkConfig(features=64, classes=3, layers=(16, 8), lanes=8))
    blinks = run([program], other).splitlines()  # FFPGA_OTHER, 6 times on and off
    assert [line[-1] for line in blinks[:12]] == ["1", "0"] * 6 and other.network.counters["pairs"] == 0


def test_a_network_as_a_header(tmp_path):
    over = windows("4x4", 2, 1, 1)
    config = NetworkConfig(features=16, classes=2, layers=(8,), lanes=2, weight_bits=16, fields=(over.fields,))
    held = Checkpoint(config, initial_weights(config, 1), registers={"update_gate": 7}, order=over.order)
    text = network_header(held, tmp_path)
    assert "    {3, 7u},\n" in text and f"NETWORK_WEIGHTS = {config.weights} " in text
    program = tmp_path / "prints.c"
    program.write_text(
        '#include <stdio.h>\n#include "network.h"\nint main(void) {\n'
        '    for (int n = 0; n < NETWORK_FEATURES; n++) printf("%u ", network_order[n]);\n'
        '    for (size_t n = 0; n < sizeof network_weights; n++) printf("%02x", network_weights[n]);\n'
        "    return (int)(sizeof network_registers / sizeof *network_registers) - (int)network_config.depth;\n}\n"
    )
    said = run([build(tmp_path, sources=[program], headers=[tmp_path])], GoldenDevice(config)).split()
    assert [int(word) for word in said[:-1]] == over.order.tolist()
    assert bytes.fromhex(said[-1]) == packed(config, held.weights)


def test_what_is_no_checkpoint(tmp_path):
    spec = importlib.util.spec_from_file_location("network", DRIVER / "network.py")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    for arguments, said in (([], "takes a checkpoint and the header"), ([str(tmp_path / "no.npz"), "x.h"], "no.npz")):
        with pytest.raises(SystemExit, match=said):
            made.main(arguments)
