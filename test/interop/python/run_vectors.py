"""run_vectors.py FILE…

Runs vectors in the format of test/vectors/README.md. Prints a line for each vector that fails, and then "N passed, M failed".
Exits with 1 if a vector failed, or if there were no vectors.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waxseal_handle import DEFAULT_LIMIT, HandleError, Ring, canonical_json, open_handle, parse_ring

FITS: dict[str | None, Callable[[str, Any], bool]] = {
    None: lambda kind, state: True,
    "object": lambda kind, state: isinstance(state, dict),
    "string": lambda kind, state: isinstance(state, str),
    "never": lambda kind, state: False,
}


def answer(vector: dict[str, Any], ring: Ring) -> str:
    try:
        claims = open_handle(
            vector["handle"],
            ring,
            now=vector["now"],
            limit=vector.get("maxLength", DEFAULT_LIMIT),
            not_before=vector.get("notBefore", 0),
            audience=vector.get("audience"),
            subject=vector.get("subject"),
            kinds=vector["kinds"],
            rights=vector["needs"],
            fits=FITS[vector.get("stateMustBe")],
        )
        return canonical_json({"claims": claims})
    except HandleError as error:
        return refusal(error.code, error.reason)


def refusal(code: str, reason: str | None) -> str:
    return canonical_json({"code": code, "reason": reason})


def expected(vector: dict[str, Any]) -> str:
    return canonical_json({"claims": vector["claims"]}) if "claims" in vector else refusal(vector["code"], vector.get("reason"))


def main(files: list[str]) -> int:
    passed = failed = 0
    for file in files:
        document = json.loads(Path(file).read_text("utf-8"))
        rings = {name: parse_ring(json.dumps(ring)) for name, ring in document["rings"].items()}
        for vector in document["vectors"]:
            wanted = expected(vector)
            try:
                got = answer(vector, rings[vector["ring"]])
            except Exception as error:  # a crash on one vector must not hide the results of the others
                got = repr(error)
            if got == wanted:
                passed += 1
            else:
                failed += 1
                print(f"{file}: {vector['name']}: expected {wanted[:200]}, got {got[:200]}")
    print(f"{passed} passed, {failed} failed")
    # A run without vectors must not count as a success.
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
