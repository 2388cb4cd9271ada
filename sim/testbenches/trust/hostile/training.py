"""Training over a hostile line: what it ends with equals what it ends with on a clean one, and the counters agree."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ffpga import Dataset, Device, NetworkConfig, TrainingResult, load_dataset, open_device, train
from ffpga.driver.opening import open_transport
from ffpga.markdown import table
from ffpga_golden import Fields
from testbenches.trust.hostile.line import HostileTransport
from testbenches.trust.hostile.spi import Peripheral, behind_spi

RATES = (1e-5, 1e-4, 3e-4, 1e-3)
CONFIG = NetworkConfig(features=64, classes=10, layers=(32, 16), lanes=8)
#: The digits' rows in pairs: each block of 16 neurons sees three pairs. Their samples are shorter in few bits.
FIELDS = replace(CONFIG, fields=(Fields(tile=16, blocks=((0, 1, 2), (1, 2, 3))), None), few_bits=True)
#: By name: what is opened, its network, and its line. Over SPI, what is cut is what a lost chip select takes away.
TARGETS = {
    "golden": ("golden", CONFIG, "bytes"),
    "sim": ("sim", CONFIG, "bytes"),
    "sim, receptive fields": ("sim", FIELDS, "bytes"),
    "golden, SPI": ("golden", CONFIG, "spi"),
    "sim, SPI": ("sim", CONFIG, "spi"),
}
#: Seconds of SPI's time in which nothing is said: several times what the longest command takes.
SILENCE = 0.0002
#: Lines of `TARGETS`.
LINES = ("bytes", "spi")


def figures_of(result: TrainingResult) -> dict[str, Any]:
    """All that a run must say the same of on any line: what is left out is time."""
    figures = result.as_dict()
    del figures["seconds"]
    figures["epochs"] = [{**epoch, "seconds": None} for epoch in figures["epochs"]]
    return figures


def hostile_run(
    target: str,
    config: NetworkConfig,
    data: Dataset,
    *,
    rate: float,
    seed: int,
    clean: dict[str, Any],
    line: str = "bytes",
    **options: Any,
) -> dict[str, Any]:
    """Trains over a hostile line, of bytes alone or of SPI.

    Returns
    -------
    dict
        What was done to the line, what was counted, and whether all of it is `right`: weights and figures are those of
        `clean`, and the accounts are balanced.
    """
    started = time.perf_counter()
    opened = open_transport(target, config)
    spoilt = HostileTransport(Peripheral(opened) if line == "spi" else opened, seed, 0.0 if line == "spi" else rate)
    transport = behind_spi(spoilt) if line == "spi" else spoilt
    # A silent device is silent in no time: simulated time passes only while it is asked, the golden device needs none.
    with Device(transport, config, timeout=SILENCE if line == "spi" else 0.01, patience=100) as device:
        spoilt.rate = rate  # over SPI from now on: what idles has faults, too, which nobody counts before a session
        result = train(device, data, **options)
        accounts = spoilt.accounts(device)
        figures = figures_of(result)
        return {
            "target": target,
            "rate": rate,
            "seed": seed,
            "right": figures == clean and all(counted == expected for counted, expected in accounts.values()),
            "weights_sha256": figures["weights_sha256"],
            "same_weights": figures["weights_sha256"] == clean["weights_sha256"],
            "same_figures": figures == clean,
            "commands": device.link.commands,
            "frames": spoilt.to_device.frames,
            "resent": device.link.resent,
            "refused": accounts["frames that the device refused"][0],
            "faults": spoilt.to_device.faults + spoilt.from_device.faults,
            "accounts": accounts,
            "line": spoilt.as_dict(),
            "seconds": time.perf_counter() - started,
        }


def hostile_runs(epochs: int = 20, seed: int = 1, say: Any = print, lines: Sequence[str] = LINES) -> dict[str, Any]:
    """Every rate on every target behind some lines, with the digits."""
    data = load_dataset("digits")
    clean = {}
    for config in (CONFIG, FIELDS):
        with open_device("golden", config) as device:
            clean[config] = figures_of(train(device, data, epochs=epochs))
    runs = []
    for name, (target, config, line) in TARGETS.items():
        for rate in RATES if line in lines else ():
            run = {"rate": rate, "seed": seed, "clean": clean[config], "line": line}
            found = hostile_run(target, config, data, **run, epochs=epochs)
            runs.append({**found, "target": name})
            say(f"{name}, a bit in {1 / rate:,.0f}: {found['faults']:,} faults, {'right' * found['right'] or 'WRONG'}")
    return {
        "configuration": str(CONFIG),
        "epochs": epochs,
        "right": all(run["right"] for run in runs),
        "commands": sum(run["commands"] for run in runs),
        "frames": sum(run["frames"] for run in runs),
        "faults": sum(run["faults"] for run in runs),
        "runs": runs,
    }


def hostile_table(figures: dict[str, Any]) -> str:
    """The runs, a line each."""
    head = (
        "device",
        "bits flipped, one in",
        "faults",
        "commands",
        "frames sent",
        "refused",
        "answers damaged",
        "weights",
    )
    lines = [
        (
            run["target"],
            f"{1 / run['rate']:,.0f}",
            *(f"{run[name]:,}" for name in ("faults", "commands", "frames", "refused")),
            f"{run['accounts']['answers that the driver saw damaged'][0]:,}",
            "as on a clean line" if run["same_weights"] else "DIFFERENT",
        )
        for run in figures["runs"]
    ]
    return table(head, lines)
