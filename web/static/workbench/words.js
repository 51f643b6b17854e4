// The words of the page: our own come with it (Vietnamese or English by gettext), texts of the templates hold both.
const english = document.documentElement.lang === "en";
const words = JSON.parse(document.querySelector("[data-words]").dataset.words);

/** The page's words under a key, with %(name)s filled in. */
export function word(key, facts = {}) {
  return (words[key] ?? key).replace(/%\((\w+)\)s/g, (_, name) => facts[name] ?? "");
}

/** A text of templates.json, {vi, en}, in the page's language. */
export const say = (text) => (typeof text === "string" ? text : text?.[english ? "en" : "vi"] ?? "");

/** The module that gives bpmn-js its words: English is what it speaks by itself. */
export function translation(vietnamese) {
  const translate = (text, facts) => {
    const said = english ? text : vietnamese[text] ?? text;
    return said.replace(/{([^}]+)}/g, (_, name) => facts?.[name] ?? `{${name}}`);
  };
  return { translate: ["value", translate] };
}

/** An element with its properties and children. */
export function make(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** An icon of the page's sheet; the text beside it says the same. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "mc-icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.querySelector("[data-icons]").dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}
