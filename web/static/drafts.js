// Nothing typed is lost: a form with data-draft="<place>" is kept on the server after each change, and comes back.
//
// What cannot be saved (the net is down, the session has ended) waits in this tab's session storage and is saved when
// it can be. Attributes of the form: data-based-on (last event of its dossier), data-draft-mark and data-draft-at (the
// page was made with the draft filled in), data-draft-typed (it shows what was refused), data-draft-address (where the
// form is found again).
"use strict";

(() => {
  const WAIT = 400; // ms after a change
  const RETRY = 5000; // ms
  const OWN = ["csrf_token", "idempotency_key", "expected", "seen_seq", "draft"];
  const frame = document.getElementById("draft-state");
  if (!frame) return; // nobody is signed in
  const WAITING = `motcua.waiting.${frame.dataset.who}.`;

  const waiting = {
    get(place) {
      try { return JSON.parse(sessionStorage.getItem(WAITING + place)); } catch { return null; }
    },
    set(place, value) {
      try { sessionStorage.setItem(WAITING + place, JSON.stringify(value)); } catch { /* full or forbidden */ }
    },
    drop(place) {
      try { sessionStorage.removeItem(WAITING + place); } catch { /* there is none then */ }
    },
    // What another officer left in this tab is not for this one; what was sent needs to wait no more.
    clear() {
      try {
        const sent = document.querySelector("#messages .alert-success, [data-drafts-sent]") !== null;
        for (const name of Object.keys(sessionStorage).filter((each) => each.startsWith("motcua.waiting."))) {
          const own = name.startsWith(WAITING);
          if (!own || (sent && JSON.parse(sessionStorage.getItem(name)).submitted)) sessionStorage.removeItem(name);
        }
      } catch { /* nothing waits */ }
    },
  };

  class Keeper {
    constructor(form) {
      this.form = form;
      this.place = form.dataset.draft;
      this.seen = form.dataset.draftMark ?? "";
      this.trouble = null; // offline | ended | stale | elsewhere
      this.dirty = false;
      this.submitted = false;
      this.unsent = false; // it was sent in vain, for the net was down
      this.filling = false;
    }

    typed() {
      const found = {};
      for (const [name, value] of new FormData(this.form)) {
        if (typeof value !== "string" || OWN.includes(name)) continue;
        found[name] = name in found ? [found[name], value].flat() : value;
      }
      return found;
    }

    fill(typed) {
      this.filling = true;
      const taken = {};
      for (const field of this.form.elements) {
        const name = field.name;
        if (!name || OWN.includes(name) || ["hidden", "file", "submit", "button"].includes(field.type)) continue;
        const values = [typed[name] ?? []].flat();
        if (field.type === "checkbox" || field.type === "radio") {
          if (field.checked !== values.includes(field.value)) field.click();
        } else if (name in typed) {
          const value = values[taken[name] ?? 0] ?? "";
          taken[name] = (taken[name] ?? 0) + 1;
          if (field.value === value) continue;
          field.value = value;
          field.dispatchEvent(new Event("change", { bubbles: true }));
        }
      }
      for (let around = this.form.closest("details"); around; around = around.parentElement.closest("details")) {
        around.open = true;
      }
      this.filling = false;
    }

    changed() {
      if (this.filling || this.submitted) return;
      this.dirty = true;
      if (this.line) this.line.dataset.state = "waiting";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), WAIT);
    }

    // Saves of one form follow one another: the answer to an older one never stands over a newer.
    async save(insist = false) {
      clearTimeout(this.timer);
      if (this.trouble && !this.form.isConnected) return; // it waits in this tab for whoever opens it again
      if (this.sending) return void (this.again = true);
      if (this.submitted || (this.trouble === "elsewhere" && !insist)) return;
      this.sending = true;
      this.dirty = false;
      const typed = this.typed();
      const said = await this.put(typed, this.form.elements.idempotency_key?.value ?? "", this.seen, insist);
      this.sending = false;
      if (!this.submitted) this.tell(said, typed);
      if (this.again) {
        this.again = false;
        this.changed();
      }
    }

    async put(typed, key, seen, insist = false) {
      const body = new URLSearchParams();
      for (const [name, value] of Object.entries(typed)) for (const each of [value].flat()) body.append(name, each);
      const headers = { "X-CSRFToken": this.form.elements.csrf_token.value, "X-Form-Key": key, "X-Draft-Seen": seen };
      if (this.form.dataset.basedOn) headers["X-Based-On"] = this.form.dataset.basedOn;
      if (insist) headers["X-Draft-Insist"] = "1";
      try {
        const response = await fetch(`/nhap/${this.place}`, { method: "PUT", body, headers, credentials: "same-origin", keepalive: true });
        if (response.status === 401) return { code: "ended" };
        if (response.status === 403) return { code: "stale" };
        if (response.status >= 500 || response.status === 429) return { code: "offline" };
        return await response.json();
      } catch {
        return { code: "offline" };
      }
    }

    tell(said, typed) {
      const key = this.form.elements.idempotency_key?.value ?? "";
      const address = this.form.dataset.draftAddress; // what waits in this tab is found there too
      if (address && location.pathname + location.search !== address) history.replaceState(null, "", address);
      if (said.mark) {
        this.seen = said.mark;
        this.trouble = null;
        waiting.drop(this.place);
        this.show("saved", said.at);
        return;
      }
      const troubles = { "form-draft-elsewhere": "elsewhere", "form-sent": "sent", "invalid-form-draft": "refused" };
      this.trouble = troubles[said.code] ?? said.code;
      if (this.trouble === "sent") return waiting.drop(this.place), this.show("sent");
      waiting.set(this.place, { typed, key, seen: this.seen, submitted: false });
      this.show(this.trouble);
      if (this.trouble === "offline") this.timer = setTimeout(() => this.save(), RETRY);
    }

    // One line of the form says how its draft stands; what is wrong is read out.
    show(state, at = "") {
      if (!this.line) {
        this.line = frame.content.firstElementChild.cloneNode(true);
        (this.form.querySelector("[data-draft-line]") ?? this.form).append(this.line);
        const back = location.pathname + location.search;
        this.line.querySelector("[data-if=ended]").href += `?next=${encodeURIComponent(this.form.dataset.draftAddress ?? back)}`;
        this.line.querySelector("[data-if=stale]").href = this.form.dataset.draftAddress ?? back;
        const discard = this.line.querySelector("[data-discard]");
        discard.value = this.place;
        this.line.querySelector("[data-take]").addEventListener("click", () => this.take());
        this.line.querySelector("[data-insist]").addEventListener("click", () => this.save(true));
      }
      const quiet = ["saved", "restored"].includes(state);
      const words = (this.unsent ? `${frame.dataset.unsent} ` : "") + frame.dataset[state].replace("{at}", at);
      this.line.dataset.state = state;
      this.line.querySelector("[data-said]").textContent = quiet ? words : "";
      this.line.querySelector("[data-trouble]").textContent = quiet ? "" : words;
      for (const each of this.line.querySelectorAll("[data-if]")) each.hidden = !each.dataset.if.split(" ").includes(state);
    }

    async take() {
      const found = (await drafts(this.place)).find((each) => each.place === this.place);
      if (found) this.restore(found);
    }

    restore(found) {
      this.seen = found.mark;
      this.trouble = null;
      waiting.drop(this.place);
      this.fill(found.typed);
      this.show("restored", found.at);
      if (found.changed) {
        const place = this.line.querySelector("[data-changed]");
        place.innerHTML = found.changed;
      }
    }

    // What waits in this tab is newer than what the server has, unless its form was sent after all.
    async bringBack(left, found) {
      if ("draftTyped" in this.form.dataset) return waiting.drop(this.place);
      const said = await this.put(left.typed, left.key, left.seen);
      if (said.code === "form-sent") {
        waiting.drop(this.place);
        if (found) this.restore(found);
        return;
      }
      this.fill(left.typed);
      document.querySelector("[data-draft-gone]")?.remove(); // the server had none; this tab has
      this.tell(said, left.typed);
      if (said.mark) this.show("restored", said.at);
    }

    // True when the form may go.
    submit() {
      if (["offline", "ended", "stale"].includes(this.trouble) || !navigator.onLine) {
        if (!this.trouble) this.trouble = "offline";
        waiting.set(this.place, { typed: this.typed(), key: this.form.elements.idempotency_key?.value ?? "", seen: this.seen, submitted: false });
        this.unsent = true;
        this.show(this.trouble);
        this.line.scrollIntoView({ block: "nearest" });
        this.save();
        return false;
      }
      clearTimeout(this.timer);
      if (this.dirty || this.sending) {
        waiting.set(this.place, { typed: this.typed(), key: this.form.elements.idempotency_key?.value ?? "", seen: this.seen, submitted: true });
      }
      this.submitted = true;
      return true;
    }
  }

  async function drafts(prefix) {
    try {
      const response = await fetch(`/nhap/${prefix}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
      return response.ok && !response.redirected ? await response.json() : [];
    } catch {
      return [];
    }
  }

  const keepers = new Map();

  async function begin(place = document) {
    const here = [...place.querySelectorAll("form[data-draft]")].map((form) => new Keeper(form));
    for (const keeper of here) keepers.set(keeper.form, keeper);
    const asking = here.filter((each) => !("draftMark" in each.form.dataset));
    const prefixes = new Set(asking.map((each) => each.place.slice(0, each.place.lastIndexOf("/") + 1)));
    const found = new Map();
    for (const prefix of prefixes) for (const each of await drafts(prefix)) found.set(each.place, each);
    for (const keeper of here) {
      const left = waiting.get(keeper.place);
      const kept = found.get(keeper.place);
      if (kept && "draftTyped" in keeper.form.dataset) keeper.seen = kept.mark; // what was refused goes on from there
      if (left) await keeper.bringBack(left, kept);
      else if (kept && !keeper.dirty && !("draftTyped" in keeper.form.dataset)) keeper.restore(kept);
      else if (keeper.form.dataset.draftAt) keeper.show("restored", keeper.form.dataset.draftAt);
    }
    document.documentElement.dataset.drafts = "ready";
  }

  const ofEvent = (event) => keepers.get(event.target.form ?? event.target.closest?.("form"));
  document.addEventListener("input", (event) => ofEvent(event)?.changed());
  document.addEventListener("change", (event) => ofEvent(event)?.changed());
  document.addEventListener("submit", (event) => {
    const keeper = keepers.get(event.target);
    if (!keeper) return;
    if (event.submitter?.hasAttribute("data-discard")) return void (keeper.submitted = true, waiting.drop(keeper.place));
    if (!keeper.submit()) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
  window.addEventListener("pageshow", () => keepers.forEach((each) => { each.submitted = false; }));
  window.addEventListener("online", () => keepers.forEach((each) => each.trouble && each.save()));
  window.addEventListener("focus", () => keepers.forEach((each) => each.trouble && each.save()));
  window.addEventListener("beforeunload", (event) => {
    if ([...keepers.values()].some((each) => each.trouble === "offline" && !each.submitted)) event.preventDefault();
  });
  // A tab that is closed before the pause is over sends what it has on its way out.
  window.addEventListener("pagehide", () => keepers.forEach((each) => each.dirty && !each.submitted && each.save()));
  document.addEventListener("DOMContentLoaded", () => {
    waiting.clear();
    begin();
  });
  document.addEventListener("motcua:placed", (event) => begin(event.target));
})();
