"""Decision tables: reading, linting, evaluating, writing (see bpmn.decisions)."""
