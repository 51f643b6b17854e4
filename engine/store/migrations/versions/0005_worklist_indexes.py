"""Indexes that worklists read in their order, and one of trigrams for the search (PostgreSQL)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_worklist_indexes"
down_revision = "0004_desk_screens"
branch_labels = None
depends_on = None

PARTIAL = (
    ("ix_dossier_open", "dossier", ["due_at", "id"], "status IN (1, 2, 4, 5, 6)"),
    ("ix_dossier_finished", "dossier", ["due_at", "id"], "status IN (3, 7, 8, 9, 10)"),
    ("ix_dossier_to_return", "dossier", ["due_at", "id"], "status = 9"),
    ("ix_dossier_waiting", "dossier", ["returning_agency_id", "finished_at"], "status = 9"),
    ("ix_dossier_ended", "dossier", ["id"], "status IN (3, 7, 8, 10)"),
    ("ix_dossier_paused", "dossier", ["due_at", "id"], "is_paused IS true"),
    ("ix_dossier_nears", "dossier", ["nears_at"], "status IN (2, 4) AND is_paused IS false"),
    ("ix_dossier_foreseen", "dossier", ["foreseen_at"], "status IN (2, 4) AND is_paused IS false"),
    ("ix_dossier_undated", "dossier", ["id"], "due_at IS NULL"),
    ("ix_dossier_returned", "dossier", ["ended_at"], "status = 10"),
    ("ix_task_open_dossier", "task", ["dossier_id"], "state = 'open'"),
)


def upgrade() -> None:
    """Apply."""
    for name, table, columns, condition in PARTIAL:
        where = sa.text(condition)
        op.create_index(name, table, columns, unique=False, postgresql_where=where, sqlite_where=where)
    op.create_index("ix_dossier_resolved", "dossier", ["resolving_agency_id", "finished_at"], unique=False)
    op.create_index("ix_task_closed_at", "task", ["closed_at"], unique=False)
    op.create_index("ix_dossier_agency_agency", "dossier_agency", ["owner_agency_id", "dossier_id"], unique=False)
    op.drop_index("ix_dossier_agency_owner_agency_id", table_name="dossier_agency")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # trusted: the owner of the database may
        op.create_index(
            "ix_dossier_search",
            "dossier",
            ["search"],
            unique=False,
            postgresql_using="gin",
            postgresql_ops={"search": "gin_trgm_ops"},
        )


def downgrade() -> None:
    """Take back; the extension stays, others may use it."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_dossier_search", table_name="dossier")
    op.create_index("ix_dossier_agency_owner_agency_id", "dossier_agency", ["owner_agency_id"], unique=False)
    op.drop_index("ix_dossier_agency_agency", table_name="dossier_agency")
    op.drop_index("ix_task_closed_at", table_name="task")
    op.drop_index("ix_dossier_resolved", table_name="dossier")
    for name, table, _columns, _condition in reversed(PARTIAL):
        op.drop_index(name, table_name=table)
