// The properties of the chosen element, by the templates of templates.json (element templates: what bpmn-js calls them).
import { is } from "../vendor/bpmn-modeler/bpmn-modeler.min.js";
import { applies, definitionOf, read, Writer } from "./bindings.js";
import { makeField } from "./fields.js";
import { make, say, word } from "./words.js";

/** The template of an element: the first that fits; undefined where there is nothing to set. */
export function templateOf(templates, it) {
  return templates.find(
    ({ appliesTo, event }) => appliesTo.some((type) => is(it, type)) && (event ? Boolean(definitionOf(it, event)) : isPlain(it, appliesTo)),
  );
}

// A template without an event's definition is for events without one; that of any node takes what is left.
const isPlain = (it, appliesTo) => !is(it, "bpmn:Event") || appliesTo.includes("bpmn:FlowNode") || (it.get("eventDefinitions") ?? []).length === 0;

/** What the page offers for choosing, as [{value, name}]; see the route of the palette's data. */
export function offered(data, source) {
  return (data[source] ?? []).map((each) => {
    if (typeof each === "string") return { value: each, name: each };
    const value = each.value ?? each.code ?? each.id ?? each.name;
    return { value, name: each.label ?? each.name ?? value, hint: each.purpose };
  });
}

/** The object that the properties of an element belong to: of a pool and of the empty ground, the process. */
export function subjectOf(modeler, element) {
  const it = element.businessObject;
  if (is(it, "bpmn:Participant") && it.get("processRef")) return it.get("processRef");
  if (!is(it, "bpmn:Collaboration")) return it;
  const processes = it.get("participants").map((each) => each.get("processRef")).filter(Boolean);
  return processes.find((each) => each.get("extensionElements")) ?? processes[0] ?? it;
}

const keyOf = (it, property) => `${it.id} ${property.id}`;

export class Panel {
  constructor(modeler, place, { templates, groups, data, readOnly }) {
    Object.assign(this, { modeler, place, templates, groups, data, readOnly });
    this.writer = readOnly ? null : new Writer(modeler);
    this.shown = "";
    this.fields = new Map();
    this.refused = new Map(); // what was typed, is wrong, and so is not in the drawing, by element and property
    modeler.on("selection.changed", () => this.refresh());
    modeler.on("elements.changed", () => this.refresh());
    modeler.on("import.done", () => this.refresh());
  }

  get element() {
    const chosen = this.modeler.get("selection").get();
    if (chosen.length > 1) return null;
    const element = chosen[0] ?? this.modeler.get("canvas").getRootElement();
    return element?.labelTarget ?? element;
  }

  /** Shows what is chosen now; fields that stay the same keep their place and the focus. */
  refresh() {
    const element = this.element;
    const it = element?.businessObject && subjectOf(this.modeler, element);
    const template = it && templateOf(this.templates, it);
    if (!template) return this.showNothing(element);
    const properties = template.properties.filter((each) => this.isShown(it, template, each));
    const shown = [it.id, template.id, ...properties.map((each) => each.id)].join(" ");
    if (shown !== this.shown) this.build(element, it, template, properties);
    this.shown = shown;
    for (const each of properties) {
      const field = this.fields.get(each.id);
      if (field.node.contains(document.activeElement) && each.type !== "Boolean") continue;
      const held = this.refused.get(keyOf(it, each));
      if (held) field.showRefused?.(held.value);
      else field.show(read(it, each.binding));
    }
  }

  /** Findings on what was typed and is not in the drawing because it is wrong; of elements that are still there. */
  unwritten() {
    const registry = this.modeler.get("elementRegistry");
    return [...this.refused.values()]
      .filter(({ element }) => registry.get(element.id) === element)
      .map(({ it, label, value, why }) => {
        const message = word("unwritten", { value, label, why });
        return { severity: "error", rule: "value-not-written", where: it.id, label, value, message, message_vi: message };
      });
  }

  // Keeps what was typed until it is mended: "" as value says that nothing of it is left.
  refuse(element, it, property, value, why) {
    const key = keyOf(it, property);
    if (!value && !this.refused.has(key)) return;
    if (value) this.refused.set(key, { element, it, label: say(property.label), value, why });
    else this.refused.delete(key);
    this.modeler.get("eventBus").fire("motcua.refused");
  }

  showNothing(element) {
    this.shown = "";
    this.place.replaceChildren(make("p", { className: "mc-quiet" }, word(element === null ? "manyChosen" : "nothingToSet")));
  }

  isShown(it, template, { binding, condition }) {
    if (!applies(it, binding)) return false;
    if (condition?.types) return condition.types.some((type) => is(it, type));
    if (!condition) return true;
    const other = template.properties.find((each) => each.id === condition.property);
    const value = read(it, other.binding);
    return value !== undefined && value !== "false";
  }

  build(element, it, template, properties) {
    const focused = this.place.contains(document.activeElement) ? document.activeElement.id : "";
    this.fields = new Map(properties.map((each) => [each.id, this.field(element, it, each)]));
    // What can be shown no more can be mended no more: a property that is gone, a row that was being filled in.
    for (const each of template.properties) {
      if (!this.fields.get(each.id)?.showRefused) this.refuse(element, it, each, "", "");
    }
    const groups = this.groups.map((group) => ({ ...group, members: properties.filter((each) => each.group === group.id) }));
    this.place.replaceChildren(
      make("p", { className: "mc-panel-of" }, make("strong", {}, say(template.name)), " ", make("code", {}, it.id)),
      ...groups.filter((group) => group.members.length).map((group) => this.group(group)),
    );
    if (focused) document.getElementById(focused)?.focus();
    else this.place.parentElement.scrollTop = 0;
  }

  group({ label, members }) {
    const fields = members.map((each) => this.fields.get(each.id).node);
    return make("fieldset", { className: "mc-panel-group" }, make("legend", {}, say(label)), ...fields);
  }

  field(element, it, property) {
    const choices = property.choices?.map(({ value, name }) => ({ value, name: say(name) })) ?? this.offers(it, property);
    const binding = property.binding.type === "bpmn:part" ? { ...property.binding, names: Object.fromEntries(choices.map((each) => [each.value, each.name])) } : property.binding;
    const changed = (value) => {
      if (JSON.stringify(value || undefined) === JSON.stringify(read(it, binding))) return;
      this.writer.write(element, it, binding, value);
      this.modeler.get("eventBus").fire("motcua.changed", { element });
    };
    return makeField(property, { choices, readOnly: this.readOnly, changed: this.readOnly ? () => {} : changed, refused: (value, why) => this.refuse(element, it, property, value, why) });
  }

  offers(it, { choicesFrom }) {
    if (choicesFrom === "outgoing") {
      return (it.get("outgoing") ?? []).map((flow) => {
        const target = flow.get("targetRef")?.get("name") || flow.get("targetRef")?.id;
        return { value: flow.id, name: flow.get("name") ? `${flow.get("name")} → ${target}` : `→ ${target}` };
      });
    }
    const offers = choicesFrom ? offered(this.data, choicesFrom) : [];
    return choicesFrom === "parts" ? offers.map((each) => ({ ...each, value: each.value.replace(/^part_/, "") })) : offers;
  }
}
