"""Random histories of one folder that is copied, put back and used in several places, and what must come of them.

As in `histories`, the world remembers for each thing said exactly what lay before its author. What is said has a name
of its own and nothing else: under which device and number it ends up is the program's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

PLACES = 3
"""Computers on which the folder may lie; it begins in the first. One more is a colleague's, whose folder stays."""
COLLEAGUE = PLACES
SPOTS = 2
"""Fields that are written."""


@dataclass(frozen=True)
class Look:
    """A form is opened and left open."""

    place: int


@dataclass(frozen=True)
class Say:
    """A field is written: in the form left open, or in one opened just now."""

    place: int
    spot: int


@dataclass(frozen=True)
class Sync:
    place: int


@dataclass(frozen=True)
class Copy:
    """The folder is copied over whatever the other computer has. disk: with all that the computer knows of it."""

    place: int
    to: int
    disk: bool


@dataclass(frozen=True)
class Keep:
    """A copy of the folder is put aside."""

    place: int


@dataclass(frozen=True)
class PutBack:
    """The copy that was put aside there comes back. disk: with all that the computer knew of it."""

    place: int
    disk: bool


Step = Look | Say | Sync | Copy | Keep | PutBack

_place = st.integers(0, PLACES - 1)
_anyone = st.integers(0, COLLEAGUE)
_spot = st.integers(0, SPOTS - 1)
steps: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.builds(Say, _anyone, _spot),
        st.builds(Say, _place, _spot),
        st.builds(Sync, _anyone),
        st.builds(Look, _anyone),
        st.builds(Copy, _place, _place, st.booleans()).filter(lambda copy: copy.place != copy.to),
        st.builds(Keep, _place),
        st.builds(PutBack, _place, st.booleans()),
    ),
    max_size=20,
)


@dataclass(frozen=True)
class Said:
    name: str
    spot: int
    knew: frozenset[str]


@dataclass(frozen=True)
class _Folder:
    """held: all that lies in it; own: what was said in it, or in what it is a copy of; form: what an open one shows."""

    held: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    form: frozenset[str] | None = None


@dataclass
class World:
    """Folders that learn from the province only, and a province that holds everything once."""

    said: dict[str, Said] = field(default_factory=dict)
    province: frozenset[str] = frozenset()
    folders: dict[int, _Folder] = field(
        default_factory=lambda: {0: _Folder(), COLLEAGUE: _Folder()}
    )
    kept: dict[int, _Folder] = field(default_factory=dict)

    def possible(self, step: Step) -> bool:
        """Whether there is a folder to do it with."""
        if isinstance(step, PutBack):
            return step.place in self.kept
        return step.place in self.folders

    def do(self, step: Step) -> str:
        """Take a step; the name of what was said, if anything was."""
        folder = self.folders.get(step.place, _Folder())
        name = ""
        match step:
            case Look():
                folder = replace(folder, form=folder.held)
            case Say():
                name = f"s{len(self.said)}"
                knew = (folder.held if folder.form is None else folder.form) | folder.own
                self.said[name] = Said(name, step.spot, knew)
                folder = _Folder(folder.held | {name}, folder.own | {name})
            case Sync():
                self.province |= folder.own
                folder = replace(folder, held=self.province)
            case Copy():
                self.folders[step.to] = replace(folder, form=None)
                self.kept.pop(step.to, None)
            case Keep():
                self.kept[step.place] = replace(folder, form=None)
            case PutBack():
                folder = self.kept[step.place]
        self.folders[step.place] = folder
        return name

    def heads(self, spot: int) -> set[str]:
        """What nobody has replaced knowing it."""
        there = [self.said[name] for name in self.province if self.said[name].spot == spot]
        return {one.name for one in there if not any(one.name in other.knew for other in there)}


def all_sync(world: World) -> Sequence[Sync]:
    """Steps after which everybody has everything."""
    return [Sync(place) for place in sorted(world.folders)] * 2
