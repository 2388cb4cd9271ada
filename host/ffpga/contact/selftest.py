"""A device's self-test: line, registers, weight memory, training beside the golden model, rates; what a fault means."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ffpga_golden import GoldenDevice
from ffpga_golden.initial import initial_weights
from ffpga_golden.protocol import Opcode, encode_frame
from ffpga_golden.registers import COUNTERS

from ..driver.device import Device
from ..driver.link import DirectLink
from ..driver.samples import loading
from ..driver.step import StepResult
from ..errors import DeviceReset, FfpgaError
from .march import march

#: Bits that a byte takes on a serial line, on SPI 8; and the share of a predicted rate that must be reached.
LINE_BITS, LEAST = 10, 0.7
#: Seconds of a round trip from which on an adapter is called slow.
SLOW = 0.006

MEANINGS = {
    "line": "bytes arrive damaged: look at ground and cable, then whether the board's clock is what its bitstream was "
    "made for, and whether it was built for this --baud",
    "slow": "the adapter holds back what it receives: its latency timer must be 1 ms (Linux: low-latency mode; "
    "Windows: the port's advanced settings)",
    "registers": "a register does not hold what is written, while the line is right: the bitstream is of another "
    "version, or the core is clocked faster than it was placed for",
    "memory": "the weight memory does not hold what is written: a faulty block RAM, or a core that is clocked faster "
    "than it was placed for; make the bitstream again with another --seed or a slower clock, else take another chip",
    "training": "the core calculates something else than the golden model: clocked faster than it was placed for, a "
    "faulty multiplier, or a bitstream of another version",
    "clock": "the core's clock is not what was said: look at the crystal, the PLL's settings, and the board's name",
    "rates": "something takes longer than line, round trip and core explain: another program on this machine, a hub, "
    "or the core's clock",
    "reset": "the device was reset meanwhile: look at its power, and at the reset pin",
}


@dataclass(frozen=True)
class Check:
    """What was looked at, and what was found."""

    name: str
    right: bool | None  #: None: it could not be told
    said: str
    meaning: str = ""  #: what a fault means, and its remedy


def selftest(
    device: Device,
    *,
    steps: int = 200,
    baud: int | None = None,
    bits: int = LINE_BITS,
    clock_hz: float | None = None,
    now: Callable[[], float] = time.perf_counter,
) -> Iterator[Check]:
    """Looks at a device, one thing after the other. Weights, registers and tables are put back at the end.

    Parameters
    ----------
    device : Device
    steps : int
        Training steps beside the golden model.
    baud : int, optional
        Of its line; left out, no rates are measured: a device in software has none.
    bits : int
        Of a byte on the line.
    clock_hz : float, optional
        What the core's clock should be.
    now : callable
        Seconds.
    """
    weights = device.read_weights()
    registers = {name: device.read_register(name) for name in device.registers}
    tables = device.read_tables() if device.config.black_box else None
    stages: list[tuple[str, Callable[[], Iterator[Check]]]] = [
        ("line", lambda: _line(device, baud is not None, now)),
        ("registers", lambda: _registers(device)),
        ("memory", lambda: _memory(device)),
        ("training", lambda: _training(device, steps)),
    ]
    if baud is not None:
        stages.append(("rates", lambda: _rates(device, baud / bits, clock_hz, now)))
    for name, stage in stages:
        try:
            yield from stage()
        except DeviceReset as error:
            yield Check(name, False, str(error), MEANINGS["reset"])
            device.reopen()
        except FfpgaError as error:
            yield Check(name, False, str(error), MEANINGS["line"])
            device.reopen()
    device.write_weights(weights)
    if tables is not None:
        device.write_tables(tables)
    for name, value in registers.items():
        register = device.registers[name]
        device.write_register(name, max(register.low, min(register.high, value)))


def _line(device: Device, timed: bool, now: Callable[[], float]) -> Iterator[Check]:
    link, before = device.link, device.counters()["link_errors"]
    damaged, resent = link.damaged, link.resent
    trips = []
    for _ in range(20):
        began = now()
        device.call(Opcode.COUNTERS)
        trips.append(now() - began)
    for _ in range(500):
        device.submit(Opcode.COUNTERS)
    device.flush()
    refused = device.counters()["link_errors"] - before
    damaged, resent = link.damaged - damaged, link.resent - resent
    said = f"522 commands; {refused} refused, {damaged} answers damaged, {resent} frames sent again"
    yield Check("line", not (damaged or refused or resent), said, MEANINGS["line"])
    if timed:
        trip = float(np.median(trips))
        said = f"{1000 * trip:.2f} ms for a command that is waited for"
        yield Check("round trip", trip < SLOW, said, MEANINGS["slow"])


def _registers(device: Device) -> Iterator[Check]:
    wrong, asked = [], 0
    for name, register in device.registers.items():
        held = device.read_register(name)
        values = {register.low, register.high, *(v & register.high for v in (0x5555_5555, 0xAAAA_AAAA, 0x0F0F_F0F0))}
        for value in sorted(v for v in values if v >= register.low):
            device.write_register(name, value)
            found, expected = device.read_register(name), value | (name == "seed")
            asked += 1
            if found != expected:
                wrong.append(f"{name} reads {found:,} after {value:,}")
        device.write_register(name, max(register.low, min(register.high, held)))
    said = "; ".join(wrong[:3]) or f"{asked} values written and read"
    yield Check("registers", not wrong, said, MEANINGS["registers"])


def _memory(device: Device) -> Iterator[Check]:
    found = march(device)
    yield Check("weight memory", not found.faults, str(found), MEANINGS["memory"])


def _training(device: Device, steps: int) -> Iterator[Check]:
    """The same random steps on both; the first difference is told."""
    config, random = device.config, np.random.RandomState(1)
    golden_device = GoldenDevice(config)
    golden = Device(golden_device, config, link=DirectLink(golden_device))
    both = device, golden
    for one in both:
        for name, register in golden.registers.items():
            one.write_register(name, register.reset)
        one.write_weights(initial_weights(config, 1))
        if config.black_box:
            one.write_tables(np.tile(np.arange(256, dtype=np.uint8), (config.depth - 1, 1)))
    before = [one.counters() for one in both]
    difference = ""
    for step in range(steps):
        answers: list[list[object]] = [[], []]
        x = _samples(random, 2, config.features, 0.4)
        label = random.randint(max(1, config.classes))
        for one, heard in zip(both, answers, strict=True):
            for slot in range(1 if config.classes else 2):
                one.submit_sample(x[slot], slot)
            one.submit_pair(label, done=heard.append)
            one.submit_infer(lambda *answer, heard=heard: heard.append(answer))
            one.flush()
        if answers[0] != answers[1]:
            difference = f"step {step + 1}: {_told(answers[0])}, golden {_told(answers[1])}"
            break
    if not difference:
        wrong = sum(int((a != b).sum()) for a, b in zip(device.read_weights(), golden.read_weights(), strict=True))
        spent = [_spent(one, start) for one, start in zip(both, before, strict=True)]
        unequal = [f"{n} is {spent[0][n]:,}, golden {spent[1][n]:,}" for n in spent[0] if spent[0][n] != spent[1][n]]
        difference = f"{wrong:,} weights differ" if wrong else "; ".join(unequal[:2])
    said = f"equal to the golden model after {steps} steps: answers, {config.weights:,} weights, counters"
    yield Check("training", not difference, difference or said, MEANINGS["training"])


def _samples(random: np.random.RandomState, count: int, features: int, share: float) -> np.ndarray:
    """Of random features a share, the others 0."""
    return (random.randint(1, 256, (count, features)) * (random.rand(count, features) < share)).astype(np.uint8)


def _spent(device: Device, before: dict[str, int]) -> dict[str, int]:
    after = device.counters()
    return {name: after[name] - before[name] for name in COUNTERS if name != "link_errors"}


def _told(answers: list[object]) -> str:
    step, inference = answers
    assert isinstance(step, StepResult)
    return f"sums of squares {step.squares}, label {step.label}, then {inference}"


def _rates(device: Device, bytes_a_second: float, clock_hz: float | None, now: Callable[[], float]) -> Iterator[Check]:
    """Pairs with their samples, pipelined, beside what line, round trip and core allow."""
    config, random, pairs = device.config, np.random.RandomState(2), 300
    x = _samples(random, pairs, config.features, 0.2)
    slots, steps = 1 if config.classes else 2, 12 * config.depth + 1
    sent = sum(len(encode_frame(1, *loading(one, few_bits=not device.gaps))) for one in x) * slots
    sent += pairs * len(encode_frame(1, Opcode.TRAIN_PAIR, b"\1\1"))
    back = pairs * (slots * len(encode_frame(1, 0)) + len(encode_frame(1, 0, b"\1" * steps)))
    line = max(sent, back) / bytes_a_second
    began = now()
    device.call(Opcode.COUNTERS)
    trip = now() - began
    before, began = device.counters(), now()
    for one in x:
        for slot in range(slots):
            device.submit_sample(one, slot)
        device.submit_pair(0)
    device.flush()
    took = now() - began
    waits = trip * pairs * (1 + slots) / device.link.window.size  # type: ignore[union-attr]
    clocks = device.counters()["clocks"] - before["clocks"]
    core = clocks / clock_hz if clock_hz else 0.0
    bounds = {"line": line, "round trip": waits, "core": core}
    binding = max(bounds, key=lambda name: bounds[name])
    said = f"{pairs / took:,.0f} pairs/s, where the {binding} allows {pairs / bounds[binding]:,.0f}"
    right = bounds[binding] >= LEAST * took or (None if clock_hz is None else False)  # else it may be the core
    yield Check("rates", right, said, MEANINGS["clock" if binding == "core" else "rates"])
    if clock_hz is None:
        yield Check("clock", None, f"at least {clocks / took / 1e6:.1f} MHz; give --clock to have it judged")
    elif core > 1.05 * took:
        said = f"at least {clocks / took / 1e6:.1f} MHz, not {clock_hz / 1e6:g}"
        yield Check("clock", False, said, MEANINGS["clock"])
    elif binding != "core":
        yield Check("clock", None, f"{clock_hz / 1e6:g} MHz can be: the {binding} is what binds")
    else:
        right = core >= LEAST * took
        yield Check("clock", right, f"{clocks / took / 1e6:.1f} MHz of {clock_hz / 1e6:g}", MEANINGS["clock"])
