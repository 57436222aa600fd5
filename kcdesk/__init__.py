"""kcdesk: the desktop program of Vietnam's industrial promotion officers (khuyến công)."""

__version__ = "0.1.0"
