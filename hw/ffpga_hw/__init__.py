"""The Amaranth core of ffpga."""
