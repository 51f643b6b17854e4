"""Where an automatic drawing puts things (see bpmn.autolayout)."""
