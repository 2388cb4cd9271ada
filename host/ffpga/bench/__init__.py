"""Measurements: accuracy, clocks, boards, speed."""
