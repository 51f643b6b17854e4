"""Ask the queue how it is (``python -m workers.probe``): one JSON document; exit 1 when it does not answer."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from rq.registry import FailedJobRegistry

from engine.errors import EngineError
from engine.settings import from_env
from workers.queues import QUEUES, connect, open_queue


def ask(url: str) -> dict[str, Any]:
    """Return what waits and what failed in each queue, and how many workers are alive.

    Raises:
        redis.RedisError: Redis does not answer.
    """
    connection = connect(url)
    connection.ping()
    queues = [open_queue(connection, name) for name in QUEUES]
    return {
        "ok": True,
        "workers": Worker.count(connection=connection),
        "queues": {
            queue.name: {"queued": queue.count, "failed": FailedJobRegistry(queue=queue).count} for queue in queues
        },
    }


def main(environment: dict[str, str]) -> int:
    """Print the answer."""
    try:
        answer = ask(from_env(environment).effective_redis_url)
    except (RedisError, OSError, EngineError) as error:
        answer = {"ok": False, "error": str(error)}
    print(json.dumps(answer))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
