"""Writes an answer sheet as the instance XML that ODK servers take.

Format: ODK XForms specification, "Instance" and "Metadata". Nodes that are not relevant are left out.
"""

from __future__ import annotations

from xml.etree import ElementTree

from kcdesk.questionnaire.form import Form
from kcdesk.questionnaire.nodes import Node, Rows


def write(form: Form, root: Node) -> str:
    """The document, with XML declaration."""
    element = ElementTree.Element(root.name, {"id": form.form_id})
    if form.version:
        element.set("version", form.version)
    _fill(element, root)
    body = ElementTree.tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'


def _fill(element: ElementTree.Element, node: Node) -> None:
    for child in node.children.values():
        for occurrence in child.rows if isinstance(child, Rows) else [child]:
            if occurrence.visible:
                inner = ElementTree.SubElement(element, occurrence.name)
                inner.text = occurrence.raw or None
                _fill(inner, occurrence)
