"""Everything that knows BPMN and SpiffWorkflow: reading, drawing, linting and running procedures."""
