"""Records in, tables out. Every number is computed from records, and says in which unit.

Leaves to others: where records come from (`actions`), and how a table is printed (`documents`).
"""
