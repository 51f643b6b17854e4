"""Screens of the desk: drafts of forms, issues of receipts, batches, opinions, absences, returns, administration."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_desk_screens"
down_revision = "0003_processes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_field_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field")),
        sa.UniqueConstraint("owner_agency_id", "name", name=op.f("uq_field_owner_agency_id_name")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("cover_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["cover_id"], ["officer.id"], name=op.f("fk_absence_cover_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["officer.id"], name=op.f("fk_absence_ended_by")),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_absence_made_by")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_absence_officer_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_absence_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_cover", "absence", ["cover_id", "starts_at", "ends_at"], unique=False)
    op.create_index(op.f("ix_absence_officer_id"), "absence", ["officer_id"], unique=False)
    op.create_table(
        "admin_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_admin_act_made_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_admin_act_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_act")),
    )
    op.create_index(op.f("ix_admin_act_owner_agency_id"), "admin_act", ["owner_agency_id"], unique=False)
    op.create_table(
        "agency_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("successor_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_agency_change_made_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_agency_change_owner_agency_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["agency.id"], name=op.f("fk_agency_change_successor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_change")),
    )
    op.create_index(op.f("ix_agency_change_owner_agency_id"), "agency_change", ["owner_agency_id"], unique=False)
    op.create_table(
        "digest",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_digest_officer_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_digest_owner_agency_id")),
        sa.PrimaryKeyConstraint("officer_id", "day", name=op.f("pk_digest")),
    )
    op.create_table(
        "fee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=True),
        sa.Column("case_name", sa.String(length=120), nullable=True),
        sa.Column("amount_vnd", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_fee_owner_agency_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_fee_procedure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee")),
    )
    op.create_index("ix_fee_procedure", "fee", ["procedure_id", "valid_from"], unique=False)
    op.create_table(
        "form_draft",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=160), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column(
            "fields", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_form_draft_officer_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_form_draft_owner_agency_id")),
        sa.PrimaryKeyConstraint("officer_id", "place", name=op.f("pk_form_draft")),
    )
    op.create_index(op.f("ix_form_draft_saved_at"), "form_draft", ["saved_at"], unique=False)
    op.create_table(
        "officer_setting",
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column(
            "value", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_officer_setting_officer_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_officer_setting_owner_agency_id")),
        sa.PrimaryKeyConstraint("officer_id", "name", name=op.f("pk_officer_setting")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("queue", sa.String(length=20), nullable=False),
        sa.Column(
            "filters", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column(
            "columns", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_saved_view_officer_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_saved_view_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("officer_id", "name", name=op.f("uq_saved_view_officer_id_name")),
    )
    op.create_table(
        "task_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=300), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_task_batch_made_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_task_batch_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_batch")),
    )
    op.create_index(op.f("ix_task_batch_made_by"), "task_batch", ["made_by"], unique=False)
    op.create_index(op.f("ix_task_batch_state"), "task_batch", ["state"], unique=False)
    op.create_table(
        "dossier_note",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_note_dossier_id")),
        sa.ForeignKeyConstraint(["made_by"], ["officer.id"], name=op.f("fk_dossier_note_made_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_dossier_note_owner_agency_id")),
        sa.PrimaryKeyConstraint("dossier_id", "no", name=op.f("pk_dossier_note")),
    )
    op.create_table(
        "opinion",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stance", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["officer.id"], name=op.f("fk_opinion_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["officer.id"], name=op.f("fk_opinion_asked_by")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_opinion_dossier_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_opinion_owner_agency_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_opinion_unit_id")),
        sa.PrimaryKeyConstraint("dossier_id", "no", name=op.f("pk_opinion")),
    )
    op.create_index(op.f("ix_opinion_unit_id"), "opinion", ["unit_id"], unique=False)
    op.create_table(
        "receipt_issue",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_seq", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_receipt_issue_dossier_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["officer.id"], name=op.f("fk_receipt_issue_issued_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_receipt_issue_owner_agency_id")),
        sa.PrimaryKeyConstraint("dossier_id", "no", name=op.f("pk_receipt_issue")),
    )
    op.create_table(
        "refusal_suggestion",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("suggested_by", sa.Integer(), nullable=True),
        sa.Column("suggested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["officer.id"], name=op.f("fk_refusal_suggestion_decided_by")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_refusal_suggestion_dossier_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_refusal_suggestion_owner_agency_id")),
        sa.ForeignKeyConstraint(["suggested_by"], ["officer.id"], name=op.f("fk_refusal_suggestion_suggested_by")),
        sa.PrimaryKeyConstraint("dossier_id", "no", name=op.f("pk_refusal_suggestion")),
    )
    op.create_table(
        "reserved_number",
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("counter", sa.String(length=40), nullable=False),
        sa.Column("reserved_by", sa.Integer(), nullable=True),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_reserved_number_dossier_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_reserved_number_owner_agency_id")),
        sa.ForeignKeyConstraint(["reserved_by"], ["officer.id"], name=op.f("fk_reserved_number_reserved_by")),
        sa.ForeignKeyConstraint(["voided_by"], ["officer.id"], name=op.f("fk_reserved_number_voided_by")),
        sa.PrimaryKeyConstraint("owner_agency_id", "code", name=op.f("pk_reserved_number")),
    )
    op.create_index(
        "ix_reserved_number_open",
        "reserved_number",
        ["owner_agency_id", "counter", "used_at", "voided_at"],
        unique=False,
    )
    op.create_table(
        "result_return",
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_how", sa.String(length=12), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carrier", sa.String(length=80), nullable=True),
        sa.Column("tracking_number", sa.String(length=60), nullable=True),
        sa.Column("proof_sha256", sa.String(length=64), nullable=True),
        sa.Column("proof_media_type", sa.String(length=100), nullable=True),
        sa.Column("signature", sa.String(length=12), nullable=True),
        sa.Column("signature_sha256", sa.String(length=64), nullable=True),
        sa.Column("originals_collected", sa.Boolean(), nullable=True),
        sa.Column("handed_over_by", sa.Integer(), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_result_return_dossier_id")),
        sa.ForeignKeyConstraint(["handed_over_by"], ["officer.id"], name=op.f("fk_result_return_handed_over_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_result_return_owner_agency_id")),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_result_return")),
    )
    op.create_table(
        "task_batch_line",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["task_batch.id"], name=op.f("fk_task_batch_line_batch_id")),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_task_batch_line_dossier_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_task_batch_line_owner_agency_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_task_batch_line_task_id")),
        sa.PrimaryKeyConstraint("batch_id", "no", name=op.f("pk_task_batch_line")),
    )
    op.add_column("dossier", sa.Column("authorisation", sa.String(length=300), nullable=True))
    op.add_column("dossier", sa.Column("received_late", sa.Boolean(), server_default="0", nullable=False))
    op.add_column("paper", sa.Column("added_by", sa.Integer(), nullable=True))
    op.add_column("paper", sa.Column("source", sa.String(length=12), server_default="filed", nullable=False))
    op.add_column("paper", sa.Column("source_dossier_id", sa.Uuid(), nullable=True))
    op.add_column("paper", sa.Column("source_no", sa.Integer(), nullable=True))
    op.add_column("paper", sa.Column("replaces_no", sa.Integer(), nullable=True))
    op.add_column("paper", sa.Column("supplement_no", sa.Integer(), nullable=True))
    op.add_column("task", sa.Column("came_from", sa.Uuid(), nullable=True))
    op.add_column("task", sa.Column("before", sa.LargeBinary(), nullable=True))
    op.add_column("task", sa.Column("first_seq", sa.Integer(), nullable=True))
    op.add_column("task", sa.Column("last_seq", sa.Integer(), nullable=True))
    op.add_column("unit", sa.Column("valid_from", sa.Date(), nullable=True))
    op.add_column("unit", sa.Column("valid_to", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("unit", "valid_to")
    op.drop_column("unit", "valid_from")
    op.drop_column("task", "last_seq")
    op.drop_column("task", "first_seq")
    op.drop_column("task", "before")
    op.drop_column("task", "came_from")
    op.drop_column("paper", "supplement_no")
    op.drop_column("paper", "replaces_no")
    op.drop_column("paper", "source_no")
    op.drop_column("paper", "source_dossier_id")
    op.drop_column("paper", "source")
    op.drop_column("paper", "added_by")
    op.drop_column("dossier", "received_late")
    op.drop_column("dossier", "authorisation")
    op.drop_table("task_batch_line")
    op.drop_table("result_return")
    op.drop_index("ix_reserved_number_open", table_name="reserved_number")
    op.drop_table("reserved_number")
    op.drop_table("refusal_suggestion")
    op.drop_table("receipt_issue")
    op.drop_index(op.f("ix_opinion_unit_id"), table_name="opinion")
    op.drop_table("opinion")
    op.drop_table("dossier_note")
    op.drop_index(op.f("ix_task_batch_state"), table_name="task_batch")
    op.drop_index(op.f("ix_task_batch_made_by"), table_name="task_batch")
    op.drop_table("task_batch")
    op.drop_table("saved_view")
    op.drop_table("officer_setting")
    op.drop_index(op.f("ix_form_draft_saved_at"), table_name="form_draft")
    op.drop_table("form_draft")
    op.drop_index("ix_fee_procedure", table_name="fee")
    op.drop_table("fee")
    op.drop_table("digest")
    op.drop_index(op.f("ix_agency_change_owner_agency_id"), table_name="agency_change")
    op.drop_table("agency_change")
    op.drop_index(op.f("ix_admin_act_owner_agency_id"), table_name="admin_act")
    op.drop_table("admin_act")
    op.drop_index(op.f("ix_absence_officer_id"), table_name="absence")
    op.drop_index("ix_absence_cover", table_name="absence")
    op.drop_table("absence")
    op.drop_table("field")
