"""The folder of a workspace: who holds it, where it had better not lie, files that outlive a cut."""
