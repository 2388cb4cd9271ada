"""What happens in the conversations with the chip, and in which states of its machines."""
