"""A questionnaire that has been read and checked: what it is called, in which languages, and how to open a sheet.

The workbook's XForm and list files are kept with it: `from_xform` makes the same questionnaire of them in a few
milliseconds, without pyxform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.questionnaire import submission
from kcdesk.questionnaire.form import Form, Language
from kcdesk.questionnaire.problems import FormRefused, WorkbookProblem, WorkbookRefused, problem
from kcdesk.questionnaire.sheet import Device, Sheet
from kcdesk.questionnaire.xform import read_xform


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """xform: the XForm as text; media: the csv files it names; warnings: what was ignored at import."""

    form: Form
    xform: str
    media: Mapping[str, bytes]
    warnings: tuple[WorkbookProblem, ...] = ()

    @property
    def id(self) -> str:
        return self.form.form_id

    @property
    def version(self) -> str:
        return self.form.version

    @property
    def title(self) -> str:
        return self.form.title

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages of the labels, the default one first; none when the workbook names none."""
        return self.form.languages

    def open(
        self,
        answers: Mapping[str, object] | None = None,
        *,
        clock: Clock,
        randomness: Randomness,
        language: str = "vi",
        device: Device | None = None,
    ) -> Sheet:
        """A new sheet with its defaults, or the sheet that `answers` (as a record stores them) describe."""
        return Sheet(
            self.form,
            answers,
            clock=clock,
            randomness=randomness,
            language=language,
            device=device or Device(),
        )

    def read(self, xml: bytes) -> submission.Submission:
        """The answers of a filled form that a telephone or an ODK server gave. Raises `BadInput`."""
        return submission.read(self.form, xml)


def from_xform(xform: str, media: Mapping[str, bytes] | None = None) -> Questionnaire:
    """The questionnaire of an XForm that was once made from a workbook. Raises WorkbookRefused."""
    files = dict(media or {})
    try:
        return Questionnaire(read_xform(xform, files), xform, files)
    except FormRefused as refused:
        problems = [problem(one.code, one.subject, column=one.name) for one in refused.problems]
        raise WorkbookRefused(problems) from None
