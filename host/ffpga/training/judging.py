"""Whether a run has learned anything at all."""

from collections.abc import Sequence

import numpy as np

from ..data.dataset import Dataset

#: What a run must be better by than a constant answer, of the test samples.
BETTER = 0.01


def nothing_learned(accuracies: Sequence[float], data: Dataset) -> str | None:
    """What to say of a run whose test accuracy never left that of a constant answer; None where it did."""
    counts = np.bincount(data.test_y, minlength=data.classes)
    constant = float(counts.max() / counts.sum())
    if not accuracies or max(accuracies) > constant + BETTER:
        return None
    return (
        f"test accuracy was never above {100 * max(accuracies):.1f} %, and the constant answer "
        f"{data.labels[int(counts.argmax())]} reaches {100 * constant:.1f} %: nothing was learned, look at the coding "
        "of the features, try another --coding, --rate or more --epochs"
    )
