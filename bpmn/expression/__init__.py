"""The expression language: tokens, grammar, values (see bpmn.expressions)."""
