"""What every view is made of."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
