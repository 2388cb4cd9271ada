"""cocotb tests of a board's whole design at its pins: the host's driver trains it over the serial line."""

import os
from dataclasses import replace
from random import Random
from typing import Any

import cocotb
import numpy as np

from ffpga import Device, FfpgaError
from ffpga_golden import GoldenDevice, NetworkConfig
from ffpga_hw.boards.table import board
from testbenches.chip.cocotb_transport import CocotbTransport, bridge
from testbenches.trust.hostile.line import HostileTransport

from .adapter import Pins
from .wires import NoisyWire

BOARD = board(os.environ.get("FFPGA_BOARD", "icebreaker"))
if mhz := os.environ.get("FFPGA_CLOCK"):
    BOARD = BOARD.with_clock(float(mhz))
BOARD = replace(BOARD, baud=int(os.environ.get("FFPGA_BAUD", BOARD.baud)))
CONFIG = NetworkConfig(features=6, classes=3, layers=(4, 2), lanes=2)
SEED = 5
PAIRS = 3
RATE = 14  #: a larger step than the default, so that most weights change in few pairs

#: Clocks that a second of the driver's timeouts stands for: half of it is 600 bytes on the line.
CLOCK_RATE = 200_000


def weights() -> list[np.ndarray]:
    """All over their range: what the host begins with is too small to reach every bit of a sum."""
    random, most = np.random.RandomState(SEED), CONFIG.weight_max
    return [random.randint(-most, most + 1, (CONFIG.rows(n), width)) for n, width in enumerate(CONFIG.layers)]


def session(device: Device, pairs: int = PAIRS) -> dict[str, Any]:
    """Trains a device, with frames in flight, and infers; everything that it answers, and its weights at the end."""
    random = np.random.RandomState(SEED)
    said: dict[str, Any] = {"steps": [], "inferences": []}
    device.write_weights(weights())
    device.write_register("seed", SEED)
    device.write_register("learning_rate", RATE)
    for step in range(pairs):
        device.submit_sample(random.randint(0, 256, CONFIG.features, np.uint8) * (random.rand(CONFIG.features) < 0.7))
        device.submit_pair(step % CONFIG.classes, (step + 1) % CONFIG.classes, said["steps"].append)
        if step % 2:
            device.submit_infer(lambda *answer: said["inferences"].append(answer))
    said["weights"] = [layer.tolist() for layer in device.read_weights()]
    return {**said, "counters": device.counters(), "resent": device.link.resent}


async def power_up(dut) -> Pins:
    """The board with a host whose baud rate is off by FFPGA_BAUD_ERROR."""
    error = float(os.environ.get("FFPGA_BAUD_ERROR", "0"))
    dut._log.info("%s, seed %d, baud error %g", CONFIG, SEED, error)
    pins = Pins(dut, BOARD, error)
    await pins.start()
    return pins


@cocotb.test()
async def the_driver_trains_the_board(dut) -> None:
    """Every answer, weight, counter and clock equals golden, and no frame is said twice."""
    expected = session(Device(GoldenDevice(CONFIG)))
    changed = [np.mean(np.array(w) != before) for w, before in zip(expected["weights"], weights(), strict=True)]
    assert min(changed) >= 0.5, f"half of each layer's weights must change, not {changed}"
    assert expected["resent"] == expected["counters"]["link_errors"] == 0
    pins = await power_up(dut)

    def use() -> None:
        found = session(Device(CocotbTransport(pins, CLOCK_RATE), CONFIG, patience=1))
        for name, right in expected.items():
            assert found[name] == right, f"{name}: {found[name]}, not {right}"

    await bridge(use)()
    measured = pins.measured_error()
    assert abs(measured - pins.error) < 3e-5, f"the baud error must be {pins.error:%}, not {measured:%}"


#: Pairs over a line with faults, and seconds of silence after which what was lost there is said again: 3,000 clocks are
#: 100 bytes, more than any answer has.
MANY_PAIRS = 10
SILENCE = 0.015


def differences(found: dict[str, Any]) -> list[str]:
    """What a session over a line with faults says otherwise than over a clean one, but for the faults themselves."""
    expected = session(Device(GoldenDevice(CONFIG)), MANY_PAIRS)
    for said in (found, expected):
        del said["counters"]["link_errors"], said["resent"]
    return [f"{name}: {found[name]}, not {right}" for name, right in expected.items() if found[name] != right]


@cocotb.test()
async def the_driver_trains_the_board_over_a_hostile_line(dut) -> None:
    """Bits flipped, bytes lost, doubled, invented, cut, delayed, both ways: the same answers, and every fault shows."""
    pins = await power_up(dut)

    def use() -> None:
        line = HostileTransport(CocotbTransport(pins, CLOCK_RATE), SEED, 0.002)
        device = Device(line, CONFIG, timeout=0.05, patience=100)
        assert not (wrong := differences(session(device, MANY_PAIRS))), wrong
        accounts = line.accounts(device)
        # A UART has no back-pressure: what comes while the link still sends refusals may be lost there, and shows.
        refused, expected = accounts.pop("frames that the device refused")
        assert refused >= expected, f"{refused} frames refused, but at least {expected} must be"
        for name in ("commands executed", "damaged frames believed", "answers that the driver saw damaged"):
            counted, expected = accounts[name]
            assert counted == expected, f"{name}: {counted}, not {expected}"
        said = line.as_dict()
        dut._log.info("refused %d, %s", refused, said)
        assert all(said[way]["faults"] > 5 for way in ("to_device", "from_device")), said

    await bridge(use)()


@cocotb.test()
async def the_driver_trains_the_board_over_noisy_wires(dut) -> None:
    """On both wires levels turned, for any time; start bits lost; start bits that are none: the same weights."""
    pins = await power_up(dut)
    wires = {
        "rx": NoisyWire(dut.rx, dut.turn_rx, dut.hold_rx, pins.bit_ns),
        "tx": NoisyWire(dut.sent, dut.turn_tx, dut.hold_tx, pins.bit_ns),
    }

    def use() -> None:
        device = Device(CocotbTransport(pins, CLOCK_RATE), CONFIG, timeout=SILENCE, patience=100)
        for name, wire in wires.items():
            wire.start(Random(f"{name} {SEED}"), bits=400)
        found = session(device, MANY_PAIRS)
        refused, resent, damaged = found["counters"]["link_errors"], found["resent"], device.link.damaged
        assert not (wrong := differences(found)), wrong
        faults = {name: wire.faults for name, wire in wires.items()}
        dut._log.info("%s: %d frames refused, %d answers damaged, %d frames resent", faults, refused, damaged, resent)
        assert min(count for kinds in faults.values() for count in kinds.values()) > 5, faults
        assert min(refused, damaged, resent) > 5, (refused, damaged, resent)

    await bridge(use)()


@cocotb.test()
async def the_board_does_not_understand_the_host(dut) -> None:
    """What a baud error is too large for."""
    pins = await power_up(dut)

    def use() -> None:
        try:
            Device(CocotbTransport(pins, CLOCK_RATE), CONFIG, timeout=0.1, patience=1)
        except FfpgaError as silent:
            assert "the device is silent" in str(silent)
        else:
            raise AssertionError("an identification got through")

    await bridge(use)()


@cocotb.test()
async def the_led_counts_commands(dut) -> None:
    """It is lit by the 128th command since the chip was switched on, and by none before."""
    pins = await power_up(dut)

    def use() -> None:
        device = Device(CocotbTransport(pins, CLOCK_RATE), CONFIG)  # two answers: the identification, counters
        nothing = np.zeros(CONFIG.features, np.uint8)
        for _ in range(128 - 3):
            device.submit_sample(nothing)
        device.flush()
        assert dut.led.value == BOARD.led_low, "dark"
        device.load_sample(nothing)
        assert dut.led.value == (not BOARD.led_low), "lit"

    await bridge(use)()
