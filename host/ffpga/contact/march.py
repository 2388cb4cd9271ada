"""A march test of the weight memory: which bits of it do not hold what is written.

Every place is written and read upwards and downwards, with a pattern and its complement, as in March C- (van de Goor
1991), but a frame of weights at a time; a second pattern, random in the address, finds addresses that are mixed up.
"""

import struct
from dataclasses import dataclass

import numpy as np

from ffpga_golden.protocol import PAYLOAD_MAX, Opcode

from ..driver.device import Device
from ..driver.weights import weight_type


@dataclass(frozen=True)
class March:
    """What a march has found."""

    weights: int
    lanes: int
    faults: tuple[tuple[int, int, str], ...]  #: (weight number, bit, "0", "1" or "both": what it reads wrongly)

    def __str__(self) -> str:
        if not self.faults:
            return f"every bit of {self.weights:,} weights holds 0 and 1"
        places: dict[tuple[int, int, str], list[int]] = {}
        for number, bit, reads in self.faults:
            places.setdefault((number % self.lanes, bit, reads), []).append(number // self.lanes)
        found = []
        for (lane, bit, reads), words in list(places.items())[:3]:
            where = f"word {words[0]}" if len(words) == 1 else f"{len(words):,} words from {words[0]} to {words[-1]}"
            how = "is unsteady" if reads == "both" else f"reads {reads} where it should not"
            found.append(f"bit {bit} of lane {lane} in {where} {how}")
        more = len(places) - len(found)
        return "; ".join(found) + (f"; and {more} more bits of lanes" if more > 0 else "")


def march(device: Device) -> March:
    """Tests a device's weight memory; its weights are lost."""
    config = device.config
    kind = weight_type(config)
    limit, unsigned = config.weight_max, np.dtype(f"<u{kind.itemsize}")
    alternating = np.full(config.weights, 0x55 if kind.itemsize == 1 else 0x1555, kind)
    scattered = np.random.RandomState(1).randint(-limit, limit, config.weights).astype(kind)
    # Bits that were read as 1 in place of 0, and as 0 in place of 1.
    high, low = (np.zeros(config.weights, unsigned) for _ in range(2))
    for pattern in (alternating, scattered):
        _pass(device, None, pattern, high, low)
        _pass(device, pattern, ~pattern, high, low)
        _pass(device, ~pattern, pattern, high, low, down=True)
        _pass(device, pattern, None, high, low, down=True)
    faults = []
    for number in np.flatnonzero(high | low).tolist():
        for bit in range(8 * kind.itemsize):
            ones, zeros = int(high[number]) >> bit & 1, int(low[number]) >> bit & 1
            if ones or zeros:
                faults.append((number, bit, "both" if ones and zeros else "1" if ones else "0"))
    return March(config.weights, config.lanes, tuple(faults))


def _pass(
    device: Device,
    expected: np.ndarray | None,
    written: np.ndarray | None,
    high: np.ndarray,
    low: np.ndarray,
    *,
    down: bool = False,
) -> None:
    """Reads and compares, then writes, frame by frame."""
    config, size = device.config, weight_type(device.config).itemsize
    step = (PAYLOAD_MAX - 3) // size
    starts = range(0, config.weights, step)
    for first in reversed(starts) if down else starts:
        word, lane = divmod(first, config.lanes)
        part = slice(first, min(first + step, config.weights))
        if expected is not None:

            def compare(payload: bytes, part: slice = part, right: np.ndarray = expected) -> None:
                found, wanted = np.frombuffer(payload, high.dtype), right[part].view(high.dtype)
                high[part] |= found & ~wanted
                low[part] |= ~found & wanted

            count = part.stop - part.start
            device.submit(Opcode.READ_WEIGHTS, struct.pack("<HBB", word, lane, count), compare)
        if written is not None:
            device.submit(Opcode.WRITE_WEIGHTS, struct.pack("<HB", word, lane) + written[part].tobytes())
    device.flush()
