"""What a run tells: answers of its steps, what the host calculates, command and versions."""
