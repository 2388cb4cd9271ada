"""Data sets: from files to u8 features and labels."""
