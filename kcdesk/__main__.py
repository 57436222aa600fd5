"""`python -m kcdesk`: the same as the command `kcdesk`."""

import sys

from kcdesk.cli import main

sys.exit(main())
