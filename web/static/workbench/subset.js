// The subset of BPMN that motcua runs (docs): what the palette, the pad beside an element and the replace menu offer.
import { is } from "../vendor/bpmn-modeler/bpmn-modeler.min.js";
import { extensionOf } from "./bindings.js";
import { insert } from "./insert.js";

const MESSAGE = { eventDefinitionType: "bpmn:MessageEventDefinition" };

/** What can be drawn: by palette, by the pad, and by the list of the panel (for who has no mouse). */
export const KINDS = [
  { id: "user-task", type: "bpmn:UserTask", icon: "bpmn-icon-user-task", create: "Create user task", append: "Append user task" },
  { id: "part", type: "bpmn:CallActivity", icon: "bpmn-icon-call-activity", create: "Create call of a shared part", append: "Append call of a shared part" },
  { id: "gateway", type: "bpmn:ExclusiveGateway", icon: "bpmn-icon-gateway-xor", create: "Create gateway", append: "Append gateway" },
  { id: "message", type: "bpmn:IntermediateCatchEvent", options: MESSAGE, icon: "bpmn-icon-intermediate-event-catch-message", create: "Create message event", append: "Append message event" },
  { id: "milestone", type: "bpmn:IntermediateThrowEvent", icon: "bpmn-icon-intermediate-event-none", create: "Create milestone", append: "Append milestone" },
  { id: "service", type: "bpmn:ServiceTask", icon: "bpmn-icon-service-task", create: "Create service task" },
  { id: "decision", type: "bpmn:BusinessRuleTask", icon: "bpmn-icon-business-rule-task", create: "Create decision task" },
  { id: "end", type: "bpmn:EndEvent", icon: "bpmn-icon-end-event-none", create: "Create end event", append: "Append end event" },
];

const REPLACEMENTS = new Set(
  [
    "user-task", "service-task", "rule-task", "call-activity", "subprocess", "expanded-subprocess", "event-subprocess",
    "exclusive-gateway", "parallel-gateway", "inclusive-gateway", "event-based-gateway",
    "none-start", "none-end", "none-intermediate-throw",
    "message-intermediate-catch", "message-intermediate-throw", "escalation-intermediate-throw",
    "message-boundary", "non-interrupting-message-boundary", "error-boundary", "escalation-boundary",
    "non-interrupting-escalation-boundary", "message-end", "error-end", "escalation-end", "terminate-end",
    "default-flow", "conditional-flow", "sequence-flow",
  ].map((name) => `replace-with-${name}`),
);
// Only inside an event sub-process: a dossier itself always begins with a plain start.
const INNER_STARTS = new Set(
  ["message-start", "error-start", "escalation-start", "non-interrupting-message-start", "non-interrupting-escalation-start"]
    .map((name) => `replace-with-${name}`),
);
const HEADERS = new Set(["toggle-parallel-mi", "toggle-sequential-mi", "toggle-non-interrupting"]);
const REPEATED = ["bpmn:UserTask", "bpmn:CallActivity", "bpmn:SubProcess"];
const NOT_APPENDED = [
  "append.receive-task", "append.timer-intermediate-event", "append.condition-intermediate-event",
  "append.signal-intermediate-event", "append.intermediate-event", "append.append-task", "append.compensation-activity",
];

const kept = (entries, allowed) => Object.fromEntries(Object.entries(entries).filter(([id]) => allowed(id)));

/** The palette: tools, then what can be drawn. */
function Palette(palette, eventBus, create, elementFactory, elementRegistry, handTool, lassoTool, spaceTool, globalConnect, translate) {
  const tool = (group, icon, title, click) => ({ group, className: icon, title: translate(title), action: { click } });
  const shape = (group, icon, title, type, options = {}) => {
    const start = (event) => create.start(event, elementFactory.createShape({ type, ...options }));
    return { group, className: icon, title: translate(title), action: { dragstart: start, click: start } };
  };
  const subProcess = (event) => {
    const outer = elementFactory.createShape({ type: "bpmn:SubProcess", x: 0, y: 0, isExpanded: true });
    const start = elementFactory.createShape({ type: "bpmn:StartEvent", x: 40, y: 82, parent: outer });
    create.start(event, [outer, start], { hints: { autoSelect: [outer] } });
  };
  const pool = (event) => create.start(event, elementFactory.createParticipantShape());

  this.getPaletteEntries = () => {
    const entries = {
      "hand-tool": tool("tools", "bpmn-icon-hand-tool", "Activate hand tool", (event) => handTool.activateHand(event)),
      "lasso-tool": tool("tools", "bpmn-icon-lasso-tool", "Activate lasso tool", (event) => lassoTool.activateSelection(event)),
      "space-tool": tool("tools", "bpmn-icon-space-tool", "Activate create/remove space tool", (event) => spaceTool.activateSelection(event)),
      "global-connect-tool": tool("tools", "bpmn-icon-connection-multi", "Activate global connect tool", (event) => globalConnect.start(event)),
      "tool-separator": { group: "tools", separator: true },
      "create.start": shape("draw", "bpmn-icon-start-event-none", "Create start event", "bpmn:StartEvent"),
    };
    for (const each of KINDS) entries[`create.${each.id}`] = shape("draw", each.icon, each.create, each.type, each.options);
    entries["create.sub-process"] = { group: "draw", className: "bpmn-icon-subprocess-expanded", title: translate("Create expanded sub-process"), action: { dragstart: subProcess, click: subProcess } };
    if (elementRegistry.filter((element) => is(element, "bpmn:Participant")).length === 0) {
      entries["create.pool"] = { group: "draw", className: "bpmn-icon-participant", title: translate("Create pool/participant"), action: { dragstart: pool, click: pool } };
    }
    return entries;
  };
  palette.registerProvider(this);
  // A source is one pool: it is offered while there is none.
  eventBus.on(["import.done", "shape.added", "shape.removed"], ({ element }) => {
    if (!element || is(element, "bpmn:Participant")) eventBus.fire("i18n.changed"); // the palette asks again then
  });
}
Palette.$inject = ["palette", "eventBus", "create", "elementFactory", "elementRegistry", "handTool", "lassoTool", "spaceTool", "globalConnect", "translate"];

/** The pad beside an element: bpmn-js fills it, this takes out what we do not run and puts our kinds in. */
function Pad(contextPad, create, elementFactory, insertAfter, selection, popupMenu, translate) {
  const append = (each) => ({
    group: "model",
    className: each.icon,
    title: translate(each.append),
    action: {
      click: (_, element) => selection.select(insertAfter.after(element, elementFactory.createShape({ type: each.type, ...each.options }))),
      dragstart: (event, element) => create.start(event, elementFactory.createShape({ type: each.type, ...each.options }), { source: element }),
    },
  });
  const replace = (event, element) => {
    const at = { x: event.clientX, y: event.clientY };
    popupMenu.open(element, "bpmn-replace", { ...at, cursor: at }, { title: translate("Change element"), width: 300 });
  };
  this.getContextPadEntries = () => (entries) => {
    const goesOn = "append.append-task" in entries;
    const left = kept(entries, (id) => !NOT_APPENDED.includes(id) && !id.startsWith("append.end") && !id.startsWith("append.gateway"));
    const added = goesOn ? KINDS.filter((each) => each.append).map((each) => [`append.${each.id}`, append(each)]) : [];
    if (left.replace) left.replace = { ...left.replace, action: { click: replace } };
    return { ...Object.fromEntries(added), ...left };
  };
  contextPad.registerProvider(500, this);
}
Pad.$inject = ["contextPad", "create", "elementFactory", "insertAfter", "selection", "popupMenu", "translate"];

/** The replace menu, without what we do not run. */
function Replacements(popupMenu) {
  this.getPopupMenuEntries = (target) => {
    const inner = target.parent?.businessObject?.triggeredByEvent === true;
    const allowed = is(target, "bpmn:StartEvent")
      ? (id) => (inner ? INNER_STARTS.has(id) : id === "replace-with-none-start")
      : (id) => REPLACEMENTS.has(id) && id !== "replace-with-none-start";
    return (entries) => kept(entries, allowed);
  };
  this.getPopupMenuHeaderEntries = (target) => (entries) => {
    const repeats = REPEATED.some((type) => is(target, type));
    return kept(entries, (id) => HEADERS.has(id) && (repeats || !id.endsWith("-mi")));
  };
  popupMenu.registerProvider("bpmn-replace", 500, this);
}
Replacements.$inject = ["popupMenu"];

/** What an element says in our namespace goes along when it changes its kind, where the new kind may say it. */
function Kept(eventBus) {
  eventBus.on("moddleCopy.canCopyProperty", ({ property, parent }) => {
    const allowed = property?.$model?.getTypeDescriptor?.(property.$type)?.meta?.allowedIn;
    const owner = parent?.$parent;
    return allowed && owner && !allowed.some((type) => is(owner, type)) ? false : undefined;
  });
  // A copy is another step: a key of its own is what open dossiers of an older version know it by.
  eventBus.on("copyPaste.pasteElement", 500, ({ descriptor }) => {
    if (descriptor.businessObject) extensionOf(descriptor.businessObject, "step")?.set("key", undefined);
  });
}
Kept.$inject = ["eventBus"];

export const subset = {
  __depends__: [insert],
  __init__: ["paletteProvider", "subsetPad", "subsetReplacements", "subsetKept"],
  subsetKept: ["type", Kept],
  paletteProvider: ["type", Palette],
  subsetPad: ["type", Pad],
  subsetReplacements: ["type", Replacements],
};
