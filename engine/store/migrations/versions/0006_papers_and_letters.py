"""Issued papers, templates of offices, signatures, messages; letters that are signed and numbered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_papers_and_letters"
down_revision = "0005_worklist_indexes"
branch_labels = None
depends_on = None

STATES = ("draft", "approved", "sent", "withdrawn")
KINDS = ("promise", "answer")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "form_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("form_set", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column(
            "findings", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("uploaded_by", sa.Integer(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_form_template_owner_agency_id")),
        sa.ForeignKeyConstraint(["uploaded_by"], ["officer.id"], name=op.f("fk_form_template_uploaded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_template")),
        sa.UniqueConstraint(
            "owner_agency_id",
            "kind",
            "form_set",
            "version",
            name=op.f("uq_form_template_owner_agency_id_kind_form_set_version"),
        ),
    )
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("pkcs12", sa.LargeBinary(), nullable=True),
        sa.Column("credential", sa.String(length=120), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["officer.id"], name=op.f("fk_signing_key_added_by")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_signing_key_officer_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_signing_key_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
    )
    op.create_index(op.f("ix_signing_key_officer_id"), "signing_key", ["officer_id"], unique=False)
    op.create_index(op.f("ix_signing_key_owner_agency_id"), "signing_key", ["owner_agency_id"], unique=False)
    op.create_table(
        "paper_signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["signing_key.id"], name=op.f("fk_paper_signature_key_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["officer.id"], name=op.f("fk_paper_signature_officer_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_paper_signature_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_signature")),
        sa.UniqueConstraint("document_id", "revision", name=op.f("uq_paper_signature_document_id_revision")),
    )
    op.create_table(
        "issued_paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject_no", sa.Integer(), nullable=False),
        sa.Column("form_set", sa.String(length=20), nullable=False),
        sa.Column("form_key", sa.String(length=8), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column(
            "made_from", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("made_from_sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Integer(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("signed_sha256", sa.String(length=64), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_by", sa.Integer(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_issued_paper_dossier_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["officer.id"], name=op.f("fk_issued_paper_issued_by")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_issued_paper_owner_agency_id")),
        sa.ForeignKeyConstraint(["voided_by"], ["officer.id"], name=op.f("fk_issued_paper_voided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issued_paper")),
        sa.UniqueConstraint(
            "owner_agency_id", "kind", "year", "counter", name=op.f("uq_issued_paper_owner_agency_id_kind_year_counter")
        ),
    )
    op.create_index(
        "uq_issued_paper_subject",
        "issued_paper",
        ["dossier_id", "kind", "subject_no"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
        sqlite_where=sa.text("voided_at IS NULL"),
    )
    op.create_index("ix_issued_paper_dossier", "issued_paper", ["dossier_id", "issued_at"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject_no", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_message_dossier_id")),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["agency.id"], name=op.f("fk_message_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "dossier_id", "kind", "subject_no", "channel", name=op.f("uq_message_dossier_id_kind_subject_no_channel")
        ),
    )
    op.create_index("ix_message_state", "message", ["owner_agency_id", "state", "ordered_at"], unique=False)
    op.add_column("agency", sa.Column("desk_symbol", sa.String(length=30), server_default="TTPVHCC", nullable=False))
    op.add_column(
        "agency",
        sa.Column(
            "paper_symbols",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default="{}",
            nullable=False,
        ),
    )
    op.add_column(
        "agency", sa.Column("apology_lead", sa.String(length=40), server_default="1 working_day", nullable=False)
    )
    op.add_column("agency", sa.Column("signs_letters", sa.String(length=12), server_default="paper", nullable=False))
    op.add_column("agency", sa.Column("chair_id", sa.Integer(), nullable=True))
    op.add_column("agency", sa.Column("quiet_from", sa.String(length=5), server_default="21:00", nullable=False))
    op.add_column("agency", sa.Column("quiet_to", sa.String(length=5), server_default="07:00", nullable=False))
    op.add_column("dossier", sa.Column("extension_broken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("dossier", sa.Column("notify_by", sa.String(length=8), server_default="email", nullable=False))
    op.add_column("dossier", sa.Column("notify_language", sa.String(length=2), server_default="vi", nullable=False))
    op.add_column("letter", sa.Column("signed_by", sa.Integer(), nullable=True))
    op.add_column("letter", sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("letter", sa.Column("signed_sha256", sa.String(length=64), nullable=True))
    op.add_column("letter", sa.Column("caused_by_unit_id", sa.Integer(), nullable=True))
    op.add_column("letter", sa.Column("numbered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("letter", sa.Column("numbered_by", sa.Integer(), nullable=True))
    op.add_column("letter", sa.Column("paper_id", sa.Uuid(), nullable=True))
    op.add_column("letter", sa.Column("proof_sha256", sa.String(length=64), nullable=True))
    op.add_column("letter", sa.Column("proof_note", sa.Text(), nullable=True))
    _allow("letter", "state", "letterstate", (*STATES, "signed", "numbered"))
    _allow("deadline", "kind", "deadlinekind", (*KINDS, "extension"))


def downgrade() -> None:
    """Take back."""
    op.drop_column("letter", "proof_note")
    op.drop_column("letter", "proof_sha256")
    op.drop_column("letter", "paper_id")
    op.drop_column("letter", "numbered_by")
    op.drop_column("letter", "numbered_at")
    op.drop_column("letter", "caused_by_unit_id")
    op.drop_column("letter", "signed_sha256")
    op.drop_column("letter", "signed_at")
    op.drop_column("letter", "signed_by")
    op.drop_column("dossier", "notify_language")
    op.drop_column("dossier", "notify_by")
    op.drop_column("dossier", "extension_broken_at")
    op.drop_column("agency", "quiet_to")
    op.drop_column("agency", "quiet_from")
    op.drop_column("agency", "chair_id")
    op.drop_column("agency", "signs_letters")
    op.drop_column("agency", "apology_lead")
    op.drop_column("agency", "paper_symbols")
    op.drop_column("agency", "desk_symbol")
    op.drop_index("ix_message_state", table_name="message")
    op.drop_table("message")
    op.drop_index("uq_issued_paper_subject", table_name="issued_paper")
    op.drop_index("ix_issued_paper_dossier", table_name="issued_paper")
    op.drop_table("issued_paper")
    op.drop_table("paper_signature")
    op.drop_index(op.f("ix_signing_key_owner_agency_id"), table_name="signing_key")
    op.drop_index(op.f("ix_signing_key_officer_id"), table_name="signing_key")
    op.drop_table("signing_key")
    op.drop_table("form_template")
    _allow("deadline", "kind", "deadlinekind", KINDS)
    _allow("letter", "state", "letterstate", STATES)


def _allow(table: str, column: str, name: str, values: tuple[str, ...]) -> None:
    """Set what a column may hold. SQLite makes the table anew for it, and forgets the old check by itself."""
    check = f"{column} IN ({', '.join(repr(value) for value in values)})"
    with op.batch_alter_table(table) as batch:
        if op.get_bind().dialect.name == "postgresql":
            batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{name}"), sa.text(check))
