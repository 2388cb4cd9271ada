"""The golden network compiled by Numba, where that is installed: the same integers, many times as fast."""
