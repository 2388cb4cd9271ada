"""Arbitrary bytes as programs for devices and driver, and as files."""
