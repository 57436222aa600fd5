"""Erasing personal data out of the history, as the law asks (Decree 13/2023/ND-CP, Art. 16): what, on whose paper, done.

The centre may, and whoever works alone. What was said of the named fields until now is gone for good from everything
that kcdesk keeps; that it was said, by whom and when, stays. What was printed or saved elsewhere it cannot reach.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kcdesk.actions.backups import remembered_second_home
from kcdesk.actions.desk import Desk
from kcdesk.actions.records import Saved
from kcdesk.changes import MERGED_INTO, Change
from kcdesk.changes.erasing import Erasure
from kcdesk.changes.fold import DELETED
from kcdesk.domain.clock import local_time
from kcdesk.domain.codes import Date  # placeholder
from kcdesk.domain.identifiers import RecordId, new_record_id
from kcdesk.domain.kinds import ATTACHMENTS, ERASURES, SHEET_FIELDS, SURVEYS, kind_named
from kcdesk.domain.value import Value
from kcdesk.errors import BadInput, NotFound, Rejected, WorkspaceBusy, WorkspaceError
from kcdesk.storage.swap import SET_ASIDE
from kcdesk.storage.workspace import Edit
