"""A hostile line: damages, loses, doubles, invents, cuts and delays bytes in both directions, from a seed, and counts.

Like a real line it never changes the order of bytes. It follows what arrives with the protocol's own rules, so that
whatever the driver and the device count can be held to what was done to them.
"""

import math
from collections import deque
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from ffpga.driver.transport import Transport
from ffpga_golden.protocol import DELIMITER, WINDOW, Opcode, decode_frame

#: What may happen to a byte besides a flipped bit.
KINDS = ("lost", "doubled", "garbage", "cut", "delayed")
#: Bytes of garbage put in at once, and calls for which bytes are held back, at most.
BURST, DELAY = 8, 3
#: Frames among which one that arrives whole must be.
_RECENT = 512


@dataclass
class Direction:
    """What a direction was given and what came out of it. Empty frames do not count."""

    bytes: int = 0  #: given
    flipped: int = 0  #: bits
    lost: int = 0  #: bytes dropped
    doubled: int = 0  #: bytes said twice
    garbage: int = 0  #: bytes invented
    cut: int = 0  #: times that the rest of what was said was dropped
    delayed: int = 0  #: times that everything was held back for some calls
    frames: int = 0  #: given
    arrived: int = 0  #: frames that came out, whatever was in them
    damaged: int = 0  #: of those, the ones whose damage shows
    undetected: int = 0  #: of those, the ones whose CRC is right although they were never said

    @property
    def faults(self) -> int:
        """All that was done."""
        return self.flipped + self.lost + self.doubled + self.garbage + self.cut + self.delayed


@dataclass
class Fate:
    """What must become of the frames that reached the device."""

    executed: int = 0
    repeated: int = 0  #: executed before: answered again, not executed again
    out_of_sequence: int = 0  #: refused
    no_session: int = 0  #: refused


@dataclass
class _Direction:
    """The state of a direction."""

    random: Random
    told: Direction = field(default_factory=Direction)
    held: bytearray = field(default_factory=bytearray)
    calls: int = 0  # for which they are still held
    said: deque[bytes] = field(default_factory=lambda: deque(maxlen=_RECENT))
    given: bytearray = field(default_factory=bytearray)  # frames that are not complete yet
    taken: bytearray = field(default_factory=bytearray)

    def places(self, count: int, rate: float) -> list[int]:
        """Which of `count` things happen, each with probability `rate`."""
        found: list[int] = []
        at = -1
        while rate > 0:
            at += 1 + int(math.log(1 - self.random.random()) / math.log1p(-rate))
            if at >= count:
                break
            found.append(at)
        return found

    def spoil(self, data: bytes, rate: float) -> bytes:
        """`data` as it comes out, what is held back among it."""
        told, out = self.told, bytearray(data)
        told.bytes += len(data)
        for at in self.places(8 * len(data), rate):
            out[at >> 3] ^= 1 << (at & 7)
            told.flipped += 1
        shift = 0
        for at in self.places(len(data), rate):
            kind, place = self.random.choice(KINDS), at + shift
            if kind == "lost":
                del out[place]
                told.lost += 1
                shift -= 1
            elif kind == "doubled":
                out.insert(place, out[place])
                told.doubled += 1
                shift += 1
            elif kind == "garbage":
                noise = self.random.randbytes(self.random.randint(1, BURST))
                out[place:place] = noise
                told.garbage += len(noise)
                shift += len(noise)
            elif kind == "cut":
                del out[place:]
                told.cut += 1
                break
            else:
                self.calls = self.random.randint(1, DELAY)
                told.delayed += 1
        return bytes(out)

    def passed(self, data: bytes) -> bytes:
        """What comes out now, of `data` and of what was held back."""
        self.held += data
        if self.calls:
            self.calls -= 1
            return b""
        out = bytes(self.held)
        self.held.clear()
        return out


def _whole(buffer: bytearray, data: bytes) -> list[bytes]:
    """Frames that end in `data`, without delimiters."""
    buffer += data
    if DELIMITER not in data:
        return []
    *frames, rest = bytes(buffer).split(DELIMITER)
    buffer[:] = rest
    return [frame for frame in frames if frame]


class HostileTransport:
    """A transport with faults, around any other one.

    Parameters
    ----------
    inner : Transport
        The line to the device.
    seed : int
        Of all faults. With a device whose bytes depend on the bytes it got alone, a seed is always the same run.
    rate : float
        Probability that a bit is flipped, and that a byte suffers one of `KINDS`. It may be changed at any time.
    """

    def __init__(self, inner: Transport, seed: int = 0, rate: float = 1e-4) -> None:
        self.inner = inner
        self.rate = rate
        self._to, self._from = (_Direction(Random(f"{way} {seed}")) for way in ("to", "from"))
        self._ready = bytearray()  # came out, not yet read
        self.fate = Fate()
        self._session = bytes(4)
        self._expected = self._known = 0

    @property
    def to_device(self) -> Direction:
        """What happened on the way to the device."""
        return self._to.told

    @property
    def from_device(self) -> Direction:
        """What happened on the way back."""
        return self._from.told

    # Transport -----------------------------------------------------------------------------------------------------
    def write(self, data: bytes) -> None:
        """Sends what is left of `data`."""
        self._say(self._to, data)
        self._deliver(self._to.spoil(data, self.rate))

    def read(self, n: int, timeout: float) -> bytes:
        """At most `n` bytes of what came through; b"" on silence, or where they are held back."""
        self._deliver(b"")
        if not self._ready:
            data = self.inner.read(n, timeout)
            self._say(self._from, data)
            self._ready += self._from.passed(self._from.spoil(data, self.rate))
        data = bytes(self._ready[:n])
        del self._ready[:n]
        for frame in _whole(self._from.taken, data):
            self._arrive(self._from, frame)
        return data

    def close(self) -> None:
        """Releases the inner line."""
        self.inner.close()

    def _deliver(self, data: bytes) -> None:
        data = self._to.passed(data)
        for frame in _whole(self._to.taken, data):
            self._arrive(self._to, frame)
            self._judge(frame)
        if data:
            self.inner.write(data)

    # Accounts ------------------------------------------------------------------------------------------------------
    def _say(self, way: _Direction, data: bytes) -> None:
        for frame in _whole(way.given, data):
            way.told.frames += 1
            way.said.append(frame)

    def _arrive(self, way: _Direction, frame: bytes) -> None:
        way.told.arrived += 1
        if decode_frame(frame) is None:
            way.told.damaged += 1
        elif frame not in way.said:
            way.told.undetected += 1

    def _judge(self, frame: bytes) -> None:
        """Follows the protocol: what the device must do with a frame."""
        decoded = decode_frame(frame)
        if decoded is None:
            return
        sequence, opcode, payload = decoded
        if opcode == Opcode.IDENTIFY and len(payload) == 4 and payload != self._session:
            self._session, self._expected, self._known = payload, sequence, 0
        behind = (self._expected - sequence) & 255
        if not any(self._session):
            self.fate.no_session += 1
        elif not behind:
            self.fate.executed += 1
            self._expected = (sequence + 1) & 255
            self._known = min(WINDOW, self._known + 1)
        elif behind <= self._known:
            self.fate.repeated += 1
        else:
            self.fate.out_of_sequence += 1

    def calm(self) -> None:
        """No more faults; what is held back comes out with the next call."""
        self.rate = 0.0
        self._to.calls = self._from.calls = 0

    def accounts(self, device: Any) -> dict[str, tuple[int, int]]:
        """Calms the line and closes the books: what driver and device counted, and what the line says it must be.

        Every pair is equal unless something was executed twice or never, or a damaged frame was believed. The device
        must have been opened over this line, once, and not have been reset, and its link errors have been 0 then.

        Parameters
        ----------
        device : Device
            Or what has its `counters()` and `link`.

        Returns
        -------
        dict
            (counted, expected) by name.
        """
        self.calm()
        for _ in range(2):  # the first may still meet what was damaged before
            counters = device.counters()
        link = device.link
        transport = getattr(link, "transport", None)
        while transport and (data := transport.read(4096, 0.0)):  # what it has not yet looked at
            link._frames(data)
        while any(self.read(4096, 0.0)):  # zeros are idle
            pass
        to, back, fate = self.to_device, self.from_device, self.fate
        refused = to.damaged + fate.out_of_sequence + fate.no_session
        return {
            "frames that the driver said": (link.sent, to.frames),
            "commands executed": (link.commands, fate.executed),
            "frames that the device refused": (counters["link_errors"], refused),
            "frames that reached the device": (to.arrived, refused + fate.executed + fate.repeated),
            "answers that the driver saw damaged": (link.damaged, back.damaged),
            "damaged frames believed": (to.undetected + back.undetected, 0),
        }

    def as_dict(self) -> dict[str, Any]:
        """Everything that was counted, for JSON."""
        return {
            "to_device": {**asdict(self.to_device), "faults": self.to_device.faults},
            "from_device": {**asdict(self.from_device), "faults": self.from_device.faults},
            "fate": asdict(self.fate),
        }
