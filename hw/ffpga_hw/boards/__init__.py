"""Boards: their table, and what is around the core on one."""
