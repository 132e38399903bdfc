"""seal.py --ring FILE [--now SECONDS] [--compress] < claims.json

Prints a handle. --compress says that clients see the whole state of this kind. The handle is then compressed if this makes
the handle shorter.
"""

import argparse
import sys
import time
from pathlib import Path

from waxseal_handle import HandleError, parse_json, parse_ring, seal


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ring", type=Path, required=True)
    parser.add_argument("--now", type=int, default=int(time.time()))
    parser.add_argument("--compress", action="store_true")
    options = parser.parse_args()
    try:
        claims = parse_json(sys.stdin.buffer.read().decode("utf-8"))
        print(seal(claims, parse_ring(options.ring.read_text("utf-8")), now=options.now, visible=options.compress))
    except (HandleError, ValueError) as error:
        print(f"seal.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
