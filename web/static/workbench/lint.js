// What the linter says of the drawing, beside it and on it; asked again a moment after each change.
import { is } from "../vendor/bpmn-modeler/bpmn-modeler.min.js";
import { icon, make, word } from "./words.js";

const PAUSE = 600; // ms after the last change
const SIGNS = { error: "cross", warning: "overdue" };
const english = document.documentElement.lang === "en";

const PALETTE = 110; // px

// The middle of an element; of a pool or lane that is wider than the view, of its beginning.
function middle(element, view) {
  if (element.waypoints) {
    const half = element.waypoints.length / 2;
    const [a, b] = [element.waypoints[Math.ceil(half) - 1], element.waypoints[Math.floor(half)]];
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }
  const [width, height] = [Math.min(element.width, view.width * 0.7), Math.min(element.height, view.height * 0.7)];
  return { x: element.x + width / 2, y: element.y + height / 2 };
}

export class Findings {
  /** `ask` fetches what the linter says of the drawing; `unwritten` gives findings on what is typed and not in it. */
  constructor(modeler, { list, status, ask, unwritten = () => [] }) {
    Object.assign(this, { modeler, list, status, ask, unwritten });
    this.asked = 0;
    this.said = [];
    modeler.on("motcua.refused", () => this.show(this.said));
    this.marked = [];
    modeler.on(["commandStack.changed", "import.done"], () => this.soon());
  }

  /** Asks after a pause, so that typing and dragging ask once. */
  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE);
  }

  async now() {
    clearTimeout(this.timer);
    const number = (this.asked += 1);
    let findings = null;
    try {
      findings = await this.ask();
    } catch {
      /* told below */
    }
    if (number !== this.asked) return; // a later question is under way
    if (findings === null) this.status.textContent = word("lintFailed");
    else this.show(findings);
  }

  show(said) {
    this.said = said;
    const findings = [...this.unwritten(), ...said];
    const sorted = [...findings].sort((a, b) => (a.severity === "error" ? 0 : 1) - (b.severity === "error" ? 0 : 1));
    const errors = findings.filter((each) => each.severity === "error").length;
    this.status.textContent = findings.length ? word("findings", { errors, warnings: findings.length - errors }) : word("noFindings");
    this.list.replaceChildren(...sorted.map((each) => this.entry(each)));
    this.mark(sorted);
    this.list.dataset.asked = String(this.asked);
  }

  entry(finding) {
    const element = this.elementOf(finding.where);
    const severity = finding.severity === "error" ? "error" : "warning";
    const isVietnamese = !english && Boolean(finding.message_vi);
    const said = make("span", { lang: isVietnamese ? "vi" : "en" }, (isVietnamese ? finding.message_vi : finding.message) ?? "");
    const name = element?.businessObject.get?.("name") || finding.where;
    const inside = [
      icon(SIGNS[severity]),
      make("span", {}, make("strong", {}, `${word(severity)}: `), said, make("span", { className: "mc-quiet" }, ` ${name} · ${finding.rule}`)),
    ];
    if (!element) return make("li", { className: `mc-finding mc-finding-${severity}` }, make("div", {}, ...inside));
    return make("li", { className: `mc-finding mc-finding-${severity}` }, make("button", { type: "button", onclick: () => this.look(element) }, ...inside));
  }

  /** The drawn element that a finding names; what lies inside a called part is shown at its call, a process at its pool. */
  elementOf(where = "") {
    const registry = this.modeler.get("elementRegistry");
    const found = registry.get(where) ?? registry.get(where.split("__")[0]);
    if (found) return found;
    return registry.find((element) => is(element, "bpmn:Participant") && element.businessObject.get("processRef")?.id === where);
  }

  /** Chooses an element and brings it to the middle of what the palette leaves free. */
  look(element) {
    const canvas = this.modeler.get("canvas");
    if (element === canvas.getRootElement()) return this.modeler.get("selection").select([]);
    this.modeler.get("selection").select(element);
    if (canvas.zoom() < 0.6) canvas.zoom(0.9);
    const box = canvas.viewbox();
    const at = middle(element, box);
    canvas.viewbox({ x: at.x - box.width / 2 - PALETTE / 2 / box.scale, y: at.y - box.height / 2, width: box.width, height: box.height });
  }

  mark(findings) {
    const [canvas, overlays] = [this.modeler.get("canvas"), this.modeler.get("overlays")];
    for (const [id, marker] of this.marked) if (this.modeler.get("elementRegistry").get(id)) canvas.removeMarker(id, marker);
    overlays.remove({ type: "finding" });
    const worst = new Map();
    for (const each of findings) {
      const element = this.elementOf(each.where);
      if (element && element !== canvas.getRootElement() && !worst.has(element.id)) worst.set(element.id, each);
    }
    this.marked = [...worst].map(([id, { severity, message, message_vi: vietnamese }]) => {
      const kind = severity === "error" ? "error" : "warning";
      const marker = `mc-found-${kind}`;
      canvas.addMarker(id, marker);
      const sign = make("div", { className: `mc-sign mc-sign-${kind}`, title: (english ? message : vietnamese ?? message) ?? "" }, icon(SIGNS[kind]), word(kind));
      overlays.add(id, "finding", { position: { top: -14, left: 4 }, scale: { min: 0.9, max: 1.2 }, html: sign });
      return [id, marker];
    });
  }
}
