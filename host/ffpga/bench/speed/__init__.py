"""How fast the tools and the core are, and what they could be at most: what `ffpga bench` and `make bench` measure."""
