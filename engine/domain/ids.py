"""Types of the ids that cross function boundaries. Values are made by ``Context.new_id`` or by the database."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

AgencyId = NewType("AgencyId", int)
UnitId = NewType("UnitId", int)
OfficerId = NewType("OfficerId", int)
ProcedureId = NewType("ProcedureId", int)
VersionId = NewType("VersionId", int)
DossierId = NewType("DossierId", UUID)
TaskId = NewType("TaskId", UUID)
LetterId = NewType("LetterId", UUID)
