"""``python -m web.cli``: the same as ``motcua``."""

from __future__ import annotations

from web.cli.main import main

main()
