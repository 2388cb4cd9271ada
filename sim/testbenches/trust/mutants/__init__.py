"""Small faults put into core and golden model, and who notices."""
