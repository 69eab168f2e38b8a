"""Clips that are sent while they are recorded."""
