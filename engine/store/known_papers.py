"""Papers of earlier dossiers of the same owner, which nobody has to bring again."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from engine.domain.ids import AgencyId
from engine.store.dossiers import Dossier, DossierAgency, Paper, Party


def known_papers(
    session: Session, agencies: frozenset[AgencyId], identity_number: str, *, without: Collection[int], limit: int
) -> list[tuple[Paper, Dossier]]:
    """Return papers of dossiers whose owner has that number, the latest dossier first.

    Not those that were taken over, replaced, or struck out, nor the further pages of one.

    Args:
        agencies: one of them must be a party to the dossier.
        without: statuses of dossiers that are left out.
    """
    owner, newer = aliased(Party), aliased(Paper)
    shared = select(DossierAgency.dossier_id).where(DossierAgency.owner_agency_id.in_(agencies))
    has_owner = select(owner.dossier_id).where(owner.dossier_id == Dossier.id, owner.role == "owner").exists()
    replaced = select(newer.no).where(newer.dossier_id == Paper.dossier_id, newer.replaces_no == Paper.no).exists()
    query = (
        select(Paper, Dossier)
        .join(Dossier, Dossier.id == Paper.dossier_id)
        .join(Party, Party.dossier_id == Dossier.id)
        .where(
            Party.identity_number == identity_number,
            or_(Party.role == "owner", (Party.role == "applicant") & ~has_owner),
            Dossier.id.in_(shared),
            Dossier.status.not_in(without),
            Paper.source != "reused",
            or_(Paper.originals > 0, Paper.copies > 0),
            ~replaced,
        )
        .order_by(Dossier.submitted_at.desc(), Dossier.id.desc(), Paper.no)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
