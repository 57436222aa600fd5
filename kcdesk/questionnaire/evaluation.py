"""What an expression is evaluated in: the node it speaks from, and the little it may ask of the outside.

Clock and randomness come from whoever opened the sheet; an expression reaches nothing else of the machine.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kcdesk.questionnaire.values import Value, XNode


class Run(Protocol):
    """One open sheet, as expressions see it."""

    @property
    def language(self) -> str: ...
    @property
    def root(self) -> XNode: ...
    @property
    def shuffle_seed(self) -> int: ...
    def now(self) -> datetime.datetime: ...
    def random_bytes(self, size: int) -> bytes: ...
    def instance(self, name: str) -> XNode | None:
        """The root of a list of choices, or None when there is no such list."""

    def itext(self, key: str) -> str: ...
    def choice_name(self, node: XNode, value: str) -> str:
        """The label of a choice of the select question at `node`; blank when it has no such choice."""


@dataclass(slots=True)
class Context:
    """Where an expression stands.

    node:     the context node; inside a predicate the candidate
    current:  the node that the whole expression belongs to
    position: of `node` among the candidates, from 1
    size:     how many candidates there are
    """

    node: XNode
    current: XNode
    run: Run
    position: int = 1
    size: int = 1


Evaluate = Callable[[Context], Value]
"""A compiled expression."""
