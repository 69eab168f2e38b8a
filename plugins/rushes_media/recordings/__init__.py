"""Recordings of picture and sound: what PyAV tells, what their containers and headers tell beside it."""
