"""Calendar changes as acts, weekly hours, and when a dossier comes near its date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_calendar_changes"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column(
            "declared", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "replaced", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_calendar_change_made_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_calendar_change_owner_agency_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_calendar_change_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
    )
    op.create_index(op.f("ix_calendar_change_owner_agency_id"), "calendar_change", ["owner_agency_id"], unique=False)
    op.create_table(
        "office_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "week", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entered_by"], ["officer.id"], name=op.f("fk_office_hours_entered_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_office_hours_owner_agency_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_office_hours_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_hours")),
    )
    op.create_index("ix_office_hours_owner", "office_hours", ["owner_agency_id", "unit_id", "valid_from"], unique=False)
    op.create_table(
        "calendar_move",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["calendar_change.id"], name=op.f("fk_calendar_move_change_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_calendar_move_dossier_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_calendar_move_owner_agency_id")),
        sa.PrimaryKeyConstraint("change_id", "dossier_id", name=op.f("pk_calendar_move")),
    )
    op.add_column("agency", sa.Column("nearing_percent", sa.Integer(), server_default="80", nullable=False))
    op.add_column("calendar_day", sa.Column("shifts", sa.String(length=200), server_default="", nullable=False))
    op.add_column("calendar_day", sa.Column("entered_by", sa.Integer(), nullable=True))
    op.add_column("calendar_day", sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calendar_day", sa.Column("change_id", sa.Integer(), nullable=True))
    op.add_column("calendar_version", sa.Column("change_id", sa.Integer(), nullable=True))
    op.add_column("dossier", sa.Column("nears_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dossier", sa.Column("foreseen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dossier", sa.Column("missed_late_after", sa.DateTime(timezone=True), nullable=True))

    # a calendar is layered now: an agency keeps only what it declares itself, not copies of the country's days
    op.execute(
        "DELETE FROM calendar_day WHERE owner_agency_id <> (SELECT min(id) FROM agency) AND (is_provisional OR EXISTS ("
        "SELECT 1 FROM calendar_day AS country WHERE country.owner_agency_id = (SELECT min(id) FROM agency)"
        " AND country.on_date = calendar_day.on_date AND country.kind = calendar_day.kind))"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_column("dossier", "missed_late_after")
    op.drop_column("dossier", "foreseen_at")
    op.drop_column("dossier", "nears_at")
    op.drop_column("calendar_version", "change_id")
    op.drop_column("calendar_day", "change_id")
    op.drop_column("calendar_day", "entered_at")
    op.drop_column("calendar_day", "entered_by")
    op.drop_column("calendar_day", "shifts")
    op.drop_column("agency", "nearing_percent")
    op.drop_table("calendar_move")
    op.drop_index("ix_office_hours_owner", table_name="office_hours")
    op.drop_table("office_hours")
    op.drop_index(op.f("ix_calendar_change_owner_agency_id"), table_name="calendar_change")
    op.drop_table("calendar_change")
