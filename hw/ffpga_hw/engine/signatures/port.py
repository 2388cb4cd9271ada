"""The engine's port: what the link or the bus says to the engine, and what it answers.

Directions are those of the front, link or bus: it has the port as `Out(EnginePort(config))`, the engine as
`In(EnginePort(config))`, and `wiring.connect` joins them.
"""

from amaranth import unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ffpga_golden import NetworkConfig


def row_bits(config: NetworkConfig) -> int:
    """Bits of a feature's index."""
    return max(1, (config.features - 1).bit_length())


def sample_slots(config: NetworkConfig) -> int:
    """Samples of a step: one, or the two of an unlabelled pair."""
    return 1 if config.classes else 2


class SamplePort(wiring.Signature):
    """Where samples are: the write port of their list, and what of it belongs to the current samples.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        bits, slots = row_bits(config), sample_slots(config)
        tiles = {
            "clear": Out(slots),  #: pulses per slot: another sample will be written into its other bank
            "clearing": In(1),  #: nothing may be written yet, from the clock after `clear` on, and after a reset
        }
        super().__init__(
            {
                **(tiles if config.fields_of(0) else {}),
                "write": Out(1),  #: an entry of the list
                "address": Out(bits + slots),  #: {index, bank, slot (unlabelled only)}, index lowest
                "row": Out(bits),  #: feature
                "value": Out(8),  #: its value, not 0
                "bank": Out(slots),  #: per slot: bank that holds the current sample,
                "length": Out(data.ArrayLayout(unsigned(config.features.bit_length()), slots)),  #: and its entries
            }
        )


class StepPort(wiring.Signature):
    """Steps of the network. The command and its labels stay from `start` until `done`."""

    def __init__(self) -> None:
        super().__init__(
            {
                "start": Out(1),  #: pulse
                "command": Out(2),  #: 0 pair, 1 phase, 2 infer, 3 activities (unlabelled only)
                "label": Out(8),  #: of the sample; of activities the layer
                "negative": Out(8),  #: pair: the host's negative label; phase: 1 for the negative one; activities: part
                "done": In(1),  #: pulse, at the earliest with or after the last byte of the result
            }
        )


class ResultPort(wiring.Signature):
    """Bytes of a step's answer: between its start and its end, at most 58, never held back."""

    def __init__(self) -> None:
        super().__init__({"valid": In(1), "data": In(8)})


class RegisterPort(wiring.Signature):
    """Registers: four bytes in four clocks, the lowest first; `write` or `step` comes with each."""

    def __init__(self) -> None:
        super().__init__(
            {
                "address": Out(5),
                "place": Out(2),  #: counts the bytes
                "write": Out(1),
                "data": Out(8),
                "load": Out(1),  #: goes before the bytes that are read
                "step": Out(1),
                "value": In(8),
                "negative_policy": In(2),  #: value of the register of that name
            }
        )


class WeightPort(wiring.Signature):
    """One weight: a pulse of `read` or `write`; address and data stay until `ack`.

    8-bit weights are in the low byte, sign-extended when they are written.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "word": Out(16),
                "lane": Out(8),
                "write": Out(1),
                "read": Out(1),
                "data": Out(16),
                "value": In(16),  #: valid with `ack`
                "ack": In(1),  #: pulse: written, or `value` valid
            }
        )


class CounterPort(wiring.Signature):
    """Counters, in the order of `registers.COUNTERS`."""

    def __init__(self) -> None:
        super().__init__(
            {
                "address": Out(6),  #: {counter, byte}
                "read": Out(1),  #: brings `valid` about, and holds it
                "valid": In(1),  #: they do not change
                "value": In(8),  #: the byte, 2 clocks after its address
            }
        )


class TablePort(wiring.Signature):
    """Tables of a black box."""

    def __init__(self) -> None:
        super().__init__(
            {
                "address": Out(10),  #: {input, layer}
                "write": Out(1),  #: pulse, with `data`
                "data": Out(8),
                "value": In(8),  #: while the engine is idle, a clock after the address
                "ready": In(1),  #: they are identities after a reset: until then no command may be executed
            }
        )


class EnginePort(wiring.Signature):
    """All of them.

    Registers, weights, counters and tables are touched only while no step runs.

    Parameters
    ----------
    config : NetworkConfig
    """

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__(
            {
                "sample": Out(SamplePort(config)),
                "step": Out(StepPort()),
                "result": Out(ResultPort()),
                "register": Out(RegisterPort()),
                "weight": Out(WeightPort()),
                "counter": Out(CounterPort()),
                **({"table": Out(TablePort())} if config.black_box else {}),
                "link_error": Out(1),  #: a frame or an access was refused (pulse)
            }
        )
