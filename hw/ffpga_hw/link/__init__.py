"""The link: the byte protocol of `ffpga_golden.protocol` in hardware, from byte streams to engine commands."""

from .link import Link

__all__ = ["Link"]
