"""What the host reaches: registers, counters, weights, answers."""
