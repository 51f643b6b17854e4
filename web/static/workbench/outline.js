// Everything that the mouse does on the drawing, by keyboard: choose an element, add after it, connect, delete.
import { is } from "../vendor/bpmn-modeler/bpmn-modeler.min.js";
import { templateOf } from "./panel.js";
import { KINDS } from "./subset.js";
import { make, say, word } from "./words.js";

const LISTED = ["bpmn:Participant", "bpmn:Lane", "bpmn:FlowNode", "bpmn:SequenceFlow", "bpmn:TextAnnotation"];
const LANE_KINDS = [["lane-top", "Add lane above"], ["lane-bottom", "Add lane below"]];

export class Outline {
  constructor(modeler, place, { templates, readOnly, look }) {
    Object.assign(this, { modeler, templates, readOnly, look });
    this.choose = place.querySelector("[data-choose]");
    this.kinds = place.querySelector("[data-kinds]");
    this.targets = place.querySelector("[data-targets]");
    this.buttons = Object.fromEntries(["add", "connect", "remove"].map((name) => [name, place.querySelector(`[data-do="${name}"]`)]));
    this.choose.addEventListener("change", () => this.chosen());
    modeler.on(["import.done", "elements.changed", "selection.changed", "shape.removed", "connection.removed"], () => this.soon());
    if (readOnly) return;
    this.buttons.add.addEventListener("click", () => this.add());
    this.buttons.connect.addEventListener("click", () => this.connect());
    this.buttons.remove.addEventListener("click", () => this.remove());
  }

  get current() {
    const chosen = this.modeler.get("selection").get();
    return chosen.length === 1 ? chosen[0].labelTarget ?? chosen[0] : null;
  }

  // A command changes many elements; the lists are made once after it.
  soon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.refresh());
  }

  refresh() {
    const elements = this.listed();
    this.choose.replaceChildren(make("option", { value: "" }, word("wholeProcess")), ...elements.map((each) => this.option(each)));
    this.choose.value = this.current?.id ?? "";
    if (this.readOnly) return;
    const [element, kinds] = [this.current, this.kindsFor(this.current)];
    this.kinds.replaceChildren(...kinds.map(([value, name]) => make("option", { value }, name)));
    const targets = element && is(element, "bpmn:FlowNode") ? elements.filter((each) => this.mayConnect(element, each)) : [];
    this.targets.replaceChildren(...targets.map((each) => this.option(each)));
    this.kinds.disabled = this.buttons.add.disabled = kinds.length === 0;
    this.targets.disabled = this.buttons.connect.disabled = targets.length === 0;
    this.buttons.remove.disabled = !element;
  }

  // Pools and lanes first, then from left to right, as the drawing is read.
  listed() {
    const rank = (element) => LISTED.findIndex((type) => is(element, type));
    const place = (element) => (element.waypoints ? element.waypoints[0].x : element.x);
    return this.modeler
      .get("elementRegistry")
      .filter((element) => !element.labelTarget && rank(element) >= 0)
      .sort((a, b) => Math.min(rank(a), 2) - Math.min(rank(b), 2) || rank(a) - rank(b) || place(a) - place(b) || (a.y ?? 0) - (b.y ?? 0));
  }

  option(element) {
    const it = element.businessObject;
    const kind = say(templateOf(this.templates, it)?.name);
    const own = it.get("name") || it.get("text");
    const place = placeOf(it); // many flows are called Yes
    return make("option", { value: element.id }, `${kind}: ${own && place ? `${own} (${place})` : own || place || it.id}`);
  }

  chosen() {
    const element = this.modeler.get("elementRegistry").get(this.choose.value);
    if (element) this.look(element);
    else this.modeler.get("selection").select([]);
  }

  kindsFor(element) {
    const translate = this.modeler.get("translate", false);
    if (!element || !translate) return [];
    if (is(element, "bpmn:Lane") || is(element, "bpmn:Participant")) return LANE_KINDS.map(([value, name]) => [value, translate(name)]);
    const goesOn = is(element, "bpmn:FlowNode") && !is(element, "bpmn:EndEvent") && !element.businessObject.triggeredByEvent;
    if (!goesOn) return [];
    const kinds = is(element, "bpmn:EventBasedGateway") ? KINDS.filter((each) => each.id === "message") : KINDS;
    return kinds.map((each) => [each.id, say(templateOf(this.templates, this.sample(each))?.name)]);
  }

  // An object of a kind, only to find its name.
  sample({ type, options }) {
    const factory = this.modeler.get("bpmnFactory");
    const definitions = options ? [factory.create(options.eventDefinitionType)] : undefined;
    return factory.create(type, definitions ? { eventDefinitions: definitions } : {});
  }

  mayConnect(source, target) {
    const allowed = this.modeler.get("rules").allowed("connection.create", { source, target });
    return source !== target && allowed?.type === "bpmn:SequenceFlow";
  }

  add() {
    const element = this.current;
    const [wanted, modeling] = [this.kinds.value, this.modeler.get("modeling")];
    if (wanted.startsWith("lane-")) return this.look(modeling.addLane(element, wanted.slice(5)));
    const { type, options } = KINDS.find((each) => each.id === wanted);
    const shape = this.modeler.get("elementFactory").createShape({ type, ...options });
    this.look(this.modeler.get("insertAfter").after(element, shape));
  }

  connect() {
    const target = this.modeler.get("elementRegistry").get(this.targets.value);
    this.look(this.modeler.get("modeling").connect(this.current, target));
  }

  remove() {
    this.modeler.get("modeling").removeElements([this.current]);
    this.choose.focus();
  }
}

function placeOf(it) {
  if (is(it, "bpmn:SequenceFlow")) return `${nameOf(it.sourceRef)} → ${nameOf(it.targetRef)}`;
  return is(it, "bpmn:BoundaryEvent") ? nameOf(it.attachedToRef) : "";
}

const nameOf = (it) => it?.get("name") || it?.id || "";
