"""One expression over a given instance: no questionnaire, no binds, no defaults.

For trying an expression out, and for comparing this engine with others on the same document.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from defusedxml import ElementTree  # type: ignore[import-untyped]

from kcdesk.domain.clock import Clock, Randomness
from kcdesk.errors import BadInput, NotFound
from kcdesk.questionnaire import lists
from kcdesk.questionnaire.compiler import ExpressionProblem, compile_expression
from kcdesk.questionnaire.engine import Engine
from kcdesk.questionnaire.form import GROUP, QUESTION, REPEAT, Definition, Form
from kcdesk.questionnaire.nodes import Node, Rows
from kcdesk.questionnaire.problems import problem
from kcdesk.questionnaire.values import to_string


def evaluate(
    expression: str,
    instance_xml: str,
    *,
    clock: Clock,
    randomness: Randomness,
    at: str = "",
    choice_lists: Mapping[str, str] | None = None,
    language: str = "vi",
) -> str:
    """The text (XPath `string()`) that `expression` gives over the instance document `instance_xml`.

    at:           the context node as an absolute path, `/data/machines[2]/price`; blank: the root element
    choice_lists: name of a secondary instance -> its XML, for `instance()`

    Elements that occur several times beside each other are the rows of a repeat. Raises `BadInput` for an
    expression or document that cannot be read, `NotFound` for a context node that is not there.
    """
    try:
        document = ElementTree.fromstring(instance_xml)
        secondary = {
            name: lists.from_elements(_wrapped(ElementTree.fromstring(xml)))
            for name, xml in (choice_lists or {}).items()
        }
    except ElementTree.ParseError as error:
        raise BadInput(
            "Tài liệu XML đưa vào không đọc được.", hint=f"Kiểm tra lại XML: {error}."
        ) from None
    root = _definition([document], None)
    form = Form(root, "", "", "", (), {}, secondary, (), {}, (), {})
    engine = Engine(form, clock, randomness, language)
    _fill(engine.root, document)
    node = _find(engine.root, at)
    try:
        compiled = compile_expression(
            expression, node.definition, root, frozenset(secondary), known_paths=False
        )
    except ExpressionProblem as trouble:
        found = problem(trouble.code, trouble.subject)
        raise BadInput(found.sentence(language)) from None
    return to_string(engine.evaluate(compiled, node))


def _wrapped(element: Element) -> Element:
    instance = Element("instance")
    instance.append(element)
    return instance


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _definition(alike: list[Element], parent: Definition | None) -> Definition:
    """What stands for the elements of one name under all parents of one name."""
    name = _name(alike[0])
    path = f"{parent.path if parent else ''}/{name}"
    kind = GROUP if parent is None or any(map(len, alike)) else QUESTION
    definition = Definition(name, path, kind, parent)
    below: dict[str, list[Element]] = {}
    repeated: set[str] = set()
    for element in alike:
        seen: set[str] = set()
        for child in element:
            below.setdefault(_name(child), []).append(child)
            if _name(child) in seen:
                repeated.add(_name(child))
            seen.add(_name(child))
    for child_name, children in below.items():
        child_definition = _definition(children, definition)
        if child_name in repeated:
            child_definition.kind = REPEAT
        definition.children[child_name] = child_definition
    return definition


def _fill(node: Node, element: Element) -> None:
    node.raw = "" if len(element) else element.text or ""
    for child in element:
        below = node.children[_name(child)]
        if isinstance(below, Rows):
            _fill(below.add(str(len(below.rows) + 1)), child)
        else:
            _fill(below, child)


def _find(root: Node, path: str) -> Node:
    at = root
    for index, step in enumerate(path.strip("/").split("/") if path else ()):
        name, _, number = step.rstrip("]").partition("[")
        if index == 0 and name == root.name:
            continue
        below = at.children.get(name)
        if isinstance(below, Rows):
            place = int(number or "1") - 1
            below = below.rows[place] if 0 <= place < len(below.rows) else None
        if below is None:
            raise NotFound(f"Không có nút {path} trong tài liệu.", hint="Kiểm tra lại đường dẫn.")
        at = below
    return at
