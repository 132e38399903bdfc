"""open.py --ring FILE [--now SECONDS] [--inspect] < handle

Prints {"claims": …} and exits with 0, or prints {"code": …, "reason": …} and exits with 1. With --inspect or with an
inspector ring, the program stops after step 9 (docs/handle-format.md, section 6). Otherwise it also takes the later steps,
as a deployment without an audience does for an anonymous caller.
"""

import argparse
import sys
import time
from pathlib import Path

from waxseal_handle import HandleError, canonical_json, inspect_handle, open_handle, parse_ring


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ring", type=Path, required=True)
    parser.add_argument("--now", type=int, default=int(time.time()))
    parser.add_argument("--inspect", action="store_true", help="stop after step 9")
    options = parser.parse_args()
    handle = sys.stdin.buffer.read().decode("utf-8", "replace").removesuffix("\n")
    answer, code = {}, 0
    try:
        ring = parse_ring(options.ring.read_text("utf-8"))
        answer["claims"] = (inspect_handle if options.inspect else open_handle)(handle, ring, now=options.now)
    except HandleError as error:
        answer, code = {"code": error.code, "reason": error.reason}, 1
    sys.stdout.buffer.write(canonical_json(answer).encode() + b"\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
