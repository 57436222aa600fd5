"""What makes a workspace right again: checking, rebuilding, restoring, recovering. Backups have a room of their own."""
