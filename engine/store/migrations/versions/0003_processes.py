"""Sources, decisions, forms and scenarios of versions; drafts; waits of processes; version moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_processes"
down_revision = "0002_calendar_changes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "procedure_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("decisions", sa.Text(), nullable=False),
        sa.Column(
            "form", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "policy", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "scenarios", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("published_as", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_by", sa.Integer(), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["based_on"], ["procedure_version.id"], name=op.f("fk_procedure_draft_based_on")),
        sa.ForeignKeyConstraint(["created_by"], ["officer.id"], name=op.f("fk_procedure_draft_created_by")),
        sa.ForeignKeyConstraint(["edited_by"], ["officer.id"], name=op.f("fk_procedure_draft_edited_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_procedure_draft_owner_agency_id")),
        sa.ForeignKeyConstraint(
            ["published_as"], ["procedure_version.id"], name=op.f("fk_procedure_draft_published_as")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_draft")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_procedure_draft_owner", "procedure_draft", ["owner_agency_id", "code"], unique=False)
    op.create_table(
        "procedure_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_procedure_act_made_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_procedure_act_owner_agency_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_procedure_act_procedure_id")),
        sa.ForeignKeyConstraint(["version_id"], ["procedure_version.id"], name=op.f("fk_procedure_act_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedure_act")),
    )
    op.create_index("ix_procedure_act_procedure", "procedure_act", ["procedure_id", "id"], unique=False)
    op.create_table(
        "version_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("to_version_id", sa.Integer(), nullable=False),
        sa.Column(
            "mapping", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("dates", sa.String(length=8), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "done",
                "undoing",
                "undone",
                name="movestate",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_version_move_made_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["officer.id"], name=op.f("fk_version_move_undone_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_version_move_owner_agency_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_version_move_procedure_id")),
        sa.ForeignKeyConstraint(
            ["to_version_id"], ["procedure_version.id"], name=op.f("fk_version_move_to_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_move")),
    )
    op.create_index(op.f("ix_version_move_owner_agency_id"), "version_move", ["owner_agency_id"], unique=False)
    op.create_table(
        "process_wait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("process_wait", sa.String(length=200), nullable=False),
        sa.Column("node", sa.String(length=120), nullable=False),
        sa.Column("message", sa.String(length=60), nullable=False),
        sa.Column("time_limit", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "passed", "cancelled", name="waitstate", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calendar_version", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_process_wait_dossier_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_process_wait_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_wait")),
    )
    op.create_index(op.f("ix_process_wait_dossier_id"), "process_wait", ["dossier_id"], unique=False)
    op.create_index(
        "ix_process_wait_wake",
        "process_wait",
        ["wake_at", "id"],
        unique=False,
        postgresql_where=sa.text("wake_at IS NOT NULL"),
        sqlite_where=sa.text("wake_at IS NOT NULL"),
    )
    op.create_table(
        "version_move_verdict",
        sa.Column("move_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "moves",
                "moves_date",
                "blocked",
                "left",
                "undone",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("why", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False),
        sa.Column("from_version_id", sa.Integer(), nullable=False),
        sa.Column("state_before", sa.LargeBinary(), nullable=True),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_version_move_verdict_dossier_id")),
        sa.ForeignKeyConstraint(
            ["from_version_id"], ["procedure_version.id"], name=op.f("fk_version_move_verdict_from_version_id")
        ),
        sa.ForeignKeyConstraint(["move_id"], ["version_move.id"], name=op.f("fk_version_move_verdict_move_id")),
        sa.ForeignKeyConstraint(
            ["owner_agency_id"], ["agency.id"], name=op.f("fk_version_move_verdict_owner_agency_id")
        ),
        sa.PrimaryKeyConstraint("move_id", "dossier_id", name=op.f("pk_version_move_verdict")),
    )
    op.create_index("ix_version_move_verdict_dossier", "version_move_verdict", ["dossier_id"], unique=False)
    op.add_column(
        "dossier",
        sa.Column(
            "facts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="{}",
            nullable=False,
        ),
    )
    op.add_column("dossier", sa.Column("follows_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_dossier_follows_id"), "dossier", ["follows_id"], unique=False)
    op.add_column("procedure", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("procedure", sa.Column("replaced_by", sa.String(length=40), nullable=True))
    op.add_column("procedure_version", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("procedure_version", sa.Column("decisions", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "procedure_version",
        sa.Column(
            "form",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="{}",
            nullable=False,
        ),
    )
    op.add_column(
        "procedure_version",
        sa.Column(
            "scenarios",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="[]",
            nullable=False,
        ),
    )
    op.add_column("procedure_version", sa.Column("effective_from", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("procedure_version", "effective_from")
    op.drop_column("procedure_version", "scenarios")
    op.drop_column("procedure_version", "form")
    op.drop_column("procedure_version", "decisions")
    op.drop_column("procedure_version", "source")
    op.drop_column("procedure", "replaced_by")
    op.drop_column("procedure", "retired_at")
    op.drop_index(op.f("ix_dossier_follows_id"), table_name="dossier")
    op.drop_column("dossier", "follows_id")
    op.drop_column("dossier", "facts")
    op.drop_index("ix_version_move_verdict_dossier", table_name="version_move_verdict")
    op.drop_table("version_move_verdict")
    op.drop_index(
        "ix_process_wait_wake",
        table_name="process_wait",
        postgresql_where=sa.text("wake_at IS NOT NULL"),
        sqlite_where=sa.text("wake_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_process_wait_dossier_id"), table_name="process_wait")
    op.drop_table("process_wait")
    op.drop_index(op.f("ix_version_move_owner_agency_id"), table_name="version_move")
    op.drop_table("version_move")
    op.drop_index("ix_procedure_act_procedure", table_name="procedure_act")
    op.drop_table("procedure_act")
    op.drop_index("ix_procedure_draft_owner", table_name="procedure_draft")
    op.drop_table("procedure_draft")
