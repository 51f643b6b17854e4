"""What the normaliser says: one finding for each kind of thing that it leaves out, however often it occurs."""

from __future__ import annotations

from lxml import etree

from bpmn.findings import Finding, error, warning
from bpmn.names import BPMN, BPMNDI, DC, DI

# How people know the tools behind the namespaces.
_VENDORS = (
    ("camunda.org/schema/zeebe", "Zeebe"),
    ("camunda.org/schema/modeler", "Camunda Modeler"),
    ("camunda", "Camunda"),
    ("flowable", "Flowable"),
    ("activiti", "Activiti"),
    ("signavio", "Signavio"),
    ("bizagi", "Bizagi"),
    ("jboss.org/drools", "jBPM"),
    ("bpsim", "BPSim"),
    ("boc-", "ADONIS"),
    ("adonis", "ADONIS"),
    ("bpmn.io/schema/bpmn/biocolor", "bpmn.io"),
    ("omg.org/spec/bpmn/non-normative/color", "BPMN in Color"),
    ("qa.adobe", "Adobe"),
    ("spiffworkflow", "SpiffWorkflow"),
    ("trisotech", "Trisotech"),
    ("visual-paradigm", "Visual Paradigm"),
    ("sparxsystems", "Enterprise Architect"),
)
MAX_FINDINGS = 200


class Notes:
    """Collects findings; what repeats itself is counted."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._dropped: dict[tuple[str, str], tuple[str, int]] = {}

    def warn(self, rule: str, where: str, message: str) -> None:
        """Say what was changed."""
        self._findings.append(warning(rule, where[:120], message))

    def refuse(self, rule: str, where: str, message: str) -> None:
        """Say what cannot be imported."""
        self._findings.append(error(rule, where[:120], message))

    def drop(self, rule: str, what: str, where: str) -> None:
        """Count something that is left out; the first place is named."""
        first, number = self._dropped.get((rule, what), (where, 0))
        self._dropped[rule, what] = (first, number + 1)

    def drop_vendor(self, name: str, where: str, holder: str) -> None:
        """Count an element or attribute of another vendor, by vendor and kind of element."""
        qualified = etree.QName(name)
        what = f"{vendor(qualified.namespace or '')}: `{qualified.localname[:60]}` on `{holder[:60]}`"
        self.drop("vendor-extension-dropped", what, where)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found, errors first, at most 200 findings."""
        dropped = [
            warning(
                rule, where[:120], f"{what} is not kept ({number} times)." if number > 1 else f"{what} is not kept."
            )
            for (rule, what), (where, number) in self._dropped.items()
        ]
        found = [*self._findings, *dropped]
        return tuple(sorted(found, key=lambda finding: finding.severity != "error")[:MAX_FINDINGS])


def vendor(namespace: str) -> str:
    """Return the name of the tool behind a namespace, or the namespace itself."""
    known = next((name for sign, name in _VENDORS if sign in namespace.lower()), None)
    return known or namespace[:80] or "no namespace"


def is_vendor(name: str) -> bool:
    """Tell whether a tag is neither BPMN nor part of the drawing."""
    return name.startswith("{") and not name.startswith((f"{{{BPMN}}}", f"{{{BPMNDI}}}", f"{{{DC}}}", f"{{{DI}}}"))
