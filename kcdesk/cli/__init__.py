"""The command line: one of the two doors to `actions`, and the contract for other programs (docs/cli.md).

Owns words, options, output and exit statuses: 0 done, 1 refused with a sentence, 2 wrong usage. With `--json` one
JSON document goes to standard output and nothing else; sentences for people go to standard error. What a command
does is an action's business.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from kcdesk.cli.arguments import parser
from kcdesk.cli.memory import leave_no_core
from kcdesk.cli.output import print_error
from kcdesk.errors import KcdeskError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    leave_no_core()
    for stream in (sys.stdout, sys.stderr):
        # Consoles of Windows default to other encodings; a file name need not be text at all.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    options = parser().parse_args(arguments)
    try:
        status = int(options.run(options) or 0)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader had enough: `kcdesk list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KcdeskError as error:
        print_error(error, as_json=options.json)
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Đã dừng theo yêu cầu.\n")
        return 130
