"""The provincial server: takes changes in, judges rights, keeps logs, answers devices.

A stateless ASGI application over one relational database (SQLite to try out, PostgreSQL for a province). `admin` holds
what the command line does, `run` starts it. Of `sync` it uses `format` and `protocol` only.
"""
