"""`kcdesk demo`: a throw-away workspace and an embedded provincial server, for trying out and for proving.

Owns the demonstration's data and its two forms: the window, or the main job without one. Uses the program as its users
do; no room of the program knows of it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from kcdesk.errors import BadInput, KcdeskError
from kcdesk.resources import resource_path


def run_demo(*, check: bool, keep: Path | None, register: Path | None, as_json: bool) -> int:
    """The demonstration; exit status 0 only if the window was closed, or with `check` each step was verified.

    keep:     folder for its data (made, must be empty), kept at the end; otherwise a temporary one that is removed
    register: another list of establishments than the sample register
    """
    folder = _folder(keep)
    list_file = register or resource_path("samples", "lao-cai-register.xlsx")
    try:
        if check:
            return _check(folder, list_file, as_json=as_json)
        from kcdesk.demo.window import show_window  # noqa: PLC0415

        return show_window(folder, list_file)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def _check(folder: Path, register: Path, *, as_json: bool) -> int:
    from kcdesk.demo.main_job import MainJob  # noqa: PLC0415
    from kcdesk.demo.program import CommandRefused  # noqa: PLC0415
    from kcdesk.demo.steps import Minutes  # noqa: PLC0415

    minutes = Minutes(quiet=as_json)
    try:
        MainJob(folder, register, minutes).run()
    except CommandRefused as refused:
        minutes.holds("lệnh bị từ chối", refused, right=False)
    if as_json:
        from kcdesk.cli.output import print_json  # noqa: PLC0415

        print_json(minutes.as_json())
    else:
        checks = [one for step in minutes.steps for one in step.checks]
        wrong = sum(not one.right for one in checks)
        sys.stdout.write(
            f"{len(minutes.steps)} bước, {len(checks)} điều đã kiểm tra, {wrong} điều sai.\n"
        )
    return 0 if minutes.right else 1


def _folder(keep: Path | None) -> Path:
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="kcdesk-demo-"))
    try:
        keep.mkdir(parents=True, exist_ok=True)
        if any(keep.iterdir()):
            raise BadInput(
                f"Thư mục “{keep}” không trống.", hint="Chọn một thư mục trống hoặc chưa có."
            )
    except OSError as error:
        raise KcdeskError(
            f"Không tạo được thư mục “{keep}”.", hint="Kiểm tra đường dẫn và quyền ghi."
        ) from error
    return keep
