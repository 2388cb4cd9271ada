"""Multiply-accumulate and update: the lanes, the words of weights, the dither."""
