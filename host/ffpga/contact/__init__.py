"""The first contact with a board: what answers, and whether all of it is as it should be."""
