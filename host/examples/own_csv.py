"""Train on your own table: `python own_csv.py sensor.csv`; without a file, on scikit-learn's wines.

A table has a header line, a column of numbers for each feature, of any scale, and the label, words or numbers, in the
column `label` or in the last one.
"""

import sys
import tempfile
from pathlib import Path

import ffpga


def wines(folder: Path) -> Path:
    """178 Italian wines as a table: 13 chemical measurements, and which of three growers."""
    from sklearn.datasets import load_wine

    found = load_wine(as_frame=True)
    path = folder / "wine.csv"
    found.data.assign(grower=found.target_names[found.target]).to_csv(path, index=False)
    return path


with tempfile.TemporaryDirectory() as folder:
    path = sys.argv[1] if len(sys.argv) > 1 else str(wines(Path(folder)))
    data = ffpga.load_dataset(path)  # a fifth of each label is held out to test
print(data)
for line in data.prepared.coding.describe()[:3]:
    print(line)

config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(32, 32), lanes=8)
with ffpga.open("golden", config) as chip:
    result = ffpga.train(chip, data, epochs=20)
    for epoch in result.epochs[::5]:
        print(f"epoch {epoch.epoch:2}: {100 * epoch.accuracy:.1f} % of the test samples")
    print(f"{config}: {100 * result.accuracy:.1f} % in the end")

    # One sample, as a program would ask for it.
    chip.load_sample(data.test_x[0])
    label, goodness = chip.infer()
    print(f"the first test sample is of class {data.labels[label]}, and was of {data.labels[data.test_y[0]]}")
