"""What is made of pre-activations: activities, sums of squares, decisions, local errors, lists."""
