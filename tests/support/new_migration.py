"""Write the next migration from what rows and tables differ in (``make migration NAME=add_pause_reason``)."""

from __future__ import annotations

import re
import sys

from engine.store import schema
from engine.store.schema import MIGRATIONS
from engine.store.unit_of_work import Database
from tests.support.databases import TEMPLATE, cluster


def main(name: str) -> int:
    """Make the file against PostgreSQL at head, and note it as the current head."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{2,50}", name):
        print(f"{name!r} is no name for a migration; say what it does: add_pause_reason", file=sys.stderr)
        return 2
    number = len(list((MIGRATIONS / "versions").glob("[0-9]*.py"))) + 1
    revision = f"{number:04}_{name}"
    with cluster() as server:
        database = Database(server.url(TEMPLATE))
        differences = schema.drift(database)
        schema.make_revision(database, message=name.replace("_", " ").capitalize(), revision=revision)
        database.close()
    (MIGRATIONS / "current-head").write_text(f"{revision}\n", encoding="utf-8")
    print(f"engine/store/migrations/versions/{revision}.py: {len(differences)} differences; read it before you run it")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
