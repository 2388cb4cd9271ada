"""A board's whole design at its pins: crystal, serial adapter, noisy wires."""
