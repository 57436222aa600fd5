"""Reading what is projected: lists, search as people type, what may be a duplicate, the actions that were made."""
