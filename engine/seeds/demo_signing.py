"""Signing in the demo: an authority of nobody, a key for the head of the first ward and one for its seal.

The keys are at the reference signing service that ``motcua dev`` runs, so that a visitor takes the path that an office
with a provider takes. Nobody but this data folder believes them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.signing import ELECTRONIC
from engine.integrations import key_folder
from engine.ports import SigningKey
from engine.seeds.demo_people import WARDS
from engine.services import letter_settings, signing_keys
from engine.services.signing_keys import Owner

PIN = "135790"  #: of both keys; printed at every start of a demo
FOLDER = "signer"  #: in the data folder
TRUST = "trust.pem"  #: in that folder
PLACE = WARDS[0]
HEAD = f"lanhdao.{PLACE.suffix}"  #: sign-in name of who signs
KEYS = {"lanh-dao": (HEAD, "Phạm Văn Đạo (mẫu)"), "con-dau": (None, f"{PLACE.name} (mẫu)")}


class _Folder:
    """The signing service before it runs: it tells certificates, and opens nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def certificates(self, credential: str) -> tuple[bytes, ...]:
        return key_folder.certificates_of(self._folder, credential)

    def opened(self, credential: str, certificates: tuple[bytes, ...], pin: str) -> SigningKey:
        raise NotImplementedError("the demo is being made; nothing is signed yet")


def prepare(ctx: Context) -> Path:
    """Make the keys and let the first ward sign its letters electronically; return the folder of the keys."""
    folder = ctx.settings.data / FOLDER
    now = ctx.clock.now()
    key_folder.make(folder, {name: holder for name, (_username, holder) in KEYS.items()}, pin=PIN, now=now)
    known = replace(ctx, signer=_Folder(folder))
    for credential, (username, _holder) in KEYS.items():
        owner = Owner(PLACE.code, username)
        signing_keys.add_remote(known, by=SYSTEM, owner=owner, label="", credential=credential)
    letter_settings.change(ctx, by=SYSTEM, agency=PLACE.code, signs=ELECTRONIC)
    return folder
