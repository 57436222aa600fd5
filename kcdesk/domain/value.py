"""The values of fields: JSON, so that every device, whatever its version, can keep and pass them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
    """Decimals are text ("2.5"), money is integer đồng, dates are ISO text."""
else:
    Value = Any  # msgspec decodes JSON values of any shape, but knows no recursive type
