"""How a network is trained: the choices, their defaults, and the registers that they become."""

import math
from dataclasses import dataclass, replace

from ffpga_golden.config import NetworkConfig
from ffpga_golden.registers import NegativePolicy, Objective, Polarity, Rounding, temperature, threshold

from ..data.dataset import Dataset
from ..driver.device import Device
from ..errors import FfpgaError
from .black_box import TABLES, black_box_tables

OBJECTIVES = {"contrast": Objective.CONTRAST, "threshold": Objective.THRESHOLD}
NEGATIVES = {
    "hard": NegativePolicy.HARD,
    "random": NegativePolicy.RANDOM,
    "host": NegativePolicy.HOST,
    "own": NegativePolicy.OWN,
    "replay": NegativePolicy.HOST,
}
POLARITIES = {"sum": Polarity.SUM_OF_SQUARES, "minus": Polarity.MINUS_SUM_OF_SQUARES}
ROUNDINGS = {"dither": Rounding.DITHER, "plain": Rounding.PLAIN}
PHASES = ("paired", "separate")
#: Negatives for which wrong labels contend.
CONTENDED = ("hard", "own", "replay")

#: A data set of at least so many features learns best from a smaller first rate.
MANY_FEATURES = 196
#: First learning-rate shift with many features, the same where images are moved, and gate, where the first layer has
#: receptive fields; measured, see host/docs/choosing.md.
FIELDS_RATE, FIELDS_MOVED_RATE, FIELDS_GATE = 16, 16.5, 64
#: Time steps of a recurrent network.
TIME_STEPS = 4


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """Choices of a training run, checked once.

    Parameters
    ----------
    epochs : int
        Passes over the training samples.
    objective : "contrast" or "threshold"
        What a step compares: the two phases of a pair, or each phase with theta.
    negatives : "hard", "own", "random", "host" or "replay"
        Who chooses the wrong labels: the device, as the one of highest layer-1 goodness, or drawn by its own beliefs,
        or at random; the host, at random; or the device before the epoch, as the hardest, and the host replays them.
    phases : "paired" or "separate"
        Both phases of a sample together, or positive and negative phases in blocks (threshold only).
    block : int
        Samples of a block of separate phases.
    seed : int
        Of initial weights, order of the samples, host's labels and the device's random generator.
    rate : float, optional
        First learning-rate shift u, of which the whole part counts: with a fraction it is one more the sooner. The
        default depends on objective, features and weight bits.
    gate : int, optional
        A probability c below it skips the update, 0 to 255; the default depends on the first layer's fields.
    theta, alpha : float
        Threshold as mean square activity; slope of the probability.
    polarity : "sum" or "minus"
        Goodness is the sum of squares, or minus that.
    shortlist : int, optional
        Labels that inference evaluates in every layer.
    rounding : "dither" or "plain"
        How updates are rounded.
    shift : int
        The host moves each training image, at random, by up to so many pixels along each axis.
    distort : float
        The host turns, stretches, slants, moves and bends each training image, at random, anew in every epoch: 0 not at
        all, 1 by as much as `ffpga.data.images.distorted` says, to 4.
    table : "identity", "staircase", "monotone" or "noisy"
        What a black box does between the layers.
    time_steps : int, optional
        Of a recurrent network, 1 to 15; 4 if left out.
    contenders : int, optional
        Wrong labels, drawn at random, that contend for a hard or own one, 1 to classes - 1; all if left out.
    """

    epochs: int = 10
    objective: str = "contrast"
    negatives: str = "hard"
    phases: str = "paired"
    block: int = 64
    seed: int = 0
    rate: float | None = None
    gate: int | None = None
    theta: float = 2.0
    alpha: float = 4.0
    polarity: str = "sum"
    shortlist: int | None = None
    rounding: str = "dither"
    shift: int = 0
    distort: float = 0.0
    table: str = "identity"
    time_steps: int | None = None
    contenders: int | None = None

    def __post_init__(self) -> None:
        for name, choices in (
            ("objective", OBJECTIVES),
            ("negatives", NEGATIVES),
            ("phases", PHASES),
            ("polarity", POLARITIES),
            ("table", TABLES),
            ("rounding", ROUNDINGS),
        ):
            if getattr(self, name) not in choices:
                raise FfpgaError(f"{name} must be {' or '.join(choices)}, not {getattr(self, name)!r}")
        for name, low, high in (
            ("epochs", 1, 1_000_000),
            ("block", 1, 1_000_000),
            ("seed", 0, 2**32 - 1),
            ("gate", 0, 255),
            ("shift", 0, 8),
        ):
            value = getattr(self, name)
            if not (low <= value <= high if value is not None else name == "gate"):
                raise FfpgaError(f"{name} must be {low} to {high}, not {value}")
        if self.phases == "separate" and self.objective != "threshold":
            raise FfpgaError(
                f"phases can be separate only with objective threshold, not {self.objective}, which compares a pair's"
            )
        if self.contenders is not None and self.negatives not in CONTENDED:
            raise FfpgaError(
                f"contenders must be left out with {self.negatives} negatives, not {self.contenders}: "
                f"labels contend for {' and '.join(CONTENDED)} ones"
            )
        if self.rate is not None:
            if not math.isfinite(self.rate):
                raise FfpgaError(f"rate must be a number, not {self.rate}")
            if self.rate == int(self.rate):
                object.__setattr__(self, "rate", int(self.rate))  # so that it is told as it is
        if not 0 <= self.theta < math.inf:
            raise FfpgaError(f"theta must be 0 or more, not {self.theta}")
        if not 0 < self.alpha < math.inf:
            raise FfpgaError(f"alpha must be above 0, not {self.alpha}")
        if not 0 <= self.distort <= 4:
            raise FfpgaError(f"distort must be 0 to 4, not {self.distort}")

    @property
    def changes_images(self) -> bool:
        """Whether the host changes the training images."""
        return self.shift > 0 or self.distort > 0

    def check_data(self, data: Dataset) -> None:
        """FfpgaError where images are to be changed, and the samples are none."""
        if self.changes_images:
            _ = data.image

    def first_rate(self, config: NetworkConfig) -> int:
        """Learning-rate shift of the first epoch."""
        return math.floor(self.rate_of(config))

    def rate_of(self, config: NetworkConfig) -> float:
        """`rate`, or what a network gets where nobody says one."""
        if self.rate is not None:
            return self.rate
        many = (FIELDS_MOVED_RATE if self.changes_images else FIELDS_RATE) if config.fields_of(0) else 17
        u = many if config.features >= MANY_FEATURES or config.recurrent else 15
        if self.objective == "threshold":
            u += 2
        return u - (6 if config.weight_bits == 16 else 0)

    def of(self, config: NetworkConfig) -> "TrainingOptions":
        """With the gate that a network gets where nobody says one."""
        return self if self.gate is not None else replace(self, gate=FIELDS_GATE if config.fields_of(0) else 0)

    def learning_rate(self, config: NetworkConfig, epoch: int) -> int:
        """Learning-rate shift of an epoch: the rate, and one more each time that 1 - epoch / epochs halves."""
        return min(config.rate_max, math.floor(self.rate_of(config) - math.log2(1 - epoch / self.epochs)))

    def registers(self, config: NetworkConfig) -> dict[str, int]:
        """Values of the registers for the first epoch."""
        values = {
            "learning_rate": self.first_rate(config),
            "objective": int(OBJECTIVES[self.objective]),
            "polarity": int(POLARITIES[self.polarity]),
            "update_gate": self.of(config).gate or 0,
            "rounding": int(ROUNDINGS[self.rounding]),
            "negative_policy": int(NEGATIVES[self.negatives]),
            # Multiplying by the golden ratio's bits sets near seeds far apart.
            "seed": (self.seed + 1) * 0x9E37_79B9 % 2**32 | 1,
        }
        if self.shortlist is not None:
            values["shortlist"] = self.shortlist
        if self.contenders is not None:
            values["contenders"] = self.contenders
        if config.recurrent:
            values["time_steps"] = TIME_STEPS if self.time_steps is None else self.time_steps
        for layer, width in enumerate(config.layers):
            values[f"temperature{layer}"] = temperature(width, self.alpha)
            values[f"threshold{layer}"] = threshold(width, self.theta)
        return values

    def apply(self, device: Device) -> None:
        """Writes the registers, and the tables of a black box; every range is checked by the driver."""
        if self.time_steps is not None and not device.config.recurrent:
            raise FfpgaError(
                f"time_steps must be left out for ({device.config}), not {self.time_steps}: build it with --recurrent"
            )
        if self.contenders is not None and "contenders" not in device.registers:
            raise FfpgaError(
                f"contenders must be left out for ({device.config}), not {self.contenders}: "
                "only a network of 3 classes and more that is not recurrent has a choice"
            )
        if self.table != "identity" or device.config.black_box:
            device.write_tables(black_box_tables(self.table, device.config.depth - 1, self.seed))
        for name, value in self.registers(device.config).items():
            device.write_register(name, value)
