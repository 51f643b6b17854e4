// Reads and writes what a property of templates.json is bound to. Everything is written by commands of the modeler, so
// that one undo takes back one entry, and the names are those of the elements of urn:motcua:bpmn:1 (moddle.json).
import { is } from "../vendor/bpmn-modeler/bpmn-modeler.min.js";

const REFERENCES = {
  message: { type: "bpmn:Message", definition: "bpmn:MessageEventDefinition", reference: "messageRef", key: "name" },
  error: { type: "bpmn:Error", definition: "bpmn:ErrorEventDefinition", reference: "errorRef", key: "errorCode" },
  escalation: { type: "bpmn:Escalation", definition: "bpmn:EscalationEventDefinition", reference: "escalationRef", key: "escalationCode" },
};
const PART = "part_"; // process ids of the library of shared parts begin so
const capital = (name) => name[0].toUpperCase() + name.slice(1);
const isStartOfEventSubProcess = (it) => is(it, "bpmn:StartEvent") && it.$parent?.triggeredByEvent === true;

/** The extension element of a kind, if the element has one. */
export function extensionOf(it, kind) {
  const held = it.get("extensionElements")?.get("values") ?? [];
  return held.find((each) => each.$type === `motcua:${capital(kind)}`);
}

/** The definition of an event, e.g. that it is of a message. */
export const definitionOf = (it, type) => (it.get("eventDefinitions") ?? []).find((each) => is(each, type));

/** Does several commands as one, so that one undo takes all of them back. */
export function Batch(commandStack) {
  this.preExecute = ({ commands }) => commands.forEach(([command, context]) => commandStack.execute(command, context));
}
Batch.$inject = ["commandStack"];

const READ = {
  "bpmn:attribute": (it, binding) => it.get(binding.name),
  "motcua:attribute": (it, binding) => extensionOf(it, binding.element)?.get(binding.name),
  "motcua:children": (it, binding) => readChildren(it, binding),
  "bpmn:reference": (it, binding) => {
    const how = REFERENCES[binding.kind];
    return definitionOf(it, how.definition)?.get(how.reference)?.get(how.key);
  },
  "bpmn:part": (it) => it.get("calledElement")?.replace(new RegExp(`^${PART}`), ""),
  "bpmn:condition": (it) => it.get("conditionExpression")?.get("body"),
  "bpmn:default": (it) => it.get("default")?.id,
  "bpmn:repeat": (it) => {
    const loop = it.get("loopCharacteristics");
    if (!loop || !is(loop, "bpmn:MultiInstanceLoopCharacteristics")) return undefined;
    return loop.get("isSequential") ? "sequential" : "parallel";
  },
  "bpmn:cardinality": (it) => it.get("loopCharacteristics")?.get("loopCardinality")?.get("body"),
  "bpmn:interrupts": (it) => String(is(it, "bpmn:BoundaryEvent") ? it.get("cancelActivity") !== false : it.get("isInterrupting") !== false),
};

/** What a property holds: text, or a list of rows; undefined where there is nothing. */
export const read = (it, binding) => READ[binding.type](it, binding);

/** Whether a binding has a meaning on this element. */
export function applies(it, binding) {
  if (binding.type === "bpmn:interrupts") return is(it, "bpmn:BoundaryEvent") || isStartOfEventSubProcess(it);
  if (binding.type === "bpmn:default") return (it.get("outgoing") ?? []).length > 1;
  return true;
}

function readChildren(it, { element, child, attribute }) {
  const rows = extensionOf(it, element)?.get(`${child}s`) ?? [];
  return rows.map((row) => (attribute ? row.get(attribute) : { value: row.get("value"), label: row.get("label") }));
}

/** Writes through the modeler's commands. */
export class Writer {
  constructor(modeler) {
    this.modeler = modeler;
    this.moddle = modeler.get("moddle");
    modeler.get("commandStack").registerHandler("motcua.batch", Batch);
  }

  /** Sets what a property is bound to; an empty value takes it away. */
  write(element, it, binding, value) {
    const commands = this[binding.type](element, it, binding, value === "" ? undefined : value);
    if (commands.length > 0) this.modeler.get("commandStack").execute("motcua.batch", { commands });
  }

  "bpmn:attribute"(element, it, binding, value) {
    return [this.properties(element, it, { [binding.name]: value })];
  }

  "motcua:attribute"(element, it, binding, value) {
    return this.extend(element, it, binding.element, { [binding.name]: value });
  }

  "motcua:children"(element, it, { element: kind, child, attribute }, rows) {
    const type = `motcua:${capital(child)}`;
    const made = rows.map((row) => this.moddle.create(type, attribute ? { [attribute]: row } : { value: row.value || undefined, label: row.label || undefined }));
    return this.extend(element, it, kind, { [`${child}s`]: made });
  }

  "bpmn:reference"(element, it, { kind }, value) {
    const how = REFERENCES[kind];
    const definition = definitionOf(it, how.definition);
    const definitions = this.modeler.getDefinitions();
    const roots = definitions.get("rootElements");
    let target = value && roots.find((each) => is(each, how.type) && each.get(how.key) === value);
    const commands = [];
    if (value && !target) {
      target = this.moddle.create(how.type, { id: this.freeId(`${kind}_${value.replace(/[^A-Za-z0-9_-]/g, "_")}`, roots), [how.key]: value });
      target.set("name", value);
      target.$parent = definitions;
      commands.push(this.properties(element, definitions, { rootElements: [...roots, target] }, true));
    }
    return [...commands, this.properties(element, definition, { [how.reference]: target || undefined }, true)];
  }

  "bpmn:part"(element, it, { names }, value) {
    const properties = { calledElement: value && PART + value };
    if (value && !it.get("name") && names?.[value]) properties.name = names[value];
    return [this.properties(element, it, properties)];
  }

  "bpmn:condition"(element, it, _, value) {
    return [this.properties(element, it, { conditionExpression: value && this.expression(it, value) })];
  }

  "bpmn:default"(element, it, _, value) {
    return [this.properties(element, it, { default: (it.get("outgoing") ?? []).find((flow) => flow.id === value) })];
  }

  "bpmn:repeat"(element, it, _, value) {
    const loop = it.get("loopCharacteristics");
    if (value && loop && is(loop, "bpmn:MultiInstanceLoopCharacteristics")) {
      return [this.properties(element, loop, { isSequential: value === "sequential" }, true)];
    }
    if (value) return [this.properties(element, it, { loopCharacteristics: this.loop(it, value) })];
    return [...this.extend(element, it, "each", { prefix: undefined }), this.properties(element, it, { loopCharacteristics: undefined })];
  }

  "bpmn:cardinality"(element, it, _, value) {
    const loop = it.get("loopCharacteristics");
    return [this.properties(element, loop, { loopCardinality: value && this.expression(loop, value) }, true)];
  }

  "bpmn:interrupts"(element, it, _, value) {
    const name = is(it, "bpmn:BoundaryEvent") ? "cancelActivity" : "isInterrupting";
    return [this.properties(element, it, { [name]: value !== "false" })];
  }

  loop(it, value) {
    const made = this.moddle.create("bpmn:MultiInstanceLoopCharacteristics", { isSequential: value === "sequential" });
    made.$parent = it;
    return made;
  }

  expression(parent, body) {
    const made = this.moddle.create("bpmn:FormalExpression", { body });
    made.$parent = parent;
    return made;
  }

  // The commands that set properties of an extension element, which is made when missing and goes when it is empty.
  extend(element, it, kind, properties) {
    const found = extensionOf(it, kind);
    const filled = Object.values(properties).some((value) => value !== undefined && !(Array.isArray(value) && value.length === 0));
    if (!found && !filled) return [];
    if (!found) return this.addExtension(element, it, kind, properties);
    for (const value of Object.values(properties)) if (Array.isArray(value)) value.forEach((each) => (each.$parent = found));
    const commands = [this.properties(element, found, properties, true)];
    if (!filled && this.isBare(found, properties)) commands.push(...this.dropExtension(element, it, found));
    return commands;
  }

  addExtension(element, it, kind, properties) {
    const made = this.moddle.create(`motcua:${capital(kind)}`, properties);
    for (const value of Object.values(properties)) if (Array.isArray(value)) value.forEach((each) => (each.$parent = made));
    const holder = it.get("extensionElements");
    if (holder) {
      made.$parent = holder;
      return [this.properties(element, holder, { values: [...holder.get("values"), made] }, true)];
    }
    const fresh = this.moddle.create("bpmn:ExtensionElements", { values: [made] });
    made.$parent = fresh;
    fresh.$parent = it;
    return [this.properties(element, it, { extensionElements: fresh }, true)];
  }

  dropExtension(element, it, found) {
    const holder = it.get("extensionElements");
    const left = holder.get("values").filter((each) => each !== found);
    if (left.length > 0) return [this.properties(element, holder, { values: left }, true)];
    return [this.properties(element, it, { extensionElements: undefined }, true)];
  }

  // Whether nothing is left in an extension element beside the properties that are about to go.
  isBare(found, leaving) {
    if (Object.keys(found.$attrs).length > 0) return false;
    return found.$descriptor.properties.every(({ name, isMany }) => {
      const short = name.split(":").pop();
      return short in leaving || (isMany ? found.get(name).length === 0 : found.get(name) === undefined);
    });
  }

  // `inner`: a part of the element's object, or one that has no drawing of its own.
  properties(element, it, properties, inner = it !== element.businessObject) {
    if (!inner) return ["element.updateProperties", { element, properties }];
    return ["element.updateModdleProperties", { element, moddleElement: it, properties }];
  }

  freeId(wanted, roots) {
    const taken = new Set(roots.map((each) => each.id));
    let id = wanted;
    for (let number = 2; taken.has(id); number += 1) id = `${wanted}_${number}`;
    return id;
  }
}
