"""The encrypted workspace: one SQLCipher file that holds every change, and tables projected from them.

Owns the file, its key, its schema, saving and reading. Leaves to others: what changes mean (`changes`), what
fields mean (`domain`), how changes travel (`sync`).
"""
