"""The chip behind its byte streams."""
