"""What travels between a device and the province, and how.

`format` and `protocol` are shared with the server: one definition of what is on the wire. `client` speaks HTTP,
`engine` runs a pass over a workspace. Leaves to others: keeping changes (`storage`), judging them (`server`).
The protocol in words: docs/sync-protocol.md.
"""
