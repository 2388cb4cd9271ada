"""What a device answers to a training step."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StepResult:
    """What a training step answers.

    Entries are in order of execution. A contrast pair: layer 0 positive, layer 0 negative, layer 1 positive, ...;
    a threshold pair: every layer of the positive phase, then of the negative one; a phase: every layer.
    """

    squares: tuple[int, ...]  #: sums of squares
    probabilities: tuple[int, ...]  #: c of each, u8; 0 where the update was skipped
    label: int  #: negative label of a pair, label used in a phase, 255 where there are no classes

    @classmethod
    def unpack(cls, payload: bytes) -> "StepResult":
        """From an answer's payload."""
        entries = [payload[at : at + 6] for at in range(0, len(payload) - 1, 6)]
        squares = tuple(int.from_bytes(entry[:5], "little") for entry in entries)
        return cls(squares, tuple(entry[5] for entry in entries), payload[-1])
