"""Models of other editors, brought into our subset one thing at a time (see bpmn.normaliser)."""
