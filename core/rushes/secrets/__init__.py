"""The sealed store: secrets of components in the state folder, their key elsewhere."""

from rushes.secrets.private import private_folder
from rushes.secrets.vault import Vault, open_vault, variable_of

__all__ = ["Vault", "open_vault", "private_folder", "variable_of"]
