"""What a check of a template says: a stable rule, how bad it is, and the facts that its sentence needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

ERROR, WARNING = "error", "warning"

#: What each rule says in English; screens have words of their own for each (web/template_words.py).
MESSAGES = {
    "file-empty": "the file is empty: choose the .docx again",
    "file-too-large": "the file has {bytes} bytes, at most {at_most} are taken: make its pictures smaller",
    "not-a-docx": "the file is no .docx: save it in Word as 'Word Document (.docx)'",
    "zip-broken": "the file is damaged ({what}): save it again in Word",
    "zip-encrypted": "{part} is encrypted: save the file without a password",
    "zip-entries": "the file holds {entries} parts, at most {at_most} are taken",
    "zip-unpacked": "unpacked, the file is larger than {at_most} bytes",
    "zip-path": "{part} is no name for a part of a .docx",
    "zip-double": "{part} is there twice",
    "macros": "the file holds macros ({part}): save it as .docx without them",
    "embedded-object": "the file holds an embedded object ({part}): put text or a picture in its place",
    "part-not-allowed": "the file holds {part}, which a form does not need: remove it",
    "external-link": "{part} fetches {target} from elsewhere: remove the link, or put the picture into the file",
    "link-kind": "{part} refers to something of the kind {kind}, which a form does not need: remove it",
    "picture-kind": "{part} is neither PNG nor JPEG",
    "xml-doctype": "{part} declares a DOCTYPE, which no word processor writes",
    "xml-broken": "{part} is no well-formed XML ({what})",
    "xml-too-large": "{part} has more than {at_most} elements",
    "field-code": "the field {code} runs or fetches something when the file is opened: remove it",
    "element-not-allowed": "{part} holds {element}, which brings in foreign content: remove it",
    "placeholder-place": "{part} has a placeholder where no text is printed: write placeholders as plain text",
    "tag-unknown": "{{% {tag} %}} is not known here: use for, if, elif, else, endfor, endif (with p or tr before them)",
    "syntax": "a placeholder cannot be read ({what}): look for a missing bracket or end tag",
    "expression-refused": "{what} is not allowed in a template: only names of fields, if and for",
    "placeholder-unknown": "there is no field {name}; this form has: {known}",
    "placeholder-is-list": "{name} is a list or a group: name one of its fields, in a for where it is a list",
    "loop-needs-list": "{name} is no list, so nothing can be repeated over it",
    "loops-nested": "more than {at_most} loops stand inside each other",
    "required-missing": "the form must state {names}: add the placeholders",
    "unused": "not printed by this template: {names}",
    "output-broken": "filled in, {part} would not open in a word processor ({what})",
    "output-too-large": "filled in with sample data, the paper is larger than {at_most} bytes",
    "check-stopped": "the check was stopped because the file took too much time or memory",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found."""

    rule: str  #: a key of MESSAGES
    severity: str = ERROR
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence in English, with the remedy."""
        told = {name: _listed(fact) for name, fact in self.facts.items()}
        return MESSAGES[self.rule].format(**told)

    def as_json(self) -> dict[str, Any]:
        """Return rule, severity, facts and message."""
        return asdict(self) | {"message": self.message}


def _listed(fact: Any) -> Any:
    return ", ".join(map(str, fact)) if isinstance(fact, list) else fact


def error(rule: str, **facts: Any) -> Finding:
    """Return what forbids to use a template."""
    return Finding(rule, ERROR, facts)


def warning(rule: str, **facts: Any) -> Finding:
    """Return what an administrator should know."""
    return Finding(rule, WARNING, facts)


def read(found: dict[str, Any]) -> Finding:
    """Return a finding that was kept as JSON."""
    return Finding(found["rule"], found["severity"], found["facts"])
