"""The timing diagrams: which signals of the recording, in which clocks, under which names."""

from collections.abc import Callable
from typing import Any

from ffpga_golden.config import NetworkConfig
from ffpga_golden.protocol import cobs_decode
from ffpga_golden.timing import fetch_latency, memory_latency

from ..signals import Recording
from .session import CONFIG
from .wavejson import Lane, bit, bus, later, mark, source


class _Window:
    """Some clocks of the recording."""

    def __init__(self, recording: Recording, begin: int, clocks: int) -> None:
        self._recording, self._part = recording, slice(begin, begin + clocks)
        self.clocks = clocks

    def values(self, name: str) -> list[int]:
        return list(self._recording.values(name)[self._part])

    def bit(self, name: str, shown: str) -> Lane:
        return bit(shown, self.values(name))

    def bus(self, name: str, shown: str, valid: list[Any] | None = None) -> Lane:
        return bus(shown, self.values(name), valid)

    def signed(self, name: str, shown: str, bits: int, valid: list[Any] | None = None) -> Lane:
        return bus(shown, list(self._recording.signed(name, bits)[self._part]), valid)

    def weight(self, name: str, shown: str, valid: list[Any]) -> Lane:
        """The weight of lane 0 in a word."""
        return bus(shown, [(value & 255 ^ 128) - 128 for value in self.values(name)], valid)

    def hex(self, name: str, shown: str, digits: int, valid: list[Any] | None = None) -> Lane:
        return bus(shown, [f"{value:0{digits}x}" for value in self.values(name)], valid)

    def words(self, name: str, shown: str, valid: list[Any] | None = None) -> Lane:
        return bus(shown, self._recording.words(name)[self._part], valid)

    @property
    def clock(self) -> Lane:
        return {"name": "clk", "wave": "p" + "." * (self.clocks - 1)}


def _first(values: Any, at: int = 0) -> int:
    """The first place from `at` on where something is true."""
    return next(n for n in range(at, len(values)) if values[n])


def _latencies(config: NetworkConfig) -> tuple[int, int]:
    """Clocks from a word's issue to its row, and to its weights."""
    fetch = fetch_latency(config)
    return fetch, fetch + memory_latency(config)


def forward(recording: Recording) -> str:
    """The first group of a forward walk, and its activities."""
    begin = [state == "ENTER" for state in recording.words("walker.state")].index(True)
    w = _Window(recording, begin - 2, 27)
    row, word = _latencies(CONFIG)
    issue = w.values("walker.issue")
    at_row, at_word, at_lane = later(issue, row), later(issue, word), later(issue, word + 1)
    issued, sums = w.bit("walker.issue", "issue"), w.signed("lanes.sum0", "sum", 32)
    first, there = _first(issue), _first(w.values("lanes.add")) + 1
    mark(issued, first, "A")
    mark(sums, there, "B")
    lanes = [
        w.clock,
        ["walker", w.words("walker.state", "state"), issued, w.words("walker.kind", "kind", issue)],
        ["list", w.bus("walker.row", "row", at_row), w.bus("walker.x", "x", at_row)],
        [
            "weights",
            w.bus("weight_memory.read_address", "address", at_row),
            w.weight("weight_memory.read_data", "W of lane 0", at_word),
        ],
        [
            "lane 0",
            w.signed("lanes.a0", "W", 16, at_lane),
            w.signed("lanes.b0", "x", 16, at_lane),
            w.bit("lanes.add", "add"),
            w.bit("lanes.clear", "clear"),
            sums,
        ],
        [
            "scorer",
            w.bit("scorer.capture", "capture"),
            w.bit("scorer.y_write", "write y"),
            w.bus("scorer.y", "y", w.values("scorer.y_write")),
        ],
    ]
    foot = "listed inputs, bias, then the labels' rows, which only the scorer takes; meanwhile the next group is walked"
    return source("Forward walk of a group", lanes, foot, [f"A~->B {there - first} clocks"])


def update(recording: Recording) -> str:
    """The first words of an update with one port: read, added to, written back."""
    issued = recording.values("walker.issue") & recording.values("sequencer.update")
    w = _Window(recording, _first(issued) - 2, 25)
    row, word = _latencies(CONFIG)
    issue = w.values("walker.issue")
    at_row, at_word = later(issue, row), later(issue, word)
    write = w.values("weight_memory.write_enable")
    read = w.bus("weight_memory.read_address", "read address", at_row)
    back = w.bus("weight_memory.write_address", "write address", write)
    asked, written = _first(at_row), _first(write)
    mark(read, asked, "A")
    mark(back, written, "B")
    lanes = [
        w.clock,
        ["walker", w.bit("walker.issue", "issue"), w.words("walker.kind", "kind", issue)],
        ["list", w.bus("walker.row", "row", at_row), w.bus("walker.x", "x", at_row)],
        [
            "lane 0",
            w.signed("lanes.a0", "g", 16, at_word),
            w.signed("lanes.b0", "x shifted", 16, at_word),
            w.bit("lanes.load", "load W"),
            w.bit("lanes.add", "add x g"),
        ],
        [
            "weights",
            read,
            w.weight("weight_memory.read_data", "W of lane 0", at_word),
            bit("write", [int(bool(value)) for value in write]),
            back,
            w.weight("weight_memory.write_data", "new W, lane 0", later(write, 1)),
        ],
    ]
    foot = "a word is read and, an odd number of clocks later, written: writes take the port between the reads"
    return source("Update with one port", lanes, foot, [f"A~>B {written - asked} clocks"])


def sample(recording: Recording) -> str:
    """The next sample comes in while the core works on the last."""
    running = recording.values("sequencer.running")
    step = slice(first := _first(running), first + list(running[first:]).index(0))
    writes = [n for n in range(step.start, step.stop) if recording.values("link.sample_write")[n]]
    issue = recording.values("walker.issue")
    busiest = max(writes, key=lambda n: sum(issue[n - 16 : n + 11]))
    w = _Window(recording, busiest - 16, 27)
    wrote = w.values("link.sample_write")
    taken = [valid & ready for valid, ready in zip(w.values("link.rx_valid"), w.values("link.rx_ready"), strict=True)]
    lanes = [
        w.clock,
        [
            "step",
            w.words("sequencer.state", "sequencer"),
            w.words("walker.state", "walker"),
            w.bit("walker.issue", "issue"),
        ],
        [
            "line",
            w.bit("link.rx_valid", "valid"),
            w.bit("link.rx_ready", "ready"),
            w.hex("link.rx_byte", "byte", 2, taken),
            w.words("link.receiver", "receiver"),
        ],
        [
            "sample",
            w.bit("link.sample_write", "write"),
            w.bus("link.sample_row", "row", wrote),
            w.bus("link.sample_value", "value", wrote),
            w.bit("link.sample_bank", "bank in use"),
        ],
    ]
    foot = "a byte takes 10 clocks, 8 of them for the CRC; an entry is a gap and a value, and goes to the other bank"
    return source("A sample comes in beside a step", lanes, foot)


def frame(recording: Recording) -> str:
    """The last command's frame and its answer, a column a byte."""
    take = recording.values
    came = [n for n in range(len(recording)) if take_at(take, "rx", n)]
    left = [n for n in range(len(recording)) if take_at(take, "tx", n)]
    asked, answered = _last_frame(came, take("link.rx_byte")), _last_frame(left, take("link.tx_byte"))
    question = [int(take("link.rx_byte")[n]) for n in asked]
    answer = [int(take("link.tx_byte")[n]) for n in answered]
    pause = [0] * (len(answer) + 1), [0] * (len(question) + 2)
    asks, answers = [0] + [1] * len(question) + pause[0], pause[1] + [1] * len(answer)
    clocks = [0, *asked, 0, *answered]

    def row(name: str, values: list[Any], valid: list[int], shade: str = "=") -> Lane:
        return bus(name, [values.pop(0) if on else "" for on in valid], valid, shade)

    lanes = [
        row("clock", [n - asked[0] for n in clocks if n], [a or b for a, b in zip(asks, answers, strict=True)]),
        [
            "in",
            row("byte", [f"{byte:02x}" for byte in question], asks),
            row("is", _meaning(question), asks, "4"),
        ],
        [
            "out",
            row("byte", [f"{byte:02x}" for byte in answer], answers),
            row("is", _meaning(answer), answers, "4"),
        ],
    ]
    foot = (
        "time is not to scale: a column a byte, under the clock in which it is taken; 0: a COBS code that stands for it"
    )
    return source("A frame and its answer: READ_REGISTER learning_rate", lanes, foot)


def take_at(take: Callable[[str], Any], way: str, clock: int) -> bool:
    """Whether a byte goes over the stream in a clock."""
    return bool(take(f"link.{way}_valid")[clock] & take(f"link.{way}_ready")[clock])


def _last_frame(clocks: list[int], data: Any) -> list[int]:
    """The clocks of the last frame's bytes, its delimiter with them."""
    ends = [at for at, clock in enumerate(clocks) if data[clock] == 0]
    return clocks[ends[-2] + 1 : ends[-1] + 1]


def _meaning(frame: list[int]) -> list[str]:
    """What each byte of a frame is; the code is the opcode or the status."""
    body = cobs_decode(bytes(frame[:-1]))
    assert body is not None
    names = ["seq", "code", *["data"] * (len(body) - 6), *["CRC"] * 4]
    said, code_at = [], 0
    for at in range(len(frame) - 1):
        name = names[at - 1] if at else "COBS"
        if at == code_at:  # it stands for a zero, but for the first one
            said.append(f"{name} 0" if at else name)
            code_at += frame[at]
        else:
            said.append(name)
    return [*said, "end"]


#: The diagrams by the names of their files.
DIAGRAMS: dict[str, Callable[[Recording], str]] = {
    "forward": forward,
    "update": update,
    "sample": sample,
    "frame": frame,
}
