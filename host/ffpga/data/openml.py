"""Data sets of openml.org, by scikit-learn's fetcher."""

import numpy as np

from ..errors import FfpgaError, needed_by
from .raw import Raw, text_of


def read_openml(said: str, label: str | None = None) -> Raw:
    """A data set by its name, or name:version; scikit-learn keeps what it has fetched.

    Raises
    ------
    FfpgaError
        There is none, the network is absent, or a feature is no number.
    """
    with needed_by(f"data openml:{said}"):
        from sklearn.datasets import fetch_openml

    name, _, version = said.partition(":")
    if not name or (version and not version.isdigit()):
        raise FfpgaError(f"data must be openml:NAME or openml:NAME:VERSION, not 'openml:{said}'")
    chosen = {"version": int(version)} if version else {}
    if label is not None:
        chosen["target_column"] = label  # type: ignore[assignment]
    try:
        found = fetch_openml(name=name, as_frame=True, parser="pandas", **chosen)
    except Exception as error:  # the fetcher's, urllib's, pandas': all are a data set that is not there
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise FfpgaError(f"openml:{said} cannot be fetched ({why}): check name and network, or give a file") from None
    if found.target is None or getattr(found.target, "ndim", 1) != 1:
        raise FfpgaError(f"openml:{said} must have one label column: name it with --label")
    columns = []
    for title, values in found.data.items():
        try:
            columns.append(values.to_numpy(dtype=np.float64, na_value=np.nan))
        except (ValueError, TypeError):
            first = next(iter(values.dropna()), "")
            raise FfpgaError(
                f"openml:{said}: {title} must hold numbers, not {str(first)!r}: take another data set, or code its "
                "words as numbers in a file of your own"
            ) from None
    if not columns or not len(found.data):
        raise FfpgaError(f"openml:{said} must have samples with features, not {list(found.data.shape)}")
    labels = found.target.to_numpy()
    labels = labels if labels.dtype.kind in "biuf" else labels.astype(str)
    return Raw(
        f"openml:{said}",
        name,
        np.stack(columns, axis=1),
        tuple(map(str, found.data.columns)),
        text_of(labels, f"openml:{said}: labels"),
        str(found.target.name or "label"),
        tabular=True,
    )
