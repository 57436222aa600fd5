"""How long every key of a workspace is."""

KEY_BYTES = 32
