"""scikit-learn's classifier over the virtual board."""

import pickle

import numpy as np

from ffpga import ForwardForwardClassifier


def test_the_simulated_chip_learns_what_the_golden_model_does():
    random = np.random.RandomState(7)
    y = np.arange(60) % 3
    x = random.randn(3, 15)[y] + 0.5 * random.randn(60, 15)
    fitted = {}
    for target in ("golden", "sim"):
        fitted[target] = ForwardForwardClassifier(target=target, layers=(16, 16), coding="onoff", epochs=2)
        fitted[target].fit(x, y).partial_fit(x[:20], y[:20])
    golden, sim = fitted.values()
    assert np.array_equal(golden.predict(x), sim.predict(x)) and sim.score(x, y) > 0.8
    assert np.array_equal(golden.goodness(x), sim.goodness(x))
    other = pickle.loads(pickle.dumps(sim))
    sim.close()
    assert np.array_equal(other.predict(x), golden.predict(x))
    other.close()
