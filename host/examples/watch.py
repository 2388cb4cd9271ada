"""What is normal is learned without labels: a machine changes its pace, which is noticed, and is normal if it stays.

With a recording of exercises, `python host/examples/watch.py watch.npz`, it watches a person's first movement become
the second one: arrays `series` [rows, channels], `starts`, `label` and `subject`.
"""

import sys
from pathlib import Path

import numpy as np

import ffpga
from ffpga.coding.fitted import Coding
from ffpga.look.stream import draw_stream
from ffpga.series.windows import Windowing, cut
from ffpga.training.field.watch import Watch
from ffpga.training.normal import population_of
from ffpga.training.options import TrainingOptions

if len(sys.argv) > 1:
    held, windowing = np.load(sys.argv[1]), Windowing(64, 8)
    whole = np.split(held["series"], held["starts"][1:])
    series = {label: whole[n] for n, label in reversed([*enumerate(held["label"])]) if held["subject"][n] == 1}
    series = {label: series[label] for label in ("ABD", "FEL")}
else:
    random, windowing, series = np.random.RandomState(0), Windowing(32, 8), {}
    for name, pace in (("as ever", 0.2), ("another pace", 0.33)):
        turn = np.cumsum(pace * (1 + 0.1 * random.randn(3000)))
        series[name] = np.stack([np.sin(turn), np.cos(2 * turn)], axis=1) + 0.1 * random.randn(3000, 2)

parts = [
    windowing.of(cut(rows, np.arange(0, len(rows) - windowing.window + 1, windowing.hop), windowing.window))
    for rows in series.values()
]
x, labels = np.concatenate(parts), np.repeat([*series], [len(part) for part in parts])
first = int(0.7 * len(parts[0]))  # so far all is normal

coding = Coding.fit(x[:first], population_of(x.shape[1]))
config = ffpga.NetworkConfig(features=coding.inputs, classes=0, layers=(64, 64), lanes=8)
with ffpga.open("golden", config) as chip:
    options = TrainingOptions(objective="threshold", negatives="host", epochs=20)
    watch = Watch(chip, coding.transform(x[:first]), coding.features, options, false_alarms=0.01)
    judged = list(watch.follow(coding.transform(x[first:])))

goodness, alarms = [one.goodness for one in judged], [one.alarm for one in judged]
path, there = Path("build/watch/watch.png"), labels[first:].tolist()
draw_stream(goodness, alarms, watch.threshold, path, learned=first, labels=there, unit="windows, 8 values apart")
print(f"wrote {path}")
for name in series:
    of_it = np.array(alarms)[labels[first:] == name]
    shares = [f"{100 * part.mean():.0f} %" for part in np.array_split(of_it, 5)]
    print(f"{name}: {len(of_it)} windows, alarms in fifths of them {', '.join(shares)}")
