"""Training loops, their choices, and what a run is."""
