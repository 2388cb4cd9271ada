"""What is not normal: the detector beside scikit-learn's isolation forest, where some classes are normal."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..data.loading import read
from ..data.preparing import held_out
from ..data.raw import class_labels, numbered
from ..errors import FfpgaError
from ..markdown import table
from .tasks import SHARE, Task, tasks_of

#: What is measured where nobody says otherwise.
TASKS = ("segment", "penbased", "texture", "digits", "satimage")

Said = Callable[[str], None]


def parts_of(task: Task) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normal samples to fit, samples to test, and which of those are normal, bool[n].

    The first half of the classes, of an odd number the smaller one, is normal. A quarter of each class is held out to
    test.
    """
    raw, _ = read(task.source, task.reading)
    x, labels = raw.x, raw.labels
    assert labels is not None
    if raw.test is not None:
        x, labels = np.concatenate([x, raw.test[0]]), np.concatenate([labels, raw.test[1]])
    names = class_labels(raw, labels)
    y = numbered(raw, labels, names)
    normal, apart = y < len(names) // 2, held_out(y, SHARE)
    x = x.reshape(len(x), -1)
    return x[normal & ~apart], x[apart], normal[apart]


def run_anomalies(
    directory: Path, names: Sequence[str], *, seeds: int, said: Said, **options: Any
) -> list[dict[str, Any]]:
    """Area under the ROC curve of each task, ours and the forest's; `options` are the detector's."""
    from sklearn.ensemble import IsolationForest
    from sklearn.metrics import roc_auc_score

    from ..estimators.detector import ForwardForwardDetector

    known = {task.name: task for task in tasks_of(directory)}
    rows = []
    for name in names:
        if name not in known:
            raise FfpgaError(f"task must be {', '.join(known)}, not {name!r}")
        train, test, normal = parts_of(known[name])
        ours, forest, alarms, found = [], [], [], []
        for seed in range(seeds):
            fitted = ForwardForwardDetector(seed=seed, **options).fit(train)
            scores = fitted.score_samples(test)
            strange = scores < fitted.offset_
            ours.append(float(roc_auc_score(normal, scores)))
            alarms.append(float(strange[normal].mean()))
            found.append(float(strange[~normal].mean()))
            trees = IsolationForest(random_state=seed).fit(train)
            forest.append(float(roc_auc_score(normal, trees.score_samples(test))))
            fitted.close()
        row = {"name": name, "normal": len(train), "tests": len(test), "coding": fitted.coding_.name}
        row |= {"ours": float(np.median(ours)), "forest": float(np.median(forest))}
        row |= {"false_alarms": float(np.median(alarms)), "found": float(np.median(found))}
        rows.append({**row, "seeds": {"ours": ours, "forest": forest}})
        said(f"{name}: {row['ours']:.3f}, isolation forest {row['forest']:.3f}")
    return rows


def anomalies_table(rows: Sequence[dict[str, Any]], stated: float) -> str:
    """Medians of the seeds."""
    head = ("task", "normal samples", "ours", "seeds", "isolation forest", f"false alarms, stated {100 * stated:g} %")
    lines = []
    for row in rows:
        seeds = ", ".join(f"{area:.3f}" for area in row["seeds"]["ours"])
        areas = f"{row['ours']:.3f}", seeds, f"{row['forest']:.3f}"
        shares = f"{100 * row['false_alarms']:.1f} %", f"{100 * row['found']:.1f} %"
        lines.append((row["name"], f"{row['normal']:,}", *areas, *shares))
    return table((*head, "strange ones found"), lines)
