"""subschema (z3): takes the dialect as an option, where a schema names none."""

from subschema import Dialect, is_subschema

from lines import serve, values

DIALECT = {
    "draft4": Dialect.DRAFT4,
    "draft6": Dialect.DRAFT6,
    "draft7": Dialect.DRAFT7,
    "2019-09": Dialect.DRAFT201909,
    "2020-12": Dialect.DRAFT202012,
}


def ask(question, old, new):
    answer = is_subschema(old, new, dialect=DIALECT[question["draft"]])
    return {"answer": "compatible" if answer else "breaking"}


serve(values, ask)
