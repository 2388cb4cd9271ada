"""Watching a stream without labels: alarms where it changes, none any more where the change stays."""

import numpy as np
import pytest

import ffpga
from ffpga import FfpgaError
from ffpga.coding.fitted import Coding
from ffpga.look.stream import recent_alarms
from ffpga.training.field.watch import Watch
from ffpga.training.normal import familiarity, population_of
from ffpga.training.options import TrainingOptions

OPTIONS = TrainingOptions(objective="threshold", negatives="host", epochs=15)


def turning(samples: int, phase: float, seed: int) -> np.ndarray:
    """Four values of a turning arm: which of them come together depends on the phase, each by itself does not."""
    random = np.random.RandomState(seed)
    turn = random.rand(samples, 1) * 2 * np.pi
    return np.sin(turn + phase * np.arange(4)) + 0.05 * random.randn(samples, 4)


def watching(first: np.ndarray, **said: object) -> tuple[Watch, Coding]:
    coding = Coding.fit(first, population_of(4))
    config = ffpga.NetworkConfig(features=coding.inputs, classes=0, layers=(32, 16))
    watch = Watch(ffpga.open("golden", config), coding.transform(first), 4, OPTIONS, **said)
    return watch, coding


@pytest.mark.parametrize("learning", [True, False])
def test_a_change_is_noticed_and_becomes_normal_if_it_stays(learning):
    watch, coding = watching(turning(200, 0.5, 1), false_alarms=0.05, learning=learning)
    same, other = turning(60, 0.5, 2), turning(500, 2.5, 3)
    alarms = np.array([one.alarm for one in watch.follow(coding.transform(np.concatenate([same, other])))])
    assert alarms[:60].mean() < 0.2 and alarms[60:80].mean() > 0.5
    assert alarms[-100:].mean() < 0.3 if learning else alarms[-100:].mean() > 0.6


def test_what_it_judges_by():
    """The goodness of a sample as the device tells it, from before it is learned; the threshold of those held out."""
    first = turning(80, 0.5, 1)
    watch, coding = watching(first, false_alarms=0.1)
    coded = coding.transform(first)
    held_out = familiarity(watch.device, coded[1::4])
    assert watch.threshold in held_out and (held_out < watch.threshold).sum() <= 2
    (expected,) = familiarity(watch.device, coded[5:6])
    before = watch.device.read_weights()
    said = watch.judge(coded[5])
    assert said.goodness == expected and said.alarm == (expected < watch.threshold)
    assert any((one != other).any() for one, other in zip(before, watch.device.read_weights(), strict=True))
    assert coded[5] in watch.memory and len(watch.memory) == 80


def test_recent_alarms():
    assert recent_alarms(np.array([1, 0, 0, 1, 1]), 2).tolist() == [1, 0.5, 0, 0.5, 1]


def test_refused():
    with pytest.raises(FfpgaError, match=r"^what is normal must be 20 samples or more, not 19: learn a longer"):
        watching(turning(19, 0.5, 1))
    with pytest.raises(FfpgaError, match=r"^false alarms must be a share, 0 to 0.5, not 0.7"):
        watching(turning(30, 0.5, 1), false_alarms=0.7)
