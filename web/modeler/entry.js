// What the workbench's own modules (web/static/workbench) take from bpmn-js; they are plain files and need no build.
export { default as Modeler } from "bpmn-js/lib/Modeler";
export { default as Viewer } from "bpmn-js/lib/NavigatedViewer";
export { is, isAny, getBusinessObject } from "bpmn-js/lib/util/ModelUtil";
export { isEventSubProcess, isExpanded } from "bpmn-js/lib/util/DiUtil";
