"""Training through what goes wrong: a bad line, a killed process, a device that is reset."""
