"""What the program holds in memory stays there: a crash leaves no picture of it on the disk."""

from __future__ import annotations


def leave_no_core() -> None:
    """Let this process and those it starts write no core file, which would hold keys and records in clear.

    Windows writes a dump only where an administrator asked for it, and leaves a program no say in it.
    """
    try:
        import resource  # noqa: PLC0415 -- there is none on Windows
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
