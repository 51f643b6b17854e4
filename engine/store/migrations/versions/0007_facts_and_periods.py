"""Facts of dossiers and their roll-ups, reporting periods, figures, targets and tasks, imported histories."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_facts_and_periods"
down_revision = "0006_papers_and_letters"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "dossier_fact",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("receiving_agency_id", sa.Integer(), nullable=False),
        sa.Column("resolving_agency_id", sa.Integer(), nullable=False),
        sa.Column("returning_agency_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("apologised", sa.String(length=8), nullable=False),
        sa.Column("apologised_on", sa.Date(), nullable=False),
        sa.Column("unkept_on", sa.Date(), nullable=False),
        sa.Column("used_minutes", sa.Integer(), nullable=True),
        sa.Column("limit_minutes", sa.Integer(), nullable=True),
        sa.Column("legal_minutes", sa.Integer(), nullable=True),
        sa.Column("percent_used", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=True),
        sa.Column("late_cause", sa.String(length=24), nullable=True),
        sa.Column("charged_side", sa.String(length=16), nullable=True),
        sa.Column("charged_agency_id", sa.Integer(), nullable=True),
        sa.Column("charged_unit_id", sa.Integer(), nullable=True),
        sa.Column("has_obligation", sa.Boolean(), nullable=False),
        sa.Column("paid_online", sa.Boolean(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("digitised", sa.Integer(), nullable=False),
        sa.Column("reused", sa.Integer(), nullable=False),
        sa.Column("has_result", sa.Boolean(), nullable=False),
        sa.Column("electronic_result", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_dossier_fact")),
    )
    op.create_index("ix_dossier_fact_closed_on", "dossier_fact", ["closed_on"], unique=False)
    op.create_index("ix_dossier_fact_late_on", "dossier_fact", ["late_on"], unique=False)
    op.create_index("ix_dossier_fact_received_on", "dossier_fact", ["received_on"], unique=False)
    op.create_index(
        "ix_dossier_fact_receiving_closed", "dossier_fact", ["receiving_agency_id", "closed_on"], unique=False
    )
    op.create_index(
        "ix_dossier_fact_resolving_closed",
        "dossier_fact",
        ["resolving_agency_id", "closed_on", "late_on"],
        unique=False,
    )
    op.create_index("ix_dossier_fact_resolving_late", "dossier_fact", ["resolving_agency_id", "late_on"], unique=False)
    op.create_index(
        "ix_dossier_fact_resolving_received", "dossier_fact", ["resolving_agency_id", "received_on"], unique=False
    )
    op.create_index(
        "ix_dossier_fact_returning_closed", "dossier_fact", ["returning_agency_id", "closed_on"], unique=False
    )
    op.create_table(
        "rollup_cell",
        sa.Column("grain", sa.String(length=12), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("received_half", sa.Date(), nullable=False),
        sa.Column("closed_half", sa.Date(), nullable=False),
        sa.Column("late_half", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("apologised", sa.String(length=8), nullable=False),
        sa.Column("apologised_half", sa.Date(), nullable=False),
        sa.Column("unkept_half", sa.Date(), nullable=False),
        sa.Column("dossiers", sa.BigInteger(), nullable=False),
        sa.Column("online", sa.BigInteger(), nullable=False),
        sa.Column("timed", sa.BigInteger(), nullable=False),
        sa.Column("used_minutes", sa.BigInteger(), nullable=False),
        sa.Column("limit_minutes", sa.BigInteger(), nullable=False),
        sa.Column("legal_timed", sa.BigInteger(), nullable=False),
        sa.Column("legal_used_minutes", sa.BigInteger(), nullable=False),
        sa.Column("legal_minutes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "grain",
            "agency_id",
            "code",
            "received_half",
            "closed_half",
            "late_half",
            "outcome",
            "apologised",
            "apologised_half",
            "unkept_half",
            name=op.f("pk_rollup_cell"),
        ),
    )
    op.create_index("ix_rollup_cell_closed", "rollup_cell", ["grain", "closed_half", "received_half"], unique=False)
    op.create_table(
        "rollup_delta",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("fold", sa.Integer(), nullable=True),
        sa.Column("receiving_agency_id", sa.Integer(), nullable=False),
        sa.Column("resolving_agency_id", sa.Integer(), nullable=False),
        sa.Column("returning_agency_id", sa.Integer(), nullable=False),
        sa.Column("used_minutes", sa.Integer(), nullable=True),
        sa.Column("limit_minutes", sa.Integer(), nullable=True),
        sa.Column("legal_minutes", sa.Integer(), nullable=True),
        sa.Column("percent_used", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("received_half", sa.Date(), nullable=False),
        sa.Column("closed_half", sa.Date(), nullable=False),
        sa.Column("late_half", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("apologised", sa.String(length=8), nullable=False),
        sa.Column("apologised_half", sa.Date(), nullable=False),
        sa.Column("unkept_half", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_delta")),
    )
    op.create_index("ix_rollup_delta_fold", "rollup_delta", ["fold"], unique=False)
    op.create_table(
        "rollup_time",
        sa.Column("grain", sa.String(length=12), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("closed_from", sa.Date(), nullable=False),
        sa.Column("percent_used", sa.Integer(), nullable=False),
        sa.Column("dossiers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "grain", "agency_id", "code", "closed_from", "percent_used", name=op.f("pk_rollup_time")
        ),
    )
    op.create_index("ix_rollup_time_closed", "rollup_time", ["grain", "closed_from"], unique=False)
    op.create_table(
        "history_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "result", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_history_import_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_import")),
    )
    op.create_table(
        "indicator_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("numerator", sa.BigInteger(), nullable=False),
        sa.Column("denominator", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_indicator_figure_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_figure")),
    )
    op.create_index(
        "ix_indicator_figure_of", "indicator_figure", ["owner_agency_id", "indicator", "from_on"], unique=False
    )
    op.create_table(
        "plan_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=60), nullable=False),
        sa.Column("comparison", sa.String(length=2), nullable=False),
        sa.Column("figure", sa.String(length=20), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("base_year", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_plan_target_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_target")),
    )
    op.create_index("ix_plan_target_of", "plan_target", ["owner_agency_id", "from_on"], unique=False)
    op.create_table(
        "plan_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("cooperating", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_plan_task_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_task")),
        sa.UniqueConstraint("owner_agency_id", "year", "number", name=op.f("uq_plan_task_owner_agency_id_year_number")),
    )
    op.create_table(
        "report_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("cut_off_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_before", sa.Date(), nullable=False),
        sa.Column("consolidated_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_report_period_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_period")),
        sa.UniqueConstraint("owner_agency_id", "name", name=op.f("uq_report_period_owner_agency_id_name")),
    )
    op.create_table(
        "report_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("send_month", sa.Integer(), nullable=False),
        sa.Column("send_before_day", sa.Integer(), nullable=False),
        sa.Column("remind_days", sa.Integer(), nullable=False),
        sa.Column("consolidated_by", sa.Integer(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_report_schedule_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedule")),
        sa.UniqueConstraint("owner_agency_id", "kind", name=op.f("uq_report_schedule_owner_agency_id_kind")),
    )
    op.add_column("dossier", sa.Column("late_cause", sa.String(length=24), nullable=True))
    op.add_column("dossier", sa.Column("source", sa.String(length=40), nullable=True))
    op.add_column("dossier", sa.Column("source_key", sa.String(length=120), nullable=True))
    op.create_index(
        "uq_dossier_source",
        "dossier",
        ["source", "source_key"],
        unique=True,
        postgresql_where=sa.text("source IS NOT NULL"),
        sqlite_where=sa.text("source IS NOT NULL"),
    )
    op.add_column("obligation", sa.Column("paid_by", sa.String(length=12), nullable=True))
    op.create_index("ix_pause_started_at", "pause", ["started_at"], unique=False)
    op.add_column("procedure", sa.Column("level", sa.String(length=12), server_default="commune", nullable=False))
    op.add_column("procedure", sa.Column("online_level", sa.String(length=8), nullable=True))
    op.add_column("procedure", sa.Column("legal_limit", sa.String(length=120), nullable=True))
    op.add_column("procedure", sa.Column("kind", sa.String(length=12), server_default="public", nullable=False))
    op.add_column("procedure", sa.Column("published_at", sa.Date(), nullable=True))
    op.add_column("procedure", sa.Column("is_nonterritorial", sa.Boolean(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take back."""
    op.drop_column("procedure", "is_nonterritorial")
    op.drop_column("procedure", "published_at")
    op.drop_column("procedure", "kind")
    op.drop_column("procedure", "legal_limit")
    op.drop_column("procedure", "online_level")
    op.drop_column("procedure", "level")
    op.drop_index("ix_pause_started_at", table_name="pause")
    op.drop_column("obligation", "paid_by")
    op.drop_index(
        "uq_dossier_source",
        table_name="dossier",
        postgresql_where=sa.text("source IS NOT NULL"),
        sqlite_where=sa.text("source IS NOT NULL"),
    )
    op.drop_column("dossier", "source_key")
    op.drop_column("dossier", "source")
    op.drop_column("dossier", "late_cause")
    op.drop_table("report_schedule")
    op.drop_table("report_period")
    op.drop_table("plan_task")
    op.drop_index("ix_plan_target_of", table_name="plan_target")
    op.drop_table("plan_target")
    op.drop_index("ix_indicator_figure_of", table_name="indicator_figure")
    op.drop_table("indicator_figure")
    op.drop_table("history_import")
    op.drop_index("ix_rollup_time_closed", table_name="rollup_time")
    op.drop_table("rollup_time")
    op.drop_index("ix_rollup_delta_fold", table_name="rollup_delta")
    op.drop_table("rollup_delta")
    op.drop_index("ix_rollup_cell_closed", table_name="rollup_cell")
    op.drop_table("rollup_cell")
    op.drop_index("ix_dossier_fact_returning_closed", table_name="dossier_fact")
    op.drop_index("ix_dossier_fact_resolving_received", table_name="dossier_fact")
    op.drop_index("ix_dossier_fact_resolving_late", table_name="dossier_fact")
    op.drop_index("ix_dossier_fact_resolving_closed", table_name="dossier_fact")
    op.drop_index("ix_dossier_fact_receiving_closed", table_name="dossier_fact")
    op.drop_index("ix_dossier_fact_received_on", table_name="dossier_fact")
    op.drop_index("ix_dossier_fact_late_on", table_name="dossier_fact")
    op.drop_index("ix_dossier_fact_closed_on", table_name="dossier_fact")
    op.drop_table("dossier_fact")
