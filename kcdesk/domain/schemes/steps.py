"""The state table: which step leads from which state to which, one table per fund, read from data.

Owns the reading of `resources/schemes/steps.toml` and whether a step may be taken from a state. What a step
needs besides (papers, money, attachments) is named here and checked by `actions`.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from kcdesk.domain.code_lists import Fund, SchemeState
from kcdesk.domain.published.confidence import Confidence
from kcdesk.domain.published.tables import Deadline as PublishedDeadline
from kcdesk.errors import BadInput

Holder = Literal["need", "scheme", "part"]
Role = Literal["collaborator", "officer", "centre"]

LEFT = "LEFT"
"""Target of the step that ends an adjustment: the state that was left for it."""


class StepDeadline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Until when a step is to be taken, and by which law.

    day:  `05-20` of the plan year plus `year`;  days: after the day on which `after` was reached
    """

    id: str
    label: str
    funds: frozenset[str] = frozenset(fund.value for fund in Fund)
    day: str | None = None
    year: int = 0
    days: int | None = None
    after: str | None = None
    legal_doc: str | None = None
    article: str | None = None
    confidence: str

    def due_on(self, plan_year: int, reached: dict[str, datetime.date]) -> datetime.date | None:
        """The last day; None where what it counts from has not come yet. `reached`: state -> day."""
        if self.day is not None:
            month, day = map(int, self.day.split("-"))
            return datetime.date(plan_year + self.year, month, day)
        start = reached.get(self.after or "")
        return None if start is None else start + datetime.timedelta(days=self.days or 0)


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A step, as `resources/schemes/steps.toml` explains its parts."""

    name: str
    label: str
    holder: Holder
    sources: frozenset[str] = msgspec.field(name="from")
    to: str
    by: frozenset[Role]
    funds: frozenset[str] = frozenset(fund.value for fund in Fund)
    papers: tuple[str, ...] = ()
    paper: Literal["number"] | None = None
    reason: bool = False
    deadline: StepDeadline | None = None

    @property
    def needs_number(self) -> bool:
        """Whether the number and the date of a paper belong to it."""
        return self.paper is not None

    def target(self, left: SchemeState | None) -> SchemeState:
        """The state it leads to; `left`: the one that an adjustment had left."""
        if self.to != LEFT:
            return SchemeState.of(self.to)
        if left is None:
            raise ValueError("no state was left")
        return left


class _File(msgspec.Struct, forbid_unknown_fields=True):
    step: tuple[Step, ...]


class StepTable:
    """All steps. One table per fund: a step that names no fund is in both."""

    def __init__(self, steps: Iterable[Step]) -> None:
        """Raises `ValueError` for states, roles or papers that there are not, and for a step that is there twice."""
        self._steps = tuple(steps)
        seen: set[tuple[str, str, str]] = set()
        for step in self._steps:
            for state in step.sources | ({step.to} - {LEFT}):
                SchemeState.of(state)
            if step.deadline is not None:
                Confidence.of(step.deadline.confidence)
            for fund in step.funds:
                key = (Fund.of(fund).value, step.holder, step.name)
                if key in seen:
                    raise ValueError(f"two steps {key}")
                seen.add(key)

    @classmethod
    def read(cls, content: bytes) -> StepTable:
        """Of a file like `resources/schemes/steps.toml`. Raises `ValueError`."""
        try:
            said = tomllib.loads(content.decode("utf-8"))
            return cls(msgspec.convert(said, _File).step)
        except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise ValueError(str(error)) from error

    def of(self, fund: Fund, holder: Holder) -> tuple[Step, ...]:
        """The steps of a fund that a need, a scheme or a part takes, in the order in which they usually come."""
        return tuple(
            step for step in self._steps if fund.value in step.funds and step.holder == holder
        )

    def from_state(self, fund: Fund, holder: Holder, state: SchemeState) -> tuple[Step, ...]:
        """The steps that may be taken now."""
        return tuple(step for step in self.of(fund, holder) if state.value in step.sources)

    def step(self, fund: Fund, holder: Holder, state: SchemeState, name: str) -> Step:
        """The step with this name. Raises `BadInput` when it may not be taken from this state, saying which may."""
        named = [step for step in self.of(fund, holder) if step.name == name]
        if named and state.value in named[0].sources:
            return named[0]
        possible = self.from_state(fund, holder, state)
        hint = (
            "Có thể đi: " + ", ".join(f"{one.name} ({one.label})" for one in possible) + "."
            if possible
            else "Từ trạng thái này không đi bước nào nữa."
        )
        what = named[0].label if named else name
        raise BadInput(
            f"Đang ở trạng thái “{state.label}” thì không đi được bước “{what}”.",
            hint=hint,
            code="step",
        )

    def deadlines(
        self, fund: Fund, published: Sequence[PublishedDeadline] = ()
    ) -> tuple[tuple[Step, StepDeadline], ...]:
        """The steps of a fund that have a last day, each with it; one that the province publishes replaces its day."""
        days = {each.deadline_id: each for each in published if each.fund in (None, fund.value)}
        found = []
        for step in self._steps:
            deadline = step.deadline
            if deadline is None or fund.value not in step.funds & deadline.funds:
                continue
            own = days.get(deadline.id)
            if own is not None and deadline.day is not None:
                deadline = msgspec.structs.replace(
                    deadline,
                    day=own.day,
                    legal_doc=own.legal_doc,
                    article=own.article,
                    confidence=own.confidence,
                )
            found.append((step, deadline))
        return tuple(found)
