"""Parcels: what an exchange carries, in files for a USB stick. docs/parcels.md describes the format.

`keys`, `envelope` and `contents` are shared with the province; the rest is the device's.
"""
