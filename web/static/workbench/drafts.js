// Keeps the draft: saves it on the server with the version it was read at, and a copy on this machine until then.
import { word } from "./words.js";

export class Draft {
  constructor({ id, made, version, url, csrf, state, exported, unwritten = () => [], gone = () => {} }) {
    Object.assign(this, { version, url, csrf, state, exported, unwritten, gone });
    this.place = `motcua.draft.${id}.${made}`; // when it was made tells it from another of the same number
    this.dirty = false;
    this.saving = null;
    this.changes = 0;
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty) event.preventDefault();
    });
  }

  /** Notes that the drawing differs from what the server has. */
  touch() {
    this.dirty = true;
    this.changes += 1;
    this.say("unsaved", "unsaved");
  }

  /** Saves; a second call while one is under way waits for that one. */
  save() {
    this.saving ??= this.send().finally(() => (this.saving = null));
    return this.saving;
  }

  async send() {
    const changes = this.changes;
    this.say("saving", "saving");
    try {
      const body = await this.exported();
      const answer = await fetch(this.url, {
        method: "PUT",
        credentials: "same-origin",
        headers: { "Content-Type": "application/xml", "X-CSRFToken": this.csrf, "If-Match": `"${this.version}"`, Accept: "application/json" },
        body,
      });
      if (answer.status === 404) return this.say("failed", word("gone")), this.gone(body), false;
      if (!answer.ok || answer.redirected) return this.say("failed", await reason(answer)), false;
      this.version = await versionOf(answer, this.version);
    } catch {
      return this.say("failed", word("noAnswer")), false;
    }
    this.dirty = this.changes !== changes; // drawn on while the answer came
    if (!this.dirty) this.forget();
    const left = this.unwritten(); // typed, wrong, and so not in what was saved
    if (this.dirty) this.say("unsaved", "unsaved");
    else if (left.length) this.say("unsaved", word("savedWithout", { said: left.map((each) => `${each.label}: “${each.value}”`).join("; ") }));
    else this.say("saved", "saved");
    return true;
  }

  /** Keeps a copy on this machine, for a power cut. */
  keep(xml) {
    if (!this.dirty) return;
    try {
      localStorage.setItem(this.place, JSON.stringify({ version: this.version, at: new Date().toISOString(), xml }));
    } catch {
      /* full or forbidden: the server's copy is the one that counts */
    }
  }

  /** The copy on this machine: {version, at, xml}; null where there is none. */
  kept() {
    try {
      return JSON.parse(localStorage.getItem(this.place));
    } catch {
      return null;
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.place);
    } catch {
      /* nothing was kept */
    }
  }

  // `text`: a key of the page's words, or a sentence.
  say(state, text) {
    this.state.dataset.state = state;
    this.state.textContent = state === "failed" ? `${word("failed")} ${text}` : word(text);
  }
}

async function versionOf(answer, before) {
  const tag = /"([^"]+)"/.exec(answer.headers.get("ETag") ?? "");
  if (tag) return tag[1];
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  return said.version ?? before;
}

async function reason(answer) {
  if (answer.redirected || answer.status === 401) return word("signedOut");
  if ([409, 412, 428].includes(answer.status)) return word("changedMeanwhile");
  const body = await answer.text();
  if (answer.headers.get("Content-Type")?.includes("json")) {
    const said = JSON.parse(body);
    return said.message ?? said.detail ?? said.title ?? word("answered", { status: answer.status });
  }
  // The page that people get for an error says what happened and what to do.
  const page = new DOMParser().parseFromString(body, "text/html");
  const told = [...page.querySelectorAll("main .mc-card > h1, main .mc-card > h1 + p")].map((each) => each.textContent.trim());
  return told.join(". ") || word("answered", { status: answer.status });
}
