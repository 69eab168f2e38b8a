"""Sub-devices as channels."""
