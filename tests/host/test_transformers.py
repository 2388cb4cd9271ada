"""scikit-learn's side of codings, windows and spectra."""

import subprocess
import sys

import numpy as np
import pandas
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from ffpga import FfpgaError
from ffpga.coding.fitted import Coding
from ffpga.series.spectrum import spectrum
from ffpga.transformers import CodingTransformer, SpectrumTransformer, WindowsTransformer

RANDOM = np.random.RandomState(2)


@parametrize_with_checks([CodingTransformer(), CodingTransformer("onoff")])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_coding():
    x = pandas.DataFrame(RANDOM.randn(30, 2), columns=["ax", "ay"])
    fitted = CodingTransformer("onoff").fit(x)
    assert np.array_equal(fitted.transform(x), Coding.fit(x.to_numpy(), "onoff").transform(x.to_numpy()))
    assert fitted.transform(x).dtype == np.uint8 and fitted.coding_.names == ("ax", "ay")
    assert fitted.get_feature_names_out().tolist() == ["ax above", "ax below", "ay above", "ay below"]
    with pytest.raises(FfpgaError, match="coding must be auto"):
        CodingTransformer("wavelet").fit(x)


def test_from_a_recording_to_a_classifier():
    """Windows of two paces, their spectra, coded: what is before the pipeline, and what is in it."""
    time, y, users = np.arange(400), np.repeat([0, 1], 200), np.tile(np.repeat([7, 8], 100), 2)
    x = np.stack([np.sin(time * np.where(y, 0.9, 0.2)), np.cos(time * 0.3)], axis=1) + 0.1 * RANDOM.randn(400, 2)
    windows = WindowsTransformer(20).fit(x)
    cut, labels, groups = windows.cut(x, y, users)
    assert cut.shape == (4 * 9, 40) and np.array_equal(cut[9], np.concatenate(x[100:120].T))
    assert labels.tolist() == [0] * 18 + [1] * 18 and groups.tolist() == ([7] * 9 + [8] * 9) * 2
    assert len(windows.transform(x)) == 39
    assert windows.get_feature_names_out(["ax", "ay"])[19:21].tolist() == ["ax 20", "ay 1"]
    model = make_pipeline(SpectrumTransformer(channels=2), CodingTransformer(), LogisticRegression(max_iter=1000))
    held = groups == 8
    assert model.fit(cut[~held], labels[~held]).score(cut[held], labels[held]) == 1
    found = model[0].transform(cut)
    assert np.array_equal(found, spectrum(cut.reshape(-1, 2, 20)).reshape(len(cut), -1))
    assert model[0].get_feature_names_out()[[0, 7, 13]].tolist() == [
        "channel 1 bin 1",
        "channel 2 bin 1",
        "channel 2 deviation",
    ]
    assert len(model[:2].get_feature_names_out()) == model[:2].transform(cut).shape[1]


def test_faults():
    with pytest.raises(FfpgaError, match=r"^channels must divide the 9 values of a window, not 2"):
        SpectrumTransformer(channels=2).fit(np.zeros((3, 9)))
    with pytest.raises(FfpgaError, match=r"^window must be at most 5 values, not 128: no stretch"):
        WindowsTransformer().fit(np.zeros((5, 2))).transform(np.zeros((5, 2)))


def test_nobody_else_imports_scikit_learn_or_pandas():
    """Each takes a second, which `import ffpga` and a command's help should not."""
    code = "import sys, ffpga, ffpga.cli.app; print(sorted({'sklearn', 'pandas'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
