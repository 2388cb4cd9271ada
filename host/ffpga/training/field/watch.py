"""At work without labels: each sample is judged first and learned after, so what stays becomes normal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ...driver.device import Device
from ...errors import FfpgaError
from ..loop import POLL
from ..normal import alarm_threshold, check_unlabelled, familiarity, learn_normal, mixtures
from ..options import TrainingOptions

#: Samples that are learned first, at least: fewer say nothing of how often normal ones alarm.
FEWEST = 20
#: Share of them that sets the threshold and is not trained on.
HELD_OUT = 0.25


@dataclass(frozen=True)
class Judged:
    """What a device said of one sample of a stream."""

    goodness: float  #: mean square activity: low where the sample is strange
    alarm: bool


class Watch:
    """A device that knows what is normal from the first samples, and gets used to what stays.

    Parameters
    ----------
    device : Device
        Of 0 classes; it is trained from new weights.
    first : array
        Coded samples u8[n, inputs], all of them normal. A quarter, spread evenly, sets the threshold instead of being
        learned.
    columns : int
        Inputs that belong together, side by side, are a column: so many columns has a sample.
    options : TrainingOptions
        Of the threshold objective, with negatives of the host.
    false_alarms : float
        Share of normal samples that may alarm, 0 to 0.5.
    learning : bool
        Whether it goes on learning while it watches.

    Raises
    ------
    FfpgaError
        There are fewer than FEWEST samples, the share is none, or the device has classes.
    """

    def __init__(
        self,
        device: Device,
        first: np.ndarray,
        columns: int,
        options: TrainingOptions,
        *,
        false_alarms: float = 0.01,
        learning: bool = True,
    ) -> None:
        check_unlabelled(device)
        if len(first) < FEWEST:
            raise FfpgaError(
                f"what is normal must be {FEWEST} samples or more, not {len(first)}: learn a longer beginning"
            )
        if not 0 <= false_alarms <= 0.5:
            raise FfpgaError(f"false alarms must be a share, 0 to 0.5, not {false_alarms:g}")
        self.device, self.columns, self.learning = device, columns, learning
        apart = np.arange(len(first)) % round(1 / HELD_OUT) == 1
        learn_normal(device, first[~apart], columns, options)
        self.threshold = alarm_threshold(familiarity(device, first[apart]), false_alarms)
        self._random = np.random.RandomState([options.seed, options.epochs])
        #: Samples of which the negative data are mixed; each new one takes the place of one of them.
        self.memory = first.copy()
        device.write_register("learning_rate", options.first_rate(device.config))

    def judge(self, sample: np.ndarray) -> Judged:
        """Judges a sample u8[inputs]; then it is learned as positive data, and a mixture of it as negative data."""
        self.device.load_sample(sample)
        _, total = self.device.infer()
        goodness = total / (4096.0 * sum(self.device.config.layers))
        if self.learning:
            self.memory[self._random.randint(len(self.memory))] = sample
            mixed = mixtures(sample[None], self.memory, self.columns, self._random)[0]
            self.device.submit_sample(mixed, 1)
            self.device.submit_pair(0)
        return Judged(goodness, goodness < self.threshold)

    def follow(self, samples: Iterable[np.ndarray]) -> Iterator[Judged]:
        """Judges a stream."""
        for done, sample in enumerate(samples, start=1):
            yield self.judge(sample)
            if done % POLL == 0:
                self.device.submit_counters()
        self.device.counters()
