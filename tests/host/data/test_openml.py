"""Data sets of openml.org, with a fetcher of our own in place of scikit-learn's: nothing is asked of the network."""

from types import SimpleNamespace
from urllib.error import URLError

import numpy as np
import pandas
import pytest

from ffpga import FfpgaError, load_dataset


@pytest.fixture
def fetched(monkeypatch):
    """What was asked for, and what is answered."""
    held = SimpleNamespace(
        asked=[],
        data=pandas.DataFrame({"length": np.arange(20) * 0.5, "count": pandas.array([None, *range(19)], "Int64")}),
        target=pandas.Series(pandas.Categorical(["setosa", "virginica"] * 10), name="class"),
    )

    def fetch(**asked):
        held.asked.append(asked)
        if isinstance(held.data, Exception):
            raise held.data
        return held

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    return held


def test_a_data_set(fetched):
    data = load_dataset("openml:iris", coding="range")
    assert fetched.asked == [{"name": "iris", "as_frame": True, "parser": "pandas"}]
    assert data.name == "iris" and data.labels == ("setosa", "virginica") and data.features == 2
    assert data.prepared.coding.names == ("length", "count") and data.shape is None
    load_dataset("openml:iris:3", label="length2")
    assert fetched.asked[1].items() >= {"version": 3, "target_column": "length2"}.items()


@pytest.mark.parametrize(
    ("source", "change", "message"),
    [
        ("openml:", {}, r"^data must be openml:NAME or openml:NAME:VERSION, not 'openml:'"),
        ("openml:iris:new", {}, r"^data must be openml:NAME or openml:NAME:VERSION, not 'openml:iris:new'"),
        ("openml:iris", {"data": URLError("no route")}, r"^openml:iris cannot be fetched \(<urlopen error no route>\)"),
        ("openml:iris", {"data": ValueError("gone\nlong")}, r"^openml:iris cannot be fetched \(gone\): check name"),
        ("openml:iris", {"target": None}, r"^openml:iris must have one label column: name it with --label"),
        (
            "openml:iris",
            {"data": pandas.DataFrame({"colour": ["red", "blue"] * 10})},
            r"^openml:iris: colour must hold numbers, not 'red': take another data set, or code its words as numbers",
        ),
        ("openml:iris", {"data": pandas.DataFrame({"a": []})}, r"^openml:iris must have samples with features, not"),
    ],
)  # fmt: skip
def test_faults(source, change, message, fetched):
    for name, value in change.items():
        setattr(fetched, name, value)
    with pytest.raises(FfpgaError, match=message) as error:
        load_dataset(source)
    assert "\n" not in str(error.value)
