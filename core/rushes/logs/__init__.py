"""The log of a run: JSON lines without secrets. `known` and `redact` need no library, so that anyone may use them."""
