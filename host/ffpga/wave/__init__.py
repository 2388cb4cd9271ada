"""Recordings of the simulated chip: making them, looking at them, reading them back."""
