"""The chip behind AXI: the same commands as registers and packets."""
