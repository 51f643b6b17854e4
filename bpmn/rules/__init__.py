"""The rules of the linter, one module a subject (see bpmn.lint and bpmn.soundness)."""
