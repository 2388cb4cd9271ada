"""What is said to a chip, and what it must answer, whatever carries the bytes."""
