"""Windows as spectra: log magnitudes, mean and log deviation of each channel."""

import numpy as np

#: What is added before the logarithm: of magnitudes, and of deviations, in units of the recording.
MAGNITUDE_FLOOR, DEVIATION_FLOOR = 0.05, 0.003


def bins(window: int) -> int:
    """Magnitudes of a window of so many values: those of bins 1 to a quarter of it."""
    return max(1, window // 4)


def spectrum(windows: np.ndarray) -> np.ndarray:
    """Spectra float64[n, channels, bins + 2] of windows [n, channels, values].

    Of each channel log(|rfft| + 0.05) of the mean-free window under a Hann window, bins 1 to a quarter of its length,
    then the mean, then log(deviation + 0.003).
    """
    length = windows.shape[-1]
    mean = windows.mean(axis=-1, keepdims=True)
    free = windows - mean
    found = np.abs(np.fft.rfft(free * np.hanning(length), axis=-1))[..., 1 : 1 + bins(length)]
    deviation = np.sqrt((free**2).mean(axis=-1, keepdims=True))
    return np.concatenate(
        [np.log(found + MAGNITUDE_FLOOR), mean, np.log(deviation + DEVIATION_FLOOR)], axis=-1, dtype=np.float64
    )


def spectrum_names(window: int) -> list[str]:
    """Of a channel's values, after its name."""
    return [*(f" bin {n + 1}" for n in range(bins(window))), " mean", " deviation"]
