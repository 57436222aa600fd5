"""The description of the server's calls: OpenAPI 3.1, its schemas made from the protocol's own structures, and a page.

What a body holds after unpacking is described in docs/sync-protocol.md; here are the calls around it.
"""

from __future__ import annotations

import html
from functools import cache
from typing import Any

import msgspec

from kcdesk import __version__
from kcdesk.sync import protocol, tus

_SHOWN = (
    protocol.EnrolRequest,
    protocol.EnrolAnswer,
    protocol.ContinueRequest,
    protocol.ContinueAnswer,
    protocol.RenewRequest,
    protocol.RenewAnswer,
    protocol.KeyDestroyed,
    protocol.Noted,
    protocol.Held,
    protocol.ErrorDocument,
    protocol.DeviceReport,
    protocol.ProvinceStanding,
    protocol.FormerDevice,
    protocol.SentHeader,
    protocol.Sent,
    protocol.AnswerHeader,
    protocol.Received,
    protocol.End,
)

_BUNDLE = "for each edition its manifest and signature, then the contents that came with it"


@cache
def openapi_document() -> dict[str, Any]:
    """The whole document, as JSON types."""
    _, schemas = msgspec.json.schema_components(_SHOWN, ref_template="#/components/schemas/{name}")
    exchange = f"{protocol.SYNC_PATH}/{{exchange}}"
    offset = _header(protocol.OFFSET_HEADER, "bytes of the body that have arrived")
    length = _header(protocol.LENGTH_HEADER, "bytes of the whole body")
    ready = _header(protocol.ANSWER_HEADER, "bytes of the answer, once it is ready")
    answer = _packed("an `AnswerHeader`, `Received` groups, an `End`")
    body = {"requestBody": {"required": True, **_packed("a `SentHeader`, then `Sent` groups")}}
    offset_parameter = {"in": "header", "required": True, **offset[protocol.OFFSET_HEADER]}
    length_parameter = {"in": "header", "required": True, **length[protocol.LENGTH_HEADER]}
    exchange_calls: dict[str, Any] = {
        "parameters": [
            {
                "name": "exchange",
                "in": "path",
                "required": True,
                "description": "Chosen by the device: 32 hexadecimal digits",
                "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            }
        ],
        "post": {
            "operationId": "beginExchange",
            "summary": "Send changes and cursors, get the receipt and what is new",
            "security": [{"token": []}],
            **body,
            "responses": {
                "200": {"description": "Taken in and committed", **answer},
                **_errors("400", "401", "403", "409", "411", "413"),
            },
        },
        "patch": {
            "operationId": "continueExchange",
            "summary": "Go on with a body after a cut, get the answer",
            "security": [{"token": []}],
            "parameters": [
                {"name": protocol.OFFSET_HEADER, **offset_parameter},
                {"name": protocol.LENGTH_HEADER, **length_parameter},
            ],
            **body,
            "responses": {
                "200": {"description": "Taken in and committed", **answer},
                **_errors("400", "401", "403", "404", "409", "411"),
            },
        },
        "head": {
            "operationId": "askExchange",
            "summary": "How much has arrived",
            "security": [{"token": []}],
            "responses": {
                "204": {"description": "Known", "headers": {**offset, **ready}},
                "404": {"description": "Not known, or no longer"},
            },
        },
        "get": {
            "operationId": "answerOfExchange",
            "summary": "The answer, or the rest of it with `Range: bytes=START-`",
            "security": [{"token": []}],
            "responses": {
                "200": {"description": "The whole answer", **answer},
                "206": {"description": "The rest of the answer", **answer},
                "416": {"description": "There is no more"},
                **_errors("401", "403", "404", "409"),
            },
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kcdesk provincial server",
            "version": __version__,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "paths": {
            protocol.ENROL_PATH: {
                "post": {
                    "operationId": "enrol",
                    "summary": "Exchange a one-time code for a token",
                    "requestBody": {"required": True, **_json("EnrolRequest")},
                    "responses": {
                        "200": {"description": "Enrolled", **_json("EnrolAnswer")},
                        **_errors("400", "403", "413"),
                    },
                }
            },
            protocol.CONTINUE_PATH: {
                "post": {
                    "operationId": "continueAs",
                    "summary": "Have another device come after the one that asks, which is closed",
                    "security": [{"token": []}],
                    "requestBody": {"required": True, **_json("ContinueRequest")},
                    "responses": {
                        "200": {"description": "Both are known", **_json("ContinueAnswer")},
                        **_errors("400", "401", "403", "413"),
                    },
                }
            },
            protocol.DESTROYED_PATH: {
                "post": {
                    "operationId": "keyDestroyed",
                    "summary": "A revoked device, which has no token any more, says that its key is gone",
                    "requestBody": {"required": True, **_json("KeyDestroyed")},
                    "responses": {
                        "200": {"description": "Noted", **_json("Noted")},
                        **_errors("400", "403", "413"),
                    },
                }
            },
            protocol.STANDING_PATH: {
                "get": {
                    "operationId": "standing",
                    "summary": "How devices and communes stand, for a device of the centre",
                    "security": [{"token": []}],
                    "responses": {
                        "200": {"description": "At this moment", **_json("ProvinceStanding")},
                        **_errors("401", "403"),
                    },
                }
            },
            protocol.TOKEN_PATH: {
                "post": {
                    "operationId": "renewToken",
                    "summary": "Say the next token, which takes the place of this one once it is used",
                    "security": [{"token": []}],
                    "requestBody": {"required": True, **_json("RenewRequest")},
                    "responses": {
                        "200": {"description": "Known", **_json("RenewAnswer")},
                        **_errors("400", "401", "403", "413"),
                    },
                }
            },
            f"{protocol.DEVICES_PATH}/{{device}}/changes": {
                "parameters": [
                    {
                        "name": "device",
                        "in": "path",
                        "required": True,
                        "description": "The device that asks",
                        "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
                    }
                ],
                "get": {
                    "operationId": "heldChanges",
                    "summary": "What is held of the device that asks, also after it was closed",
                    "security": [{"token": []}],
                    "parameters": [
                        {
                            "name": "after",
                            "in": "query",
                            "required": True,
                            "description": "Only changes with a greater number",
                            "schema": {"type": "integer", "minimum": 0},
                        },
                        {
                            "name": protocol.SIGNATURE_HEADER,
                            "in": "header",
                            "required": True,
                            "description": "Of the device, hexadecimal",
                            "schema": {"type": "string"},
                        },
                    ],
                    "responses": {
                        "200": {
                            "description": "Up to 20,000 changes",
                            **_packed("a `Held`, then `Received` groups without log entries"),
                        },
                        **_errors("400", "401", "403"),
                    },
                },
            },
            protocol.EDITIONS_PATH: {
                "get": {
                    "operationId": "lackingEditions",
                    "summary": "What is published and the device lacks; its rest with `Range` and `If-Range`",
                    "security": [{"token": []}],
                    "parameters": [
                        {
                            "name": name,
                            "in": "query",
                            "required": False,
                            "description": "Of the newest edition the device has",
                            "schema": schema,
                        }
                        for name, schema in (
                            ("number", {"type": "integer", "minimum": 1}),
                            ("sha256", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
                        )
                    ],
                    "responses": {
                        "200": {"description": "The whole bundle", **_packed(_BUNDLE)},
                        "206": {"description": "The rest of the bundle", **_packed(_BUNDLE)},
                        "204": {"description": "Nothing is lacking"},
                        **_errors("400", "401", "403"),
                    },
                },
            },
            exchange: exchange_calls,
            f"{protocol.PARCELS_PATH}/{{exchange}}": _carried(exchange_calls),
            **_contents(),
            "/healthz": {
                "get": {
                    "operationId": "health",
                    "summary": "Whether server and database answer",
                    "responses": {"200": {"description": "They do"}},
                }
            },
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _carried(exchange: dict[str, Any]) -> dict[str, Any]:
    """The same calls for parcels of other devices: as resumable, only what travels is another."""
    parcel = _packed("a parcel (docs/parcels.md)")
    calls: dict[str, Any] = {}
    for method, call in exchange.items():
        if method == "parameters":
            calls[method] = call
            continue
        mine = {**call, "operationId": call["operationId"].replace("Exchange", "CarriedParcel")}
        mine["summary"] = (
            f"Of a parcel that this device carries: {call['summary'][0].lower()}{call['summary'][1:]}"
        )
        if "requestBody" in call:
            mine["requestBody"] = {"required": True, **parcel}
        mine["responses"] = {
            status: {**said, **parcel} if status in {"200", "206"} else said
            for status, said in call["responses"].items()
        }
        calls[method] = mine
    return calls


def _contents() -> dict[str, Any]:
    """The calls about contents: tus 1.0, and a plain download."""
    security: list[dict[str, list[str]]] = [{"token": []}]
    version = {
        "name": tus.RESUMABLE_HEADER,
        "in": "header",
        "required": True,
        "schema": {"const": tus.TUS_VERSION},
    }
    arrived = _header(protocol.OFFSET_HEADER, "bytes that have arrived")
    location = {"Location": {"description": "of the upload", "schema": {"type": "string"}}}
    chunk = {"content": {tus.CHUNK_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
    content = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}

    def of(name: str, pattern: str) -> dict[str, Any]:
        schema = {"type": "string", "pattern": pattern}
        return {"in": "path", "name": name, "required": True, "schema": schema}

    return {
        tus.UPLOADS_PATH: {
            "options": {
                "operationId": "uploadAbilities",
                "summary": "What the server can do of tus 1.0",
                "responses": {"204": {"description": "In headers"}},
            },
            "post": {
                "operationId": "createUpload",
                "summary": "Announce a content by its SHA-256, perhaps with its first bytes",
                "security": security,
                "parameters": [version],
                "responses": {
                    "201": {"description": "Begun, or found", "headers": {**location, **arrived}},
                    **_errors("400", "401", "403", "412", "413", "422", "429"),
                },
            },
        },
        f"{tus.UPLOADS_PATH}/{{upload}}": {
            "parameters": [of("upload", "^[0-9a-f]{32}$"), version],
            "head": {
                "operationId": "askUpload",
                "summary": "How much has arrived",
                "security": security,
                "responses": {
                    "200": {"description": "Known", "headers": arrived},
                    "404": {"description": "Not known, or no longer"},
                },
            },
            "patch": {
                "operationId": "continueUpload",
                "summary": "Send the next bytes",
                "security": security,
                "requestBody": {"required": True, **chunk},
                "responses": {
                    "204": {"description": "Kept", "headers": arrived},
                    **_errors("400", "401", "404", "409", "412", "413", "415", "422", "460"),
                },
            },
            "delete": {
                "operationId": "endUpload",
                "summary": "Forget an upload",
                "security": security,
                "responses": {"204": {"description": "Forgotten"}, **_errors("401", "404", "412")},
            },
        },
        f"{tus.CONTENTS_PATH}/{{sha256}}": {
            "parameters": [of("sha256", "^[0-9a-f]{64}$")],
            "get": {
                "operationId": "fetchContent",
                "summary": "A content, or bytes of it with `Range`",
                "security": security,
                "responses": {
                    "200": {"description": "The whole content", **content},
                    "206": {"description": "Bytes of it", **content},
                    "416": {"description": "There is no more"},
                    **_errors("401", "404"),
                },
            },
        },
    }


@cache
def docs_page() -> str:
    """The document as one page without scripts or anything from elsewhere."""
    document = openapi_document()
    parts = []
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            if method == "parameters":
                continue
            answers = "".join(
                f"<li><b>{status}</b> {html.escape(answer['description'])}</li>"
                for status, answer in call["responses"].items()
            )
            parts.append(
                f"<h2><code>{method.upper()} {html.escape(path)}</code></h2>"
                f"<p>{html.escape(call['summary'])}</p><ul>{answers}</ul>"
            )
    for name, schema in document["components"]["schemas"].items():
        text = msgspec.json.format(msgspec.json.encode(schema), indent=2).decode()
        parts.append(
            f"<details><summary><code>{name}</code></summary><pre>{html.escape(text)}</pre></details>"
        )
    title = html.escape(f"{document['info']['title']} {document['info']['version']}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        "<style>body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "pre{overflow:auto;background:#f4f4f4;padding:.5rem}h2{font-size:1rem;margin-top:2rem}</style>"
        f"<h1>{title}</h1><p>OpenAPI: <code>/openapi.json</code></p>{''.join(parts)}</html>"
    )


def _json(schema: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}


def _packed(what: str) -> dict[str, Any]:
    schema = {"type": "string", "contentMediaType": protocol.BODY_TYPE, "description": what}
    return {"content": {protocol.BODY_TYPE: {"schema": schema}}}


def _header(name: str, what: str) -> dict[str, Any]:
    return {name: {"description": what, "schema": {"type": "integer", "minimum": 0}}}


def _errors(*statuses: str) -> dict[str, Any]:
    return {status: {"description": "Refused", **_json("ErrorDocument")} for status in statuses}
