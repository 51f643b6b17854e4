// Labelled inputs for the properties of templates.json. A field is {node, show(value), showRefused(text)}; it tells changes
// by `changed`, and by `refused(text, why)` what was typed and not written, with "" when nothing of it is left.
import { make, say, word } from "./words.js";

const AMOUNT = /^(\d{1,5}(?:\.\d{1,4})?) (working_day|working_hour|calendar_day)$/;
const UNITS = ["working_day", "working_hour", "calendar_day"];

/** Makes the field of a property. `choices`: [{value, name}] of a Dropdown or Many; `changed(value)` writes. */
export function makeField(property, { choices = [], readOnly = false, changed, refused = () => {} }) {
  const free = property.type === "Dropdown" && (property.open || choices.length === 0);
  const maker = free ? suggestion : MAKERS[property.type];
  return maker(property, { choices, readOnly, changed, refused });
}

/** What is wrong with a text by the constraints of its property; "" when nothing is. */
export function fault({ constraints = {} }, value) {
  if (!value) return constraints.required ? word("required") : "";
  if (constraints.maxLength && value.length > constraints.maxLength) return word("tooLong", { n: constraints.maxLength });
  if (constraints.pattern && !new RegExp(`^(?:${constraints.pattern})$`).test(value)) return say(constraints.patternHint) || word("wrongForm");
  return "";
}

const MAKERS = { String: line, Text: line, Boolean: tick, Dropdown: choice, Amount: amount, List: rows, Many: ticks };

// The frame of a field: label, input, hint and error, tied together for screen readers.
function framed(property, input, ...more) {
  const id = `p-${property.id}`;
  const hint = property.hint ? make("div", { className: "form-text", id: `${id}-hint` }, say(property.hint)) : null;
  const error = make("div", { className: "invalid-feedback", id: `${id}-error` });
  input.id = id;
  input.setAttribute("aria-describedby", `${hint ? `${id}-hint ` : ""}${id}-error`);
  const label = make("label", { className: "form-label", for: id }, say(property.label), required(property));
  const node = make("div", { className: "mc-field" }, label, ...(more.length ? more : [input]), error, hint);
  const complain = (text) => {
    error.textContent = text;
    error.classList.toggle("d-block", Boolean(text));
    input.classList.toggle("is-invalid", Boolean(text));
    input.toggleAttribute("aria-invalid", Boolean(text));
    if (text) input.setAttribute("aria-invalid", "true");
  };
  return { node, complain };
}

const required = (property) =>
  property.constraints?.required ? make("span", { className: "mc-required" }, ` (${word("mustBe")})`) : null;

// Writes what fits; what does not fit stays in the input with the reason under it, and the drawing keeps the old.
function written(property, complain, changed, refused) {
  return (value) => {
    const wrong = fault(property, value);
    complain(wrong);
    refused(wrong ? value : "", wrong);
    if (!wrong || !value) changed(value);
  };
}

function line(property, { readOnly, changed, refused }) {
  const tag = property.type === "Text" ? "textarea" : "input";
  const input = make(tag, { className: "form-control form-control-sm", readonly: readOnly, rows: tag === "textarea" ? 3 : undefined, autocomplete: "off", spellcheck: "false" });
  const { node, complain } = framed(property, input);
  const write = written(property, complain, changed, refused);
  input.addEventListener("change", () => write(input.value.trim()));
  const show = (value) => {
    input.value = value ?? "";
    complain(fault(property, input.value));
  };
  return { node, show, showRefused: show };
}

// A text with suggestions; under it the name of what the code stands for, so that nobody must know codes by heart.
function suggestion(property, { choices, readOnly, changed, refused }) {
  const list = make("datalist", { id: `p-${property.id}-list` }, ...choices.map(({ value, name }) => make("option", { value, label: name }, name)));
  const input = make("input", { className: "form-control form-control-sm", list: list.id, readonly: readOnly, autocomplete: "off", spellcheck: "false" });
  const meaning = make("div", { className: "form-text" });
  const { node, complain } = framed(property, input, input, list, meaning);
  const write = written(property, complain, changed, refused);
  const tell = () => {
    const known = choices.find((each) => each.value === input.value);
    meaning.textContent = known && known.name !== known.value ? known.name : "";
    if (!known && input.value && !input.value.startsWith("=") && choices.length) meaning.textContent = word("notListed");
  };
  input.addEventListener("change", () => {
    // Who types the name means its code.
    const named = choices.find((each) => each.name === input.value.trim());
    if (named) input.value = named.value;
    tell();
    write(input.value.trim());
  });
  const show = (value) => {
    input.value = value ?? "";
    tell();
    complain(fault(property, input.value));
  };
  return { node, show, showRefused: show };
}

function choice(property, { choices, readOnly, changed }) {
  const input = make("select", { className: "form-select form-select-sm", disabled: readOnly });
  const meaning = make("div", { className: "form-text" });
  const { node, complain } = framed(property, input, input, meaning);
  const tell = () => (meaning.textContent = choices.find((each) => each.value === input.value)?.hint ?? "");
  input.addEventListener("change", () => {
    tell();
    complain(fault(property, input.value));
    changed(input.value);
  });
  return {
    node,
    show(value = "") {
      const known = choices.some((each) => each.value === value);
      const options = choices.map((each) => make("option", { value: each.value }, each.name));
      if (value && !known) options.push(make("option", { value }, `${value} – ${word("notListed")}`));
      input.replaceChildren(make("option", { value: "" }, say(property.emptyName) || word("notChosen")), ...options);
      input.value = value;
      tell();
      complain(fault(property, value));
    },
  };
}

function tick(property, { readOnly, changed }) {
  const id = `p-${property.id}`;
  const input = make("input", { className: "form-check-input", type: "checkbox", id, disabled: readOnly, "aria-describedby": property.hint ? `${id}-hint` : undefined });
  const label = make("label", { className: "form-check-label", for: id }, say(property.label));
  const hint = property.hint ? make("div", { className: "form-text", id: `${id}-hint` }, say(property.hint)) : null;
  const usual = property.default === true;
  input.addEventListener("change", () => changed(input.checked === usual ? "" : String(input.checked)));
  return {
    node: make("div", { className: "form-check mc-field" }, input, label, hint),
    show: (value) => (input.checked = value === undefined ? usual : value === "true"),
  };
}

// An amount of time: a number and its unit. What is written otherwise (a sum of amounts) stays a text.
function amount(property, { readOnly, changed, refused }) {
  const number = make("input", { className: "form-control form-control-sm mc-amount", inputmode: "decimal", readonly: readOnly, autocomplete: "off" });
  const unit = make("select", { className: "form-select form-select-sm", "aria-label": `${say(property.label)} – ${word("amountUnit")}`, disabled: readOnly },
    ...UNITS.map((each) => make("option", { value: each }, word(each))));
  const { node, complain } = framed(property, number, make("div", { className: "mc-amount-row" }, number, unit));
  let whole = false; // the number field holds the whole text of a sum
  const changedHere = () => {
    const typed = number.value.trim().replace(",", ".");
    const rule = typed.startsWith("="); // e.g. =limit in a shared part: the limit of the step that calls it
    const value = !typed || whole || rule ? typed : `${typed} ${unit.value}`;
    const wrong = value && !whole && !rule && !AMOUNT.test(value) ? word("wrongAmount") : fault(property, value);
    complain(wrong);
    refused(wrong ? number.value.trim() : "", wrong);
    if (!wrong || !value) changed(value);
  };
  number.addEventListener("change", changedHere);
  unit.addEventListener("change", changedHere);
  return {
    node,
    show(value = "") {
      const parts = AMOUNT.exec(value);
      whole = Boolean(value) && !parts;
      unit.hidden = whole;
      number.value = parts ? parts[1] : value;
      if (parts) unit.value = parts[2];
      complain(fault(property, value));
    },
    showRefused(typed) {
      [whole, unit.hidden, number.value] = [false, false, typed];
      complain(word("wrongAmount"));
    },
  };
}

function ticks(property, { choices, readOnly, changed }) {
  const place = make("div");
  const empty = make("p", { className: "form-text" }, say(property.empty));
  const node = make("fieldset", { className: "mc-field" }, make("legend", { className: "form-label" }, say(property.label)), place,
    property.hint ? make("div", { className: "form-text" }, say(property.hint)) : null);
  const chosen = () => [...place.querySelectorAll("input:checked")].map((input) => input.value);
  const box = ({ value, name }, checked, number) => {
    const id = `p-${property.id}-${number}`;
    const input = make("input", { className: "form-check-input", type: "checkbox", id, value, disabled: readOnly, onchange: () => changed(chosen()) });
    input.checked = checked;
    return make("div", { className: "form-check" }, input, make("label", { className: "form-check-label", for: id }, name));
  };
  return {
    node,
    show(values = []) {
      const strange = values.filter((value) => !choices.some((each) => each.value === value)).map((value) => ({ value, name: `${value} – ${word("notListed")}` }));
      const all = [...choices, ...strange];
      place.replaceChildren(...(all.length ? all.map((each, number) => box(each, values.includes(each.value), number)) : [empty]));
    },
  };
}

// Rows of texts, e.g. the outcomes that an officer may choose.
function rows(property, { readOnly, changed, refused }) {
  const body = make("div");
  const add = make("button", { type: "button", className: "btn btn-sm btn-outline-secondary", hidden: readOnly }, say(property.add));
  const node = make("fieldset", { className: "mc-field" }, make("legend", { className: "form-label" }, say(property.label)), body, add,
    property.hint ? make("div", { className: "form-text" }, say(property.hint)) : null);
  const held = () => [...body.children].map((row) => Object.fromEntries(property.columns.map(({ name }, column) => [name, row.querySelectorAll("input")[column].value.trim()])));
  const filled = (all) => all.filter((row) => property.columns.some(({ name }) => row[name]));
  const texts = (all) => JSON.stringify(all.map((row) => property.columns.map(({ name }) => row[name] ?? "")));
  const tell = () => changed(filled(held()));
  const row = (values, number) => {
    const inputs = property.columns.map((column) => {
      const input = make("input", { className: "form-control form-control-sm", "aria-label": `${say(property.label)} ${number}: ${say(column.label)}`, placeholder: say(column.label), readonly: readOnly, autocomplete: "off" });
      input.value = values[column.name] ?? "";
      input.addEventListener("change", () => {
        const wrong = column.pattern && input.value.trim() && !new RegExp(`^${column.pattern}$`).test(input.value.trim());
        input.classList.toggle("is-invalid", Boolean(wrong));
        input.setAttribute("aria-invalid", String(Boolean(wrong)));
        const bad = body.querySelector("input.is-invalid");
        refused(bad?.value.trim() ?? "", bad ? word("wrongForm") : "");
        if (!bad) tell();
      });
      return input;
    });
    const drop = make("button", { type: "button", className: "btn btn-sm btn-outline-secondary", "aria-label": `${word("drop")}: ${say(property.label)} ${number}`, hidden: readOnly }, "×");
    const made = make("div", { className: "mc-rows-row" }, ...inputs, drop);
    drop.addEventListener("click", () => {
      made.remove();
      const bad = body.querySelector("input.is-invalid");
      refused(bad?.value.trim() ?? "", bad ? word("wrongForm") : "");
      if (!bad) tell();
      add.focus();
    });
    return made;
  };
  add.addEventListener("click", () => {
    const made = row({}, body.children.length + 1);
    body.append(made);
    made.querySelector("input").focus();
    add.hidden = body.children.length >= property.max;
  });
  return {
    node,
    show(values = []) {
      if (texts(filled(held())) === texts(values)) return; // a row that is being filled in stays
      body.replaceChildren(...values.map((each, index) => row(each, index + 1)));
      add.hidden = readOnly || values.length >= property.max;
    },
  };
}
