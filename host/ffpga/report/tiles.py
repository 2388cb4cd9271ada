"""Small pictures as PNG in the page itself: receptive fields, and samples that were answered wrongly."""

import base64
from io import BytesIO
from typing import Any

import numpy as np

from ..palette import rgb
from ..record.stored import Run

#: Colours of positive and negative weights: readable on light and on dark paper alike.
POSITIVE, NEGATIVE = rgb("positive"), rgb("negative")
#: Neurons that are shown at most.
FIELDS = 256


def png(rgba: np.ndarray) -> str:
    """A picture u8[height, width, 4] as a data URI."""
    from matplotlib.image import imsave

    file = BytesIO()
    imsave(file, rgba, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def field(weights: np.ndarray, limit: float) -> str:
    """Weights int[height, width]: the colour is the sign, the opacity the magnitude, 1 at `limit` and beyond."""
    out = np.zeros((*weights.shape, 4), np.uint8)
    out[..., :3] = np.where((weights >= 0)[..., None], POSITIVE, NEGATIVE)
    out[..., 3] = np.rint(255 * np.minimum(1, np.abs(weights) / limit))
    return png(out)


def ink(image: np.ndarray) -> str:
    """A sample u8[height, width] as black ink on nothing."""
    out = np.zeros((*image.shape, 4), np.uint8)
    out[..., 3] = image
    return png(out)


def receptive_fields(run: Run, count: int = FIELDS) -> list[dict[str, Any]]:
    """Picture and words of the first layer's neurons; opacity is relative to the 99.5th percentile of all weights."""
    config, rows = run.config, run.arrays["fields"].astype(float)
    seen = rows[: config.features]
    seen = seen[seen != 0] if config.fields_of(0) else seen
    limit = max(1.0, float(np.percentile(np.abs(seen), 99.5))) if seen.size else 1.0
    labels, names = rows[config.features : config.features + config.classes], run.labels

    def text(neuron: int) -> str:
        if config.label_layer:  # labels are far above this layer
            return f"neuron {neuron}"
        return (
            f"neuron {neuron}: label {names[int(labels[:, neuron].argmax())]} raises it most, "
            f"label {names[int(labels[:, neuron].argmin())]} lowers it most"
        )

    return [
        {"picture": field(rows[: config.features, neuron].reshape(run.image), limit), "text": text(neuron)}
        for neuron in range(min(count, config.layers[0]))
    ]


def mistakes(run: Run) -> list[dict[str, Any]]:
    """The worst mistakes, worst first: picture where a sample is an image, number, labels, and by how much."""
    arrays = run.arrays
    found = []
    names = ("mistakes", "mistakes_x", "mistakes_margin", "mistakes_listed")
    for place, x, margin, listed in zip(*(arrays[name] for name in names), strict=True):
        one: dict[str, Any] = {
            "sample": int(place),
            "true": run.labels[int(arrays["labels"][place])],
            "said": run.labels[int(arrays["predictions"][place])],
            "by": f"by {float(margin):.2f}" if listed else "not on the shortlist",
            "picture": None,
            "features": ", ".join(str(value) for value in x[:12].tolist()) + (", ..." if len(x) > 12 else ""),
        }
        if run.images:
            one["picture"] = ink(x.reshape(run.image))
        found.append(one)
    return found
