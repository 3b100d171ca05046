"""Whether Python's jsonschema sees a witness as one: valid under old, invalid under new, `format` being an annotation."""

import json

from jsonschema import validators
from referencing import Registry, Resource
from referencing.jsonschema import specification_with

from lines import DIALECTS, serve

_CLASSES = {
    "draft4": validators.Draft4Validator,
    "draft6": validators.Draft6Validator,
    "draft7": validators.Draft7Validator,
    "2019-09": validators.Draft201909Validator,
    "2020-12": validators.Draft202012Validator,
}


def accepts(text, witness, question):
    schema = json.loads(text)
    otherwise = _CLASSES[question["draft"]]
    validator = validators.validator_for(schema, default=otherwise)
    specification = specification_with(DIALECTS[question["draft"]])
    resources = [
        (uri, Resource.from_contents(json.loads(document), default_specification=specification))
        for uri, document in (question.get("references") or {}).items()
    ]
    registry = Registry().with_resources(resources)
    return validator(schema, registry=registry).is_valid(witness)


def ask(question):
    witness = json.loads(question["witness"])
    if not accepts(question["old"], witness, question):
        return {"answer": "none", "why": "invalid under old"}
    if accepts(question["new"], witness, question):
        return {"answer": "none", "why": "valid under new"}
    return {"answer": "breaking"}


serve(lambda _question: (), ask)
