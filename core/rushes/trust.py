"""Whom a TLS connection believes: the authorities that a user names beside the machine's own."""

from __future__ import annotations

import ssl
from pathlib import Path

from rushes.errors import ConfigError


def trust(context: ssl.SSLContext, ca_file: Path | None) -> ssl.SSLContext:
    """The context, trusting the authorities in the PEM file too; None adds none.

    Raises ConfigError, of the option `ca_file`, for a file that cannot be read or holds no certificate.
    """
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:  # SSLError is one
            system = (error.strerror or str(error)).lower()
            fact = "holds no PEM certificates" if isinstance(error, ssl.SSLError) else system
            text = f"ca_file {ca_file}: {fact}; name the file of the authority"
            raise ConfigError(text, option="ca_file") from error
    return context
