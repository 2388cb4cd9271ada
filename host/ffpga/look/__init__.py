"""What is shown: in the terminal, and as pictures."""
