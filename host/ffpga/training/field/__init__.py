"""Learning in the field: a sensor drifts, a new person comes, and, without labels, what stays becomes normal."""
