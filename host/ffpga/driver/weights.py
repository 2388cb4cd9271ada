"""Weights as a device has them: bytes, word by word and lane by lane, layer after layer."""

import numpy as np

from ffpga_golden.config import NetworkConfig


def weight_type(config: NetworkConfig) -> np.dtype:
    """Of one weight: int8, or little-endian int16."""
    return np.dtype("i1" if config.weight_bits == 8 else "<i2")


def packed(config: NetworkConfig, weights: list[np.ndarray]) -> bytes:
    """The bytes of weights [rows, width] a layer."""
    parts = []
    for layer, w in enumerate(map(np.asarray, weights)):
        words = w.astype(weight_type(config)).reshape(config.rows(layer), config.groups[layer], config.lanes)
        parts.append(words.transpose(1, 0, 2).tobytes())
    return b"".join(parts)


def unpacked(config: NetworkConfig, data: bytes) -> list[np.ndarray]:
    """The inverse of `packed`: int8 or int16[rows, width] a layer."""
    flat, layers = np.frombuffer(data, weight_type(config)), []
    for layer, width in enumerate(config.layers):
        rows, groups = config.rows(layer), config.groups[layer]
        start = config.base(layer) * config.lanes
        words = flat[start : start + rows * width].reshape(groups, rows, config.lanes)
        layers.append(np.ascontiguousarray(words.transpose(1, 0, 2).reshape(rows, width)))
    return layers
