"""Talks to a device: what a program of one's own needs."""
