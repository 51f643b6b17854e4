// Adds an element after another: into the flow where there is one way on, as a further branch where there are several.
import { is } from "../vendor/bpmn-modeler/bpmn-modeler.min.js";

const GAP = 50; // px between two elements of a flow

/** The way on from an element that a new one can be put into; undefined where a new one is a branch or the end. */
export function wayOn(source, shape) {
  const flows = source.outgoing.filter((each) => is(each, "bpmn:SequenceFlow"));
  const branches = is(source, "bpmn:Gateway") || is(source, "bpmn:BoundaryEvent") || is(shape, "bpmn:EndEvent");
  return branches || flows.length !== 1 ? undefined : flows[0];
}

// One command, so that one undo takes the element, its place and the new flow back.
function Into(modeling, spaceTool, canvas) {
  this.preExecute = ({ source, shape, flow }) => {
    const edge = source.x + source.width + 5;
    const width = shape.width + GAP;
    const { movingShapes, resizingShapes } = spaceTool.calculateAdjustments(around(source, canvas.getRootElement()), "x", width, edge);
    modeling.createSpace(movingShapes, resizingShapes, { x: width, y: 0 }, "e", edge);
    const middle = { x: source.x + source.width + GAP + shape.width / 2, y: source.y + source.height / 2 };
    modeling.createShape(shape, middle, source.parent);
    modeling.reconnectStart(flow, shape, middle);
    modeling.connect(source, shape);
    modeling.layoutConnection(flow);
  };
}
Into.$inject = ["modeling", "spaceTool", "canvas"];

// The pool of an element with all that is in it; without a pool, everything.
function around(source, root) {
  let outer = source;
  while (outer.parent && outer.parent !== root) outer = outer.parent;
  return is(outer, "bpmn:Participant") ? [outer, ...within(outer), ...root.children.filter((each) => !is(each, "bpmn:Participant"))] : within(root);
}

const within = (element) => (element.children ?? []).flatMap((child) => [child, ...within(child)]);

function Insert(commandStack, autoPlace) {
  commandStack.registerHandler("motcua.insert", Into);
  this.after = (source, shape) => {
    const flow = wayOn(source, shape);
    if (!flow) return autoPlace.append(source, shape);
    commandStack.execute("motcua.insert", { source, shape, flow });
    return shape;
  };
}
Insert.$inject = ["commandStack", "autoPlace"];

export const insert = { __init__: ["insertAfter"], insertAfter: ["type", Insert] };
