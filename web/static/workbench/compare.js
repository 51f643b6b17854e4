// Two versions side by side: what was added, removed and changed, by colour and sign on the drawings and in a table.
import { make, say, word } from "./words.js";

const SIGNS = { added: "+", removed: "−", changed: "~" };
const root = document.querySelector("[data-compare]");
const at = (name) => root.querySelector(`[data-${name}]`);

async function get(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer;
}

async function draw(side) {
  const place = at(`side='${side}'`);
  const viewer = new BpmnJS({ container: place });
  await viewer.importXML(await (await get(root.dataset[side])).text());
  viewer.get("canvas").zoom("fit-viewport", "auto");
  // One image to assistive technology: the table below tells the same.
  const drawing = place.querySelector(".djs-container");
  drawing.querySelectorAll("[tabindex]").forEach((inner) => inner.removeAttribute("tabindex"));
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", place.dataset.label);
  return viewer;
}

// What one drawing shows, the other shows too; at the beginning all of both.
function together(viewers) {
  const inner = viewers.map((viewer) => viewer.get("canvas").viewbox().inner);
  const [x, y] = [Math.min(...inner.map((each) => each.x)), Math.min(...inner.map((each) => each.y))];
  const [right, bottom] = [Math.max(...inner.map((each) => each.x + each.width)), Math.max(...inner.map((each) => each.y + each.height))];
  for (const viewer of viewers) viewer.get("canvas").viewbox({ x: x - 10, y: y - 10, width: right - x + 20, height: bottom - y + 20 });
  let following = false;
  for (const [leader, follower] of [viewers, [...viewers].reverse()]) {
    leader.on("canvas.viewbox.changed", ({ viewbox }) => {
      if (following) return;
      following = true;
      follower.get("canvas").viewbox({ x: viewbox.x, y: viewbox.y, width: viewbox.width, height: viewbox.height });
      following = false;
    });
  }
}

// What is drawn for an id; of a process, its pool.
function drawn(viewer, id) {
  const registry = viewer.get("elementRegistry");
  return registry.get(id) ?? registry.find((element) => element.type === "bpmn:Participant" && element.businessObject.processRef?.id === id);
}

function mark(viewer, ids, kind) {
  for (const element of ids.map((id) => drawn(viewer, id)).filter(Boolean)) {
    if (element.type !== "bpmn:Participant") viewer.get("canvas").addMarker(element, `mc-diff-${kind}`); // a pool has its badge only
    const badge = make("div", { className: `mc-badge mc-badge-${kind}`, title: word(kind) }, SIGNS[kind]);
    viewer.get("overlays").add(element, "difference", { position: { top: -12, left: -8 }, scale: { min: 0.8, max: 1.2 }, html: badge });
  }
}

function look(viewers, id) {
  const viewer = viewers.find((each) => drawn(each, id));
  if (!viewer) return;
  const canvas = viewer.get("canvas");
  if (canvas.zoom() < 0.7) canvas.zoom(0.8);
  canvas.scrollToElement(drawn(viewer, id), 100);
  root.scrollIntoView({ block: "start" });
}

// The properties panel says what fields, and kinds of elements, are called.
async function vocabulary() {
  const { templates } = await (await get(new URL("templates.json", import.meta.url))).json();
  const fields = new Map();
  const note = (key, label) => fields.has(key) || fields.set(key, say(label));
  for (const { binding, id, label } of templates.flatMap((each) => each.properties)) {
    if (binding.element && binding.name) note(`${binding.element}.${binding.name}`, label);
    if (binding.type !== "motcua:attribute") note(id === "part" ? "calledElement" : id, label);
  }
  const kinds = new Map(templates.flatMap(({ name, event, appliesTo }) => (event ? [] : appliesTo.map((type) => [type, say(name)]))));
  return {
    field: (name, isProcess) => fields.get(`${isProcess ? "procedure" : "step"}.${name}`) ?? fields.get(name) ?? word(name),
    kind: (name) => kinds.get(`bpmn:${name[0].toUpperCase()}${name.slice(1)}`) ?? name,
  };
}

function rowsOf(diff) {
  const rows = [];
  for (const kind of ["added", "removed"]) rows.push(...diff[kind].map((id) => ({ kind, id })));
  for (const { id, what } of diff.changed) rows.push(...what.map((each, index) => ({ kind: "changed", id, ...each, first: index === 0 })));
  return rows;
}

// Values as people read them: amounts of time, yes or no, kinds and places in words.
function told(field, value, { kind }, nameOf) {
  if (value === null || value === undefined || value === "") return word("nothing");
  if (field === "kind") return kind(value);
  if (field === "flows") return value.replace(/(^|, )([A-Za-z_][\w-]*)/g, (_, before, id) => before + nameOf(id, id));
  return String(value)
    .replace(/\b(working_day|working_hour|calendar_day)\b/g, (unit) => word(unit))
    .replace(/^(true|false)$/, (flag) => word(flag));
}

function fill(diff, viewers, words) {
  const [older, newer] = viewers;
  const nameOf = (id, otherwise = `${word("element")} ${id}`) => {
    const it = (drawn(newer, id) ?? drawn(older, id))?.businessObject;
    if (it?.get("name")) return it.get("name");
    if (!it?.sourceRef || !it.targetRef) return otherwise;
    return [it.sourceRef, it.targetRef].map((end) => end.get("name") || end.id).join(" → ");
  };
  const rows = rowsOf(diff);
  at("rows-of").replaceChildren(...rows.map(({ kind, id, field, old, new: fresh }) => {
    const isProcess = newer.getDefinitions().get("rootElements").some((each) => each.id === id);
    const open = make("button", { type: "button", className: "btn btn-link btn-sm p-0 text-start", onclick: () => look(kind === "removed" ? viewers : [newer, older], id) }, nameOf(id));
    const badge = make("span", { className: `mc-badge mc-badge-${kind}` }, `${SIGNS[kind]} ${word(kind)}`);
    const cell = (value) => make("td", {}, field ? told(field, value, words, nameOf) : "");
    return make("tr", {}, make("td", {}, badge), make("td", {}, open), make("td", {}, field ? words.field(field, isProcess) : ""), cell(old), cell(fresh));
  }));
  at("table").hidden = rows.length === 0;
  const counts = ["added", "removed", "changed"].map((kind) => word(`${kind}Count`, { n: diff[kind].length }));
  at("summary").textContent = rows.length ? `${counts.join(", ")}.` : word("same");
}

async function start() {
  const [older, newer, diff, words] = await Promise.all([draw("old"), draw("new"), get(root.dataset.diff).then((answer) => answer.json()), vocabulary()]);
  mark(older, diff.removed, "removed");
  mark(newer, diff.added, "added");
  for (const viewer of [older, newer]) mark(viewer, diff.changed.map((each) => each.id), "changed");
  together([older, newer]);
  fill(diff, [older, newer], words);
  root.dataset.ready = "1";
}

start().catch((error) => (at("summary").textContent = word("compareFailed", { said: error.message })));
