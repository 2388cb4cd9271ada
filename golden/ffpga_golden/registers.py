"""Run-time registers and counters of the device: the one table that device, core and driver take them from."""

from dataclasses import dataclass
from enum import IntEnum

from .config import TIME_STEPS_MAX, NetworkConfig


class Objective(IntEnum):
    """What a training step compares."""

    CONTRAST = 0  #: the two phases of a pair with each other (SymBa: Lee & Song 2023)
    THRESHOLD = 1  #: each phase with a threshold (Hinton 2022, section 2)


class Polarity(IntEnum):
    """What goodness is."""

    SUM_OF_SQUARES = 0  #: positive data raise the activities
    MINUS_SUM_OF_SQUARES = 1  #: positive data lower them


class NegativePolicy(IntEnum):
    """Who chooses the wrong label of the negative phase."""

    HARD = 0  #: the wrong label of highest layer-1 goodness
    RANDOM = 1  #: a wrong label drawn on the device
    HOST = 2  #: the label that the command carries
    OWN = 3  #: drawn on the device by the network's own beliefs: the harder, the likelier


class Rounding(IntEnum):
    """How an update is rounded."""

    DITHER = 0  #: stochastic: uniform noise below one unit is added before the shift
    PLAIN = 1  #: half a unit is added


@dataclass(frozen=True)
class Register:
    """One register: the device keeps the low `width` bits of a write; the driver checks `low` to `high`."""

    name: str
    address: int
    width: int
    reset: int
    low: int
    high: int
    doc: str


#: Address of the register `contenders`, behind those of layers.
CONTENDERS = 16


def registers(config: NetworkConfig) -> tuple[Register, ...]:
    """All run-time registers of a device, in the order of their addresses."""
    hard = NegativePolicy.HARD if config.classes else NegativePolicy.HOST
    shift = 0 if config.weight_bits == 8 else 6
    table = [
        Register("learning_rate", 0, 5, 17 - shift, 8, config.rate_max, "u: an update is (x g + dither) >> u"),
        Register("objective", 1, 1, Objective.CONTRAST, 0, 1, "see Objective"),
        Register("polarity", 2, 1, Polarity.SUM_OF_SQUARES, 0, 1, "see Polarity"),
        Register("update_gate", 3, 8, 0, 0, 255, "a probability c below it counts as 0 and skips the update"),
        Register("negative_policy", 4, 2, hard, 0, 3 if config.classes else 2, "see NegativePolicy"),
        Register("shortlist", 5, 6, min(2, max(1, config.classes)), 1, max(1, config.classes), "labels evaluated"),
        Register("seed", 6, 32, 1, 1, 2**32 - 1, "state of the random generator; its lowest bit is always 1"),
        Register("rounding", 7, 1, Rounding.DITHER, 0, 1, "see Rounding"),
    ]
    for layer, width in enumerate(config.layers):
        table.append(
            Register(f"temperature{layer}", 8 + layer, 5, temperature(width, 4.0), 0, 31, "k: margin of goodness >> k")
        )
    if config.has_contenders:
        wrong, doc = config.classes - 1, "wrong labels that contend for the hardest one"
        table.append(Register("contenders", CONTENDERS, 5, wrong, 1, wrong, doc))
    if config.recurrent:  # at the address that a fourth layer's temperature would have
        table.append(Register("time_steps", 11, 4, 4, 1, TIME_STEPS_MAX, "time steps that follow the bottom-up pass"))
    for layer, width in enumerate(config.layers):
        table.append(
            Register(
                f"threshold{layer}", 12 + layer, 32, threshold(width, 2.0), 0, 2**32 - 1, "theta, in units of goodness"
            )
        )
    return tuple(sorted(table, key=lambda register: register.address))


#: Counters, modulo 2^32, in the order in which the COUNTERS command returns them.
COUNTERS = (
    "clocks",  # clocks of the training steps and inferences
    "words_read",  # weight words read by forward walks
    "words_updated",  # weight words written by updates
    "pairs",  # TRAIN_PAIR commands executed
    "phases",  # TRAIN_PHASE commands executed
    "inferences",  # INFER commands executed
    "updates",  # layer updates made (a contrast pair: one a layer; a phase: one a layer)
    "updates_skipped",  # layer updates skipped because c was 0
    "link_errors",  # frames refused: wrong CRC, sequence or session
)


def temperature(width: int, alpha: float) -> int:
    """k of a layer of `width` neurons: 2^12 width / (16 alpha) rounded to a power of two, as its logarithm."""
    import math

    if not alpha > 0:
        raise ValueError(f"alpha must be above 0, not {alpha}")
    return min(31, max(0, round(math.log2(4096 * width / (16 * alpha)))))


def threshold(width: int, theta: float) -> int:
    """A threshold given as mean square activity, in units of goodness (activities are in 1/64)."""
    if not theta >= 0:
        raise ValueError(f"theta must be 0 or more, not {theta}")
    return min(2**32 - 1, round(theta * 4096 * width))
