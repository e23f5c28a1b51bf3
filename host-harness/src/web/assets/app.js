// Makes the pages quicker to use. Every page works without it: this file only
// saves round trips, and asks before something is lost.
"use strict";

(() => {
  const UNSAVED = "You have unsaved changes, are you sure you want to leave this page?";
  const CONNECT_CHANNEL = "tandem-connect";
  const LOST = "The server does not answer, so that this page shows what was last known. It asks again by itself.";
  const ENDED = "This page does not follow what happens any more. Load it again.";
  // How long a page waits that was not answered before it asks again.
  const FOLLOW_AGAIN_MS = 2000;
  // How long a page stays as it is that was drawn anew: what happens meanwhile is drawn together.
  const REDRAW_AGAIN_MS = 2000;
  // How often it is looked whether the window of the sign-in is still open.
  const POPUP_LOOK_MS = 500;
  // Whether the window that was opened last has told how it ended.
  let answered = false;

  // Says that a page asks, and no person: it takes no message from the next page.
  const BY_ITSELF = { "tandem-by-itself": "1" };

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  // --- settings: fallback boxes and conditions ----------------------------

  const fieldOf = (form, key) => all("[data-field]", form).find((row) => row.dataset.field === key);
  const controlOf = (row) => row.querySelector("[data-control]");

  function valueOf(form, key) {
    const row = fieldOf(form, key);
    const control = row ? controlOf(row) : null;
    if (!control) return null;
    return control.type === "checkbox" ? control.checked : control.value;
  }

  function holds(form, condition) {
    if (condition.allPresent) {
      return condition.allPresent.every((key) => {
        const value = valueOf(form, key);
        return typeof value === "boolean" ? value : value !== null && value.trim() !== "";
      });
    }
    const value = valueOf(form, condition.oneOf);
    return value !== null && condition.values.includes(String(value));
  }

  function showInherited(row, control) {
    if (control.dataset.inherited === undefined) return;
    if (control.type === "checkbox") control.checked = control.dataset.inherited === "true";
    else control.value = control.dataset.inherited;
  }

  function refresh(form) {
    for (const row of all("[data-field]", form)) {
      const control = controlOf(row);
      if (!control) continue;
      const box = row.querySelector("[data-fallback]");
      const inherited = Boolean(box && box.checked);
      const failed = JSON.parse(row.dataset.conditions || "[]").filter((condition) => !holds(form, condition));
      row.hidden = failed.some((condition) => condition.effect === "hide");
      // A box that is on stays usable, so that it can be switched off.
      const blocking = failed.find((condition) => condition.effect === "disable");
      const blocked = Boolean(blocking) && !(control.type === "checkbox" && control.checked);
      control.disabled = inherited || blocked;
      const marker = row.querySelector("[data-kept]");
      if (marker) marker.disabled = inherited || !control.disabled;
      const note = row.querySelector("[data-condition-note]");
      if (note) {
        note.hidden = !blocked;
        if (blocked) note.textContent = blocking.why;
      }
      const source = row.querySelector("[data-inherited-note]");
      if (source) source.hidden = !inherited;
    }
  }

  function snapshot(form) {
    return all("input, select, textarea", form)
      .filter((control) => control.name && control.type !== "hidden" && control.type !== "search")
      .map((control) => `${control.name}=${control.type === "checkbox" ? control.checked : control.value}`)
      .join("\n");
  }

  function settingsForm(form) {
    refresh(form);
    form.addEventListener("input", () => refresh(form));
    form.addEventListener("change", (event) => {
      const row = event.target.closest("[data-field]");
      if (row && event.target.matches("[data-fallback]") && event.target.checked) showInherited(row, controlOf(row));
      refresh(form);
    });
  }

  function guardAgainstLoss(form) {
    // A page that comes back with errors holds changes from the start.
    const saved = form.dataset.unsaved === "true" ? null : snapshot(form);
    const note = form.querySelector("[data-unsaved-note]");
    // Somebody has answered, or saves: good for one departure, since what was to be
    // the next page may be none.
    let leaving = false;
    const changed = () => snapshot(form) !== saved;
    const update = () => { if (note) note.hidden = !changed(); };
    form.addEventListener("input", update);
    form.addEventListener("change", update);
    form.addEventListener("submit", () => { leaving = true; });
    update();
    window.addEventListener("beforeunload", (event) => {
      if (!leaving && changed()) event.preventDefault();
      leaving = false;
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (!link || leaving || !changed() || !leadsAway(link, event)) return;
      if (window.confirm(UNSAVED)) leaving = true;
      else event.preventDefault();
    });
    return { changed, discard: () => { leaving = true; } };
  }

  // Whether this press takes the page away: not to another place of it, and not to
  // another window, which is what the keys ask for.
  function leadsAway(link, event) {
    if (event.defaultPrevented || link.target) return false;
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return false;
    const address = new URL(link.href);
    address.hash = "";
    const here = new URL(window.location.href);
    here.hash = "";
    return !link.hash || address.href !== here.href;
  }

  // --- dialogs ------------------------------------------------------------

  // A link that leads to a confirmation page opens the dialog instead.
  function confirmations(guard) {
    for (const opener of all("[data-dialog]")) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (!dialog || typeof dialog.showModal !== "function") continue;
      opener.addEventListener("click", (event) => {
        event.preventDefault();
        event.stopPropagation();
        dialog.showModal();
      });
      for (const button of all("[data-close]", dialog)) button.addEventListener("click", () => dialog.close());
      // The link opens the page anew. Reloading one that came back with errors
      // would send the refused form once more.
      for (const link of all("[data-discard]", dialog)) {
        link.addEventListener("click", () => { if (guard) guard.discard(); });
      }
    }
  }

  // --- quick search -------------------------------------------------------

  function quickSearch(input) {
    const rows = all("[data-search-text]");
    const sections = all("[data-section]");
    const none = document.querySelector("[data-search-none]");
    const links = all("a[href*='#']", input.closest("nav"));
    input.closest("[data-search]").hidden = false;
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      const matches = (element) => element.dataset.searchText.toLowerCase().includes(wanted);
      for (const row of rows) row.classList.toggle("off", wanted !== "" && !matches(row));
      let shown = 0;
      for (const section of sections) {
        const inside = all("[data-search-text]", section).some((row) => !row.hidden && matches(row));
        const visible = wanted === "" || inside || section.dataset.section.toLowerCase().includes(wanted);
        if (visible && !inside) for (const row of all("[data-search-text]", section)) row.classList.remove("off");
        section.hidden = !visible;
        if (visible) shown += 1;
      }
      // The tree leads to what is shown, and to nothing else.
      for (const link of links) {
        const place = document.getElementById(link.hash.slice(1))?.closest("[data-section]");
        link.closest("li").hidden = Boolean(place?.hidden);
      }
      if (none) none.hidden = shown > 0;
    });
  }

  // --- connecting an account ----------------------------------------------

  // Whether the popup is this page's own, and not that of another window.
  let connects = false;

  function connectForm(form) {
    form.addEventListener("submit", () => {
      const popup = window.open("about:blank", "tandem-connect", "popup,width=520,height=680");
      connects = Boolean(popup);
      // Blocked: the whole page goes to Microsoft and comes back.
      if (popup) form.target = "tandem-connect";
      else form.removeAttribute("target");
      if (popup) followPopup(popup);
    });
  }

  // Microsoft shows some errors itself and sends nobody back, so that the end of
  // the window is all that can be told of them.
  function followPopup(popup) {
    const note = document.querySelector("[data-closed-note]");
    if (!note) return;
    for (const told of all("[data-closed-note], [data-ended-note]")) told.hidden = true;
    answered = false;
    const timer = window.setInterval(() => {
      if (!popup.closed) return;
      window.clearInterval(timer);
      note.hidden = answered;
    }, POPUP_LOOK_MS);
  }

  function listenForConnection(guard) {
    if (typeof BroadcastChannel !== "function") return;
    const { account } = document.querySelector("[data-account]").dataset;
    new BroadcastChannel(CONNECT_CHANNEL).addEventListener("message", ({ data }) => {
      // Other pages of the same browser show other people's accounts.
      if (data.about && data.about !== account) return;
      answered = true;
      const connected = data.outcome === "connected";
      // What was entered and not saved is worth more than a fresh page.
      if (guard && guard.changed()) showEnd(connected, data.text);
      else if (connected && connects && data.next) window.location.assign(data.next);
      else window.location.reload();
    });
  }

  // What the window has told, on a page that is not drawn anew.
  function showEnd(connected, text) {
    const note = document.querySelector("[data-ended-note]");
    document.querySelector("[data-connected-note]").hidden = !connected;
    // The window may have been seen to be gone before it was heard.
    for (const closed of all("[data-closed-note]")) closed.hidden = true;
    note.hidden = connected;
    note.textContent = `${text} Save or reset your changes to see the account as it is now.`;
  }

  function reportConnection(result) {
    // The page that opened this one shows the outcome as well; a full-page
    // visit has nothing to close.
    const { outcome, next, about } = result.dataset;
    const text = all("[data-told]", result).map((told) => told.textContent).join(" ");
    const tells = typeof BroadcastChannel === "function";
    if (tells) new BroadcastChannel(CONNECT_CHANNEL).postMessage({ outcome, next, about, text });
    if (!window.opener && window.name !== "tandem-connect") return;
    // Both are what a person has chosen, and the page that opened this one says the rest.
    // Anything else is to be read here first.
    if (outcome === "connected" || (outcome === "cancelled" && tells)) window.close();
    for (const element of all("[data-popup-close]", result)) {
      element.hidden = false;
      element.addEventListener("click", () => window.close());
    }
  }

  // --- pages that follow what happens ---------------------------------------

  // What finds an element after its region was drawn anew.
  const nameOf = (element) => {
    if (element.id) return `#${CSS.escape(element.id)}`;
    if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
    return null;
  };

  // Where the keyboard is in a region: several links may lead to one page.
  function placeIn(region) {
    const name = region.contains(document.activeElement) ? nameOf(document.activeElement) : null;
    return name && { name, at: all(name, region).indexOf(document.activeElement) };
  }

  // Puts the keyboard there again: on the last one where there are fewer now, and on the
  // region where there is none, so that it does not begin anew at the top of the page.
  function focusAt({ name, at }, region) {
    const found = all(name, region);
    const element = found[at] ?? found.at(-1) ?? region;
    if (element === region) region.tabIndex = -1;
    element.focus({ preventScroll: true });
  }

  // What the server answers to a page that asks by itself: nothing where it refuses,
  // or leads elsewhere. Throws where it does not answer.
  async function ask(address) {
    const answer = await fetch(address, { headers: BY_ITSELF });
    if (answer.status >= 500) throw new Error(`expected an answer, but found status ${answer.status}`);
    return answer.ok && !answer.redirected ? answer : null;
  }

  // Draws a region as the server shows it now, and keeps what a person has opened and
  // pressed in it, and where they are.
  async function redraw(region) {
    const answer = await ask(window.location.href);
    const fresh = answer && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(region.id);
    if (!fresh) return null;
    const open = all("details", region).map((details) => details.open);
    all("details", fresh).forEach((details, at) => { details.open = Boolean(open[at]); });
    // What was pressed is on its way still, and is not sent twice.
    const pressed = all("form[data-busy] button[id][aria-disabled=true]", region).map(({ id }) => id);
    const place = placeIn(region);
    region.replaceWith(fresh);
    for (const form of all("form[data-busy]", fresh)) {
      busyForm(form, null);
      if (pressed.includes(form.querySelector("button")?.id)) setBusy(form, true);
    }
    if (place) focusAt(place, fresh);
    return fresh;
  }

  const seen = () => new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
  const pause = (milliseconds) => new Promise((resolve) => { window.setTimeout(resolve, milliseconds); });

  function tell(text) {
    const note = document.querySelector("[data-follow-note]");
    note.hidden = text === "";
    note.textContent = text;
  }

  // Asks what has happened to those whom the region shows, again and again, while the
  // page is looked at. A region that cannot be drawn is left as it is, and it is said
  // that it is.
  async function follow(region) {
    const question = new URLSearchParams(region.dataset.liveUser ? { user: region.dataset.liveUser } : {});
    let current = region;
    let version = Number(region.dataset.live);
    while (current) {
      while (document.hidden) await seen();
      try {
        question.set("version", version);
        const answer = await ask(`/status/changes?${question}`);
        const now = answer ? (await answer.json()).version : null;
        const isNew = now !== version;
        if (isNew) current = answer && await redraw(current);
        tell("");
        if (!isNew || !current) continue;
        // Only what was drawn is known.
        version = Number(current.dataset.live);
        await pause(REDRAW_AGAIN_MS);
      } catch {
        tell(LOST);
        await pause(FOLLOW_AGAIN_MS);
      }
    }
    tell(ENDED);
  }

  // --- small things -------------------------------------------------------

  function copyButton(button) {
    const field = document.getElementById(button.dataset.copy);
    if (!field || !navigator.clipboard) return;
    button.hidden = false;
    const before = [...button.childNodes];
    let timer;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.replaceChildren("Copied");
      window.clearTimeout(timer);
      timer = window.setTimeout(() => button.replaceChildren(...before), 1500);
    });
  }

  // An all-day event has no times.
  function allDay(box) {
    const form = box.form;
    const apply = () => {
      for (const element of all("[data-timed]", form)) element.hidden = box.checked;
    };
    box.addEventListener("change", apply);
    apply();
  }

  // What the button of a form says while nothing is going on: not its text alone, since
  // some of it may be for screen readers only.
  const idle = new WeakMap();

  function setBusy(form, isBusy) {
    const button = form.querySelector("button");
    button.replaceChildren(...(isBusy ? [form.dataset.busy] : idle.get(form)));
    button.setAttribute("aria-disabled", String(isBusy));
  }

  // Says that work is going on, and sends it once.
  function busyForm(form, guard) {
    const button = form.querySelector("button");
    if (!button) return;
    idle.set(form, [...button.childNodes]);
    form.addEventListener("submit", (event) => {
      // Whoever is asked about unsaved changes may stay on the page.
      if (guard && guard.changed()) return;
      if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
      else setBusy(form, true);
    });
  }

  // Somebody came back to the page. Asked for once: a listener of each form would keep
  // every region that was drawn before.
  const nothingIsBusy = () => all("form[data-busy]").forEach((form) => idle.has(form) && setBusy(form, false));

  // What takes a while is begun when its page is there, so that it says so meanwhile.
  const atOnce = (form) => window.addEventListener("pageshow", () => form.requestSubmit(), { once: true });

  const guarded = document.querySelector("form[data-guard]");
  all("form[data-settings]").forEach(settingsForm);
  const guard = guarded ? guardAgainstLoss(guarded) : null;
  confirmations(guard);
  all("[data-quick-search]").forEach(quickSearch);
  all("form[data-connect]").forEach(connectForm);
  if (document.querySelector("[data-account]")) listenForConnection(guard);
  all("[data-outcome]").forEach(reportConnection);
  all("[data-copy]").forEach(copyButton);
  all("[data-all-day]").forEach(allDay);
  all("form[data-busy]").forEach((form) => busyForm(form, guard));
  window.addEventListener("pageshow", nothingIsBusy);
  all("form[data-at-once]").forEach(atOnce);
  all("[data-live]").forEach(follow);
})();
