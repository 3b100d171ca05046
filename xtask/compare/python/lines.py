"""JSON Lines in, JSON Lines out, for engines in Python: see `Asked` and `Answered` of xtask-compare.

Schemas arrive as texts. `prepare` gives an engine its natural input and is not timed; `ask` is.
"""

import json
import os
import sys
import time

# Whatever a peer prints must not stand between the answers.
_answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

DIALECTS = {
    "draft4": "http://json-schema.org/draft-04/schema#",
    "draft6": "http://json-schema.org/draft-06/schema#",
    "draft7": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}


def values(question):
    """The schemas of a question as values."""
    return json.loads(question["old"]), json.loads(question["new"])


def serve(prepare, ask):
    for line in sys.stdin:
        question = json.loads(line)
        started = time.perf_counter()
        try:
            prepared = prepare(question)
            started = time.perf_counter()
            answer = ask(question, *prepared)
        # SystemExit too: one peer ends the process where it does not know on.
        except (Exception, SystemExit) as error:
            why = f"{type(error).__name__}: {error}"[:500]
            answer = {"answer": "none", "why": why}
        ms = (time.perf_counter() - started) * 1000
        _answers.write(json.dumps({"id": question["id"], **answer, "ms": ms}) + "\n")
        _answers.flush()
