"""Bytes on their way: parts, connections, how many at once, how fast."""
