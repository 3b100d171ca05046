"""jsonsubschema (IBM): reads draft-04; None, which it gives for some questions, is no answer."""

from jsonsubschema import isSubschema

from lines import serve, values


def ask(_question, old, new):
    answer = isSubschema(old, new)
    if answer is None:
        return {"answer": "none", "why": "None"}
    return {"answer": "compatible" if answer else "breaking"}


serve(values, ask)
