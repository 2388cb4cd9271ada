"""The chip behind its byte streams: what is said to it, what it must answer."""
