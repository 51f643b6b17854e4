"""What the walk over the states of a process is made of (see bpmn.walk)."""
