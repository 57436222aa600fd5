"""Which device a workspace is, which it was, and what this computer remembers of it outside the file."""
