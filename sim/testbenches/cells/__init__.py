"""Models of the vendors' cells that a design for a board is made of."""
