"""Learning in the field: a sensor has moved by a pixel, and the chip gets used to it, sample by sample.

Each sample is answered first and learned after, so the accuracy is that of a chip at work.
"""

import numpy as np

import ffpga
from ffpga.data.images import moved

data = ffpga.load_dataset("digits")
config = ffpga.NetworkConfig(features=data.features, classes=data.classes, layers=(64, 64), lanes=8)
random = np.random.RandomState(0)


def shifted(x: np.ndarray) -> np.ndarray:
    """Images as the displaced sensor sees them."""
    return np.stack([moved(image, 1, 0) for image in x])


with ffpga.open("golden", config) as chip:
    result = ffpga.train(chip, data, epochs=8)
    print(f"before: {100 * result.accuracy:.1f} %")
    now, labels = shifted(data.test_x), data.test_y
    drifted = np.mean(ffpga.predict(chip, now) == labels)
    print(f"the sensor has moved: {100 * drifted:.1f} %")

    chip.write_register("learning_rate", 16)  # quicker than training ended, slower than it began
    right = []
    stream = random.permutation(len(data.train_x))[:800]
    for n, sample in enumerate(stream.tolist(), start=1):
        chip.load_sample(shifted(data.train_x[sample : sample + 1])[0])
        label, _ = chip.infer()  # at work
        right.append(label == data.train_y[sample])
        chip.train_pair(int(data.train_y[sample]))  # and somebody says what it was
        if n % 200 == 0:
            print(f"after {n} samples: {100 * np.mean(right[-200:]):.1f} % of the last 200 answered rightly")

    again, old = np.mean(ffpga.predict(chip, now) == labels), ffpga.evaluate(chip, data)
    print(f"in the end: {100 * again:.1f} % of the moved test samples, {100 * old:.1f} % of the old ones")
