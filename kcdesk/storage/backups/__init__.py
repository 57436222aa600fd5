"""Kept backups: pieces of changes that all backups share, and a small list of pieces for each backup.

Changes are only ever added, and everything else follows from them, so the backups of a year cost little more than
one (docs/decisions/0017-backups-of-changes.md). One layout everywhere, in the workspace's folder, on a USB stick and
inside a single file:

    workspace.json, key.json     what must be known before the key is (not the key)
    backups/pieces/ab/abcd...    rows of one table, packed and sealed, named by the SHA-256 of the file
    backups/kept/*.backup        one backup: the pieces it is made of, sealed
    attachments/                 as in the workspace: files named by their content

Owns writing, checking, thinning, copying and reading backups. What is put in place of what is `storage.swap`.
"""
