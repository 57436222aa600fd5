"""Whether this computer's line is paid by the byte, as the system says."""

from __future__ import annotations


def is_metered() -> bool | None:
    """True for a line that costs by the byte, such as a telephone's; None where the system does not tell."""
    from PySide6.QtNetwork import QNetworkInformation  # noqa: PLC0415 -- loaded when somebody syncs

    if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Metered):
        return None
    told = QNetworkInformation.instance()
    unknown = told.transportMedium() is QNetworkInformation.TransportMedium.Unknown
    return told.isMetered() or (None if unknown else False)
