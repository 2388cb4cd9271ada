"""Small configurations: what a proof says of them is stated with it."""

from typing import Any

from ffpga_golden import NetworkConfig


def small(**changes: Any) -> NetworkConfig:
    """Two layers of two groups of two lanes, three features, two classes."""
    return NetworkConfig(**{"features": 3, "classes": 2, "layers": (4, 4), "lanes": 2, **changes})
