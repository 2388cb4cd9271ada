"""Grids of configurations, trained side by side."""
