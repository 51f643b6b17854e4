"""What is said about a step table: by its reader, and by the linter of the model that it makes, each thing once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bpmn.findings import Finding

# A rule on the model, and the rule on the table that has said the same in the table's own words.
_SAID_BY = {
    "stages-exceed-limit": "total-differs",
    "stages-below-limit": "total-differs",
    "pause-without-resume": "pause-without-resume",
    "resume-without-pause": "resume-without-pause",
}


def not_said_before(of_model: Sequence[Finding], of_table: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings on a model that those on its table have not said already."""
    said = {finding.rule for finding in of_table}
    for finding in of_model:
        if _SAID_BY.get(finding.rule) not in said:
            yield finding
