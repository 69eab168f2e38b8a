"""The sealed store: secrets of components in the state folder, their key elsewhere."""

from rushes.secrets.vault import Vault, open_vault, variable_of

__all__ = ["Vault", "open_vault", "variable_of"]
