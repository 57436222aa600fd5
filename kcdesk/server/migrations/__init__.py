"""Alembic's steps of the provincial database. Written out, so that they still mean the same in three years."""
