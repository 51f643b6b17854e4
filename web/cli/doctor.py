"""``motcua doctor``: is everything in order?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import click

from engine import bootstrap
from engine.context import Context
from engine.services import diagnosis
from engine.services.diagnosis import Check, Level
from web.cli.embedded import redis_url

PATIENCE = 20  #: seconds for the queue to answer
MARKS = {Level.OK: ("ok     ", "green"), Level.WARNING: ("warning", "yellow"), Level.ERROR: ("ERROR  ", "red")}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def doctor(command: click.Context, as_json: bool) -> None:
    """Check settings, database, queue, clock, disk and next year's calendar.

    Exit status 1 when something is wrong; warnings alone exit 0.
    """
    ctx = bootstrap.from_environment()
    answer = _ask_queue(ctx)
    checks = diagnosis.examine(ctx, queue_answers=bool(answer["ok"]))
    checks.append(_queue(ctx, answer))
    wrong = any(check.level is Level.ERROR for check in checks)
    if as_json:
        rows = [{"name": check.name, "level": check.level.value, "message": check.message} for check in checks]
        click.echo(json.dumps({"ok": not wrong, "checks": rows}, ensure_ascii=False, indent=2))
    else:
        for check in checks:
            mark, colour = MARKS[check.level]
            click.echo(f"{click.style(mark, fg=colour)} {check.name}: {check.message}")
    command.exit(1 if wrong else 0)


def _ask_queue(ctx: Context) -> dict[str, Any]:
    # The queue belongs to the workers: a process of theirs asks it.
    environment = {**os.environ, "MOTCUA_REDIS_URL": redis_url(ctx.settings)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workers.probe"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {"ok": False, "error": f"no answer within {PATIENCE} s"}
    return answer


def _queue(ctx: Context, answer: dict[str, Any]) -> Check:
    if not answer["ok"]:
        if ctx.settings.redis_url is None and diagnosis.is_stopped(ctx):
            return Check("queue", Level.WARNING, "the embedded queue is not running: motcua dev starts it")
        return Check("queue", Level.ERROR, f"the queue does not answer: {answer['error']}")
    queues = "; ".join(f"{name}: {n['queued']} wait, {n['failed']} failed" for name, n in answer["queues"].items())
    if answer["workers"] == 0:
        return Check("queue", Level.ERROR, f"no worker takes jobs ({queues})")
    return Check("queue", Level.OK, f"answers; {answer['workers']} workers; {queues}")
