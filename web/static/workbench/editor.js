// The workbench's editor: drawing, properties, findings and saving of one draft. The page says where everything is.
import { Modeler, Viewer } from "../vendor/bpmn-modeler/bpmn-modeler.min.js";
import { Draft } from "./drafts.js";
import { Findings } from "./lint.js";
import { Outline } from "./outline.js";
import { Panel } from "./panel.js";
import { subset } from "./subset.js";
import { make, translation, word } from "./words.js";

const root = document.querySelector("[data-editor]");
const at = (name) => root.querySelector(`[data-${name}]`);
const readOnly = root.dataset.readOnly === "1";
const canvasPlace = at("canvas");

async function text(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) throw new Error(word("answered", { status: answer.status }));
  return answer.text();
}
const json = async (url) => JSON.parse(await text(url));
const beside = (name) => new URL(name, import.meta.url);

function modelerOf(descriptor, vietnamese) {
  const words = translation(vietnamese);
  const options = { container: canvasPlace, moddleExtensions: { motcua: descriptor } };
  if (readOnly) return new Viewer({ ...options, additionalModules: [words] });
  return new Modeler({ ...options, additionalModules: [words, subset] });
}

const exported = async (modeler) => (await modeler.saveXML({ format: true })).xml;

async function ask(modeler, draft) {
  const body = await exported(modeler);
  draft.keep(body);
  const answer = await fetch(root.dataset.lint, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/xml", "X-CSRFToken": root.dataset.csrf, Accept: "application/json" },
    body,
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).findings;
}

function notice(kind, said) {
  const node = make("div", { className: `alert alert-${kind} mc-notice`, role: kind === "danger" ? "alert" : "status" }, said);
  document.getElementById("messages").append(node);
}

// The draft was deleted: what is drawn can still be taken along as a file, from which a new draft is made.
function handOver(xml) {
  document.getElementById("hand-over")?.remove();
  const href = URL.createObjectURL(new Blob([xml], { type: "application/xml" }));
  const link = make("a", { href, download: "so-do.bpmn" }, word("takeAlong"));
  const said = make("div", { className: "alert alert-danger mc-notice", role: "alert", id: "hand-over" }, make("span", {}, `${word("gone")} `, link));
  document.getElementById("messages").append(said);
}

// What bpmn-js could not read is lost at the next save: say so before.
async function open(modeler, xml) {
  try {
    const { warnings } = await modeler.importXML(xml);
    if (warnings.length) notice("warning", word("importWarnings", { said: warnings.slice(0, 3).map((each) => each.message).join("; ") }));
    fit(modeler, 0.75); // too small to read is no beginning
    return true;
  } catch (error) {
    notice("danger", word("importFailed", { said: error.message }));
    return false;
  }
}

const PALETTE = readOnly ? 0 : 110; // px at the left edge that the palette covers

// Shows all of the drawing beside the palette, or its left end where that would be smaller than the least scale.
function fit(modeler, least = 0.1) {
  const canvas = modeler.get("canvas");
  const { inner, outer } = canvas.viewbox();
  const scale = Math.max(Math.min((outer.width - PALETTE - 40) / inner.width, (outer.height - 40) / inner.height, 1), least);
  canvas.viewbox({ x: inner.x - (PALETTE + 20) / scale, y: inner.y - 20 / scale, width: outer.width / scale, height: outer.height / scale });
}

// A copy that was not saved (power cut, closed browser) is offered before anything is drawn over it.
async function offerKept(modeler, draft, xml) {
  const kept = draft.kept();
  if (!kept || readOnly) return;
  if (kept.xml === xml) return draft.forget();
  const dialog = at("restore");
  const time = new Date(kept.at).toLocaleString(document.documentElement.lang);
  const older = String(kept.version) === String(draft.version) ? "" : ` ${word("serverNewer")}`;
  dialog.querySelector("[data-restore-text]").textContent = word("keptCopy", { time }) + older;
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.showModal();
  const answer = await new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue), { once: true }));
  if (answer !== "restore") return draft.forget();
  if (await open(modeler, kept.xml)) draft.touch();
}

function toolbar(modeler, draft, findings) {
  const acts = {
    save: () => draft.save(),
    undo: () => modeler.get("commandStack").undo(),
    redo: () => modeler.get("commandStack").redo(),
    in: () => modeler.get("zoomScroll").stepZoom(1),
    out: () => modeler.get("zoomScroll").stepZoom(-1),
    fit: () => fit(modeler),
    check: () => findings.now(),
  };
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (button) acts[button.dataset.tool]();
  });
  if (readOnly) return;
  const undoable = () => {
    at("tool='undo'").disabled = !modeler.get("commandStack").canUndo();
    at("tool='redo'").disabled = !modeler.get("commandStack").canRedo();
  };
  modeler.on(["commandStack.changed", "import.done"], undoable);
  undoable();
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    document.activeElement?.dispatchEvent(new Event("change", { bubbles: true })); // what is being typed counts
    draft.save();
  });
}

// Keys on the drawing are the drawing's (h: hand tool, …), not the page's one-letter keys.
function keepKeys() {
  canvasPlace.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  const drawing = canvasPlace.querySelector("svg[tabindex]") ?? canvasPlace.querySelector("svg");
  drawing?.setAttribute("role", readOnly ? "img" : "application");
  drawing?.setAttribute("aria-label", root.dataset.label);
}

async function start() {
  const [xml, data, { templates, groups }, descriptor, vietnamese] = await Promise.all([
    text(root.dataset.xml), json(root.dataset.palette), json(beside("templates.json")), json(beside("moddle.json")), json(beside("vi.json")),
  ]);
  const modeler = modelerOf(descriptor, vietnamese);
  const draft = new Draft({ id: root.dataset.draft, made: root.dataset.made, version: root.dataset.version, url: root.dataset.save, csrf: root.dataset.csrf, state: at("state"), exported: () => exported(modeler), unwritten: () => panel.unwritten(), gone: handOver });
  const panel = new Panel(modeler, at("panel"), { templates, groups, data, readOnly });
  const findings = new Findings(modeler, { list: at("findings"), status: at("finding-count"), ask: () => ask(modeler, draft), unwritten: () => panel.unwritten() });
  new Outline(modeler, at("outline"), { templates, readOnly, look: (element) => findings.look(element) });
  if (!(await open(modeler, xml))) return;
  modeler.on("commandStack.changed", ({ trigger }) => trigger !== "clear" && draft.touch());
  toolbar(modeler, draft, findings);
  keepKeys();
  await offerKept(modeler, draft, xml);
  root.dataset.ready = "1";
}

start().catch((error) => notice("danger", word("importFailed", { said: error.message })));
