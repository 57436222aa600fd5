"""Reads an XForm: the XML that pyxform writes of a workbook becomes a `Form`.

Owns the vocabulary of the file (instance, binds, body, itext, secondary instances, setvalue), as the ODK XForms
specification names it. Leaves the meaning of expressions to `compiler`, their order to `graph`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from defusedxml import ElementTree  # type: ignore[import-untyped]

from kcdesk.questionnaire import graph, lists
from kcdesk.questionnaire.compiler import ExpressionProblem, compile_expression
from kcdesk.questionnaire.form import (
    FIRST_LOAD,
    GROUP,
    NEW_REPEAT,
    NO_TEXT,
    QUESTION,
    REPEAT,
    VALUE_CHANGED,
    Action,
    Definition,
    Expression,
    Form,
    Item,
    Itemset,
    Language,
    Text,
)
from kcdesk.questionnaire.problems import FormProblem, FormRefused
from kcdesk.questionnaire.profile import DATA_TYPES

XF = "{http://www.w3.org/2002/xforms}"
H = "{http://www.w3.org/1999/xhtml}"
JR = "{http://openrosa.org/javarosa}"
ODK = "{http://www.opendatakit.org/xforms}"
KC = "{http://kcdesk.org/xforms}"

_CONTROLS = {
    f"{XF}input": "",
    f"{XF}range": "range",
    f"{XF}select1": "select_one",
    f"{XF}select": "select_multiple",
    f"{ODK}rank": "rank",
    f"{XF}trigger": "acknowledge",
    f"{XF}upload": "file",
}
_INPUTS = {
    "string": "text",
    "barcode": "text",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "dateTime": "datetime",
    "geopoint": "geopoint",
}
_PRELOADS = {
    ("timestamp", "start"): "start",
    ("timestamp", "end"): "end",
    ("date", "today"): "today",
    ("property", "deviceid"): "deviceid",
    ("property", "username"): "username",
    ("property", "phonenumber"): "phonenumber",
    ("property", "email"): "email",
    ("uid", ""): "instanceID",
}
_KIND = re.compile(r"[a-z][a-z_]*")
_FIELD = re.compile(r"[a-z][a-z0-9_]*(?:/[a-z][a-z0-9_]*)?")
_ITEXT = re.compile(r"\s*jr:itext\(\s*(?:'([^']*)'|([\w.\-]+))\s*\)\s*")


def read_xform(xform: str, media: Mapping[str, bytes]) -> Form:
    """The form of an XForm. `media` holds the csv files it names. Raises FormRefused."""
    reader = _Reader(ElementTree.fromstring(xform), media)
    form = reader.form()
    if reader.problems:
        raise FormRefused(list(dict.fromkeys(reader.problems)))
    return form


class _Reader:
    def __init__(self, document: Element, media: Mapping[str, bytes]) -> None:
        self.problems: list[FormProblem] = []
        self._media = media
        self._head = _child(document, f"{H}head")
        self._model = _child(self._head, f"{XF}model")
        self._body = _child(document, f"{H}body")
        instances = list(self._model.iter(f"{XF}instance"))
        self._primary = next(iter(instances[0]))
        self._instances = {
            instance.get("id", ""): self._secondary(instance) for instance in instances[1:]
        }
        repeats = {_path(repeat.get("nodeset")) for repeat in self._body.iter(f"{XF}repeat")}
        self._root = self._tree(self._primary, None, repeats)
        self._count_seeds(self._primary, self._root)
        self._by_path = {definition.path: definition for definition in self._root.walk()}
        self._itext = self._translations()
        self._first_load: list[Action] = []
        self._new_repeat: dict[str, list[Action]] = {}

    def form(self) -> Form:
        for bind in self._model.iter(f"{XF}bind"):
            self._bind(bind)
        for action in self._model.findall(f"{XF}setvalue"):
            self._setvalue(action)
        self._controls(self._body, None)
        for definition in self._root.walk():
            self._settle_type(definition)
        try:
            vertices = graph.order(self._root.walk())
        except graph.Circle as circle:
            self._refuse("cycle", str(circle), circle.definitions[0], "calculation")
            vertices = ()
        return Form(
            root=self._root,
            form_id=self._primary.get("id", ""),
            version=self._primary.get("version", ""),
            title=_child(self._head, f"{H}title").text or "",
            languages=self._languages(),
            itext=self._itext,
            instances=self._instances,
            first_load=tuple(self._first_load),
            new_repeat={path: tuple(actions) for path, actions in self._new_repeat.items()},
            vertices=vertices,
            dependants=graph.dependants(vertices),
        )

    def _refuse(self, code: str, subject: str, at: Definition | None, column: str) -> None:
        self.problems.append(FormProblem(code, subject, at.name if at else "", column))

    # -- instances ---------------------------------------------------------------------------------

    def _tree(self, element: Element, parent: Definition | None, repeats: set[str]) -> Definition:
        name = _local(element)
        path = f"{parent.path if parent else ''}/{name}"
        kind = REPEAT if path in repeats else GROUP if len(element) or not parent else QUESTION
        definition = Definition(name, path, kind, parent, default=(element.text or "").strip())
        for child in element:
            if _local(child) not in definition.children:
                definition.children[_local(child)] = self._tree(child, definition, repeats)
        return definition

    def _count_seeds(self, element: Element, definition: Definition) -> None:
        """How many rows a new sheet starts with. A row added later starts without inner rows."""
        rows: dict[str, int] = {}
        for child in element:
            if f"{JR}template" not in child.attrib:
                name = _local(child)
                rows[name] = rows.get(name, 0) + 1
                self._count_seeds(child, definition.children[name])
        for name, count in rows.items():
            if definition.children[name].kind == REPEAT:
                definition.children[name].seed_rows = count

    def _secondary(self, instance: Element) -> Item:
        source = instance.get("src")
        if source is None:
            return lists.from_elements(instance)
        scheme, _, file_name = source.rpartition("/")
        if scheme != "jr://file-csv":
            self._refuse("construct", file_name, None, "type")
        elif file_name not in self._media:
            self._refuse("media", file_name, None, "type")
        else:
            try:
                return lists.from_csv(self._media[file_name])
            except ValueError:
                self._refuse("csv", file_name, None, "type")
        return Item("")

    # -- texts -------------------------------------------------------------------------------------

    def _languages(self) -> tuple[Language, ...]:
        translations = list(self._model.iter(f"{XF}translation"))
        translations.sort(key=lambda one: one.get("default") != "true()")
        return tuple(
            Language(_code(lang), lang) for one in translations if (lang := one.get("lang"))
        )

    def _translations(self) -> dict[str, Text]:
        found: dict[str, dict[str, tuple[str | Expression, ...]]] = {}
        for language in self._languages():
            for translation in self._model.iter(f"{XF}translation"):
                if translation.get("lang") != language.name:
                    continue
                for text in translation.iter(f"{XF}text"):
                    key = text.get("id", "")
                    value = next((v for v in text.iter(f"{XF}value") if not v.get("form")), None)
                    parts = () if value is None else self._parts(value, key)
                    if parts and parts != ("-",):  # pyxform's sign for a missing translation
                        found.setdefault(key, {})[language.code] = parts
        return {key: Text(by_language) for key, by_language in found.items()}

    def _parts(self, element: Element, key: str) -> tuple[str | Expression, ...]:
        origin = self._by_path.get(key.partition(":")[0], self._root)
        column = {"hint": "hint", "jr:constraintMsg": "constraint_message"}.get(
            key.partition(":")[2], "label"
        )
        parts: list[str | Expression | None] = [(element.text or "").lstrip()]
        for output in element:
            parts.append(self._expression(output.get("value"), origin, column))
            parts.append(output.tail or "")
        if isinstance(parts[-1], str):
            parts[-1] = parts[-1].rstrip()
        return tuple(part for part in parts if part)

    def _text(self, source: str | None, element: Element | None, at: Definition) -> Text:
        """The text of an attribute or element: a key of the translations, or the text itself."""
        reference = (
            source if source is not None else element.get("ref") if element is not None else None
        )
        found = _ITEXT.fullmatch(reference or "")
        if found:
            return self._itext.get(found[1], NO_TEXT)
        if element is not None:
            return Text({"": self._parts(element, at.path)})
        return Text({"": (source,)}) if source else NO_TEXT

    # -- binds and actions -------------------------------------------------------------------------

    def _expression(self, source: str | None, at: Definition, column: str) -> Expression | None:
        if source is None or not source.strip():
            return None
        try:
            return compile_expression(source, at, self._root, frozenset(self._instances))
        except ExpressionProblem as problem:
            self._refuse(problem.code, problem.subject, at, column)
            return None

    def _bind(self, bind: Element) -> None:
        at = self._by_path.get(_path(bind.get("nodeset")))
        if at is None:
            return
        at.data = bind.get("type", "string").removeprefix("xsd:")
        if at.data not in DATA_TYPES:
            self._refuse("type", at.data, at, "type")
        at.relevant = self._expression(bind.get("relevant"), at, "relevant")
        at.calculate = self._expression(bind.get("calculate"), at, "calculation")
        at.constraint = self._expression(bind.get("constraint"), at, "constraint")
        at.required = self._expression(bind.get("required"), at, "required")
        at.read_only = self._expression(bind.get("readonly"), at, "readonly")
        at.constraint_message = self._text(bind.get(f"{JR}constraintMsg"), None, at)
        at.required_message = self._text(bind.get(f"{JR}requiredMsg"), None, at)
        at.preload = (bind.get(f"{JR}preload", ""), bind.get(f"{JR}preloadParams", ""))
        self._mean(at, bind, "row" if at.kind == REPEAT else "field")

    def _mean(self, at: Definition, bind: Element, what: str) -> None:
        """`kc:row` says which table of a kind a repeat is, `kc:field` which field or cell an answer is."""
        meaning = bind.get(f"{KC}{what}")
        if meaning is None:
            return
        kind, _, name = meaning.partition(".")
        within = at.parent.repeats[-1] if at.parent is not None and at.parent.repeats else None
        table = name.rpartition("/")[0]
        if _KIND.fullmatch(kind) is None or _FIELD.fullmatch(name) is None:
            self._refuse("meaning", meaning, at, f"bind::kc:{what}")
        elif what == "row" and (table or within is not None):
            self._refuse("meaning_of_row", meaning, at, "bind::kc:row")
        elif what == "field" and (within.meaning if within else ("", "")) != (
            (kind, table) if table else ("", "")
        ):
            self._refuse("meaning_in_repeat", meaning, at, "bind::kc:field")
        else:
            at.meaning = (kind, name)

    def _setvalue(self, element: Element, source: Definition | None = None) -> None:
        target = self._by_path.get(_path(element.get("ref")))
        if target is None:
            return
        events = frozenset((element.get("event") or "").split())
        column = "calculation" if VALUE_CHANGED in events else "default"
        value = self._expression(element.get("value"), target, column)
        action = Action(events, target, value, (element.text or "").strip())
        if FIRST_LOAD in events or "xforms-ready" in events:
            self._first_load.append(action)
        if NEW_REPEAT in events and target.repeats:
            self._new_repeat.setdefault(target.repeats[-1].path, []).append(action)
        if VALUE_CHANGED in events and source is not None:
            source.actions.append(action)

    # -- body --------------------------------------------------------------------------------------

    def _controls(self, element: Element, around: Definition | None) -> None:
        for child in element:
            at = self._by_path.get(_path(child.get("ref") or child.get("nodeset")))
            if child.tag == f"{XF}setvalue":
                self._setvalue(child, around)
            elif child.tag in {f"{XF}group", f"{XF}repeat"}:
                if at is not None:
                    self._section(child, at)
                self._controls(child, at)
            elif child.tag in _CONTROLS and at is not None:
                self._control(child, at)
                self._controls(child, at)

    def _section(self, element: Element, at: Definition) -> None:
        at.control = True
        label = element.find(f"{XF}label")
        if label is not None:
            at.label = self._text(None, label, at)
        if element.tag == f"{XF}repeat":
            at.counted = self._expression(element.get(f"{JR}count"), at, "repeat_count")
        at.appearance += tuple((element.get("appearance") or "").split())

    def _control(self, element: Element, at: Definition) -> None:
        at.control = True
        at.type = _CONTROLS[element.tag] or _INPUTS.get(at.data, "")
        media = element.get("mediatype", "")
        if media.startswith("image/"):
            at.type = "image"
        if not at.type or media.startswith(("audio/", "video/")):
            self._refuse("type", media.partition("/")[0] or at.data, at, "type")
        at.appearance = tuple((element.get("appearance") or "").split())
        for word in at.appearance:
            if word.startswith("search("):
                self._refuse("appearance", "search()", at, "appearance")
        at.parameters = {k: v for k, v in element.attrib.items() if k in {"start", "end", "step"}}
        label, hint = element.find(f"{XF}label"), element.find(f"{XF}hint")
        at.label = NO_TEXT if label is None else self._text(None, label, at)
        at.hint = NO_TEXT if hint is None else self._text(None, hint, at)
        itemset = element.find(f"{XF}itemset")
        if itemset is not None:
            at.itemset = self._choices(itemset, at)

    def _choices(self, element: Element, at: Definition) -> Itemset | None:
        nodes = self._expression(element.get("nodeset"), at, "choice_filter")
        value = _child(element, f"{XF}value").get("ref", "name")
        label = _child(element, f"{XF}label").get("ref", "label")
        found = _ITEXT.fullmatch(label)
        if nodes is None:
            return None
        self._check_columns(nodes.source, at, value, "" if found else label)
        return Itemset(nodes, value, found[2] if found else label, translated=found is not None)

    def _check_columns(self, source: str, at: Definition, *columns: str) -> None:
        """A csv file has to have the columns that hold the value and the label of its choices."""
        found = re.search(r"instance\('([^']*)'\)", source)
        document = self._instances.get(found[1]) if found else None
        rows = (
            [item for root in document.select("root") for item in root.select("item")]
            if document
            else []
        )
        for column in columns:
            if rows and column and not rows[0].select(column):
                self._refuse("csv_column", column, at, "type")

    def _settle_type(self, definition: Definition) -> None:
        """The types that show only when bind, body and actions have all been read."""
        if definition.kind != QUESTION:
            return
        if not definition.control:
            definition.type = _PRELOADS.get(definition.preload, "hidden")
            if definition.calculate is not None:
                definition.type = "calculate"
            elif definition.preload != ("", "") and definition.preload not in _PRELOADS:
                self._refuse(
                    "type", definition.preload[1] or definition.preload[0], definition, "type"
                )
        elif definition.type == "text" and self._is_note(definition):
            definition.type = "note"

    def _is_note(self, definition: Definition) -> bool:
        """A note is an input that nobody can fill: always read-only, and nothing ever gives it a value."""
        always = (
            definition.read_only is not None and definition.read_only.source.strip() == "true()"
        )
        actions = [*self._first_load, *(a for some in self._new_repeat.values() for a in some)]
        filled = definition.calculate or definition.default or definition.meaning
        return always and not filled and all(action.target is not definition for action in actions)


def _child(element: Element, tag: str) -> Element:
    found = element.find(tag)
    if found is None:
        raise FormRefused([FormProblem("construct", f"XForm: {tag.rpartition('}')[2]}")])
    return found


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _path(text: str | None) -> str:
    return (text or "").strip()


def _code(language: str) -> str:
    """The code of a language from its XLSForm name: `Tiếng Việt (vi)` -> `vi`; without a code the name."""
    found = re.search(r"\(([\w-]+)\)\s*$", language)
    return found[1] if found else language
