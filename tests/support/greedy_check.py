"""What a hostile template would do if it could, in the jail of ``engine.documents.docx``; run as a module."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time

from engine.documents.docx.findings import error
from engine.documents.docx.jail import confine

FAR_TOO_LONG = 10  #: seconds of processor time


def main() -> int:
    """Confine this process as the check does, then do what the order says."""
    confine(1, int(sys.argv[2]))
    length = int.from_bytes(sys.stdin.buffer.read(8), "big")
    greedy = json.loads(sys.stdin.buffer.read(length))["full"]["greedy"]
    if greedy == "spin":
        while time.process_time() < FAR_TOO_LONG:
            pass
    if greedy == "grow":
        bytearray(400 * 1024 * 1024)
    if greedy == "write":
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
    if greedy == "open":
        [os.dup(0) for _ in range(100)]
    if greedy == "tell":
        ours = [name for name in os.environ if name.startswith("MOTCUA")]
        sys.stdout.write(json.dumps([error("syntax", what=json.dumps(ours)).as_json()]))
        return 0
    if greedy == "chatter":
        sys.stdout.write("no findings")
        return 0
    sys.stdout.write("[]")  # nothing stopped it
    return 0


if __name__ == "__main__":
    sys.exit(main())
