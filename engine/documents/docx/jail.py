"""The process in which an uploaded template is looked at: limits first, then the first byte of the upload."""

from __future__ import annotations

import json
import resource
import sys

from engine.documents.docx.check import examine

_FILES = 16  # open at once


def confine(cpu_seconds: int, memory: int) -> None:
    """Limit this process for good: processor time from now on, memory of its own, open files, no file to write."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    end = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, end))
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    """Read the order and the template from stdin, write the findings to stdout."""
    confine(int(sys.argv[1]), int(sys.argv[2]))
    length = int.from_bytes(sys.stdin.buffer.read(8), "big")
    order = json.loads(sys.stdin.buffer.read(length))
    found = examine(sys.stdin.buffer.read(), order["full"], order["sparse"], tuple(order["required"]))
    json.dump([each.as_json() for each in found], sys.stdout, ensure_ascii=False)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
