// The form of an event: its end moves with its start, and the recurrence editor shows
// what matters for the chosen rule alone. Without this file nothing moves by itself, all
// of the editor is shown, and the server says what does not fit together.
"use strict";

(() => {
  // By the number of `getUTCDay`; the editor has them in the order of a week.
  const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

  const all = (selector, root) => Array.from(root.querySelectorAll(selector));

  // What says a rule: every field of the editor.
  const query = (editor) => {
    const pairs = new URLSearchParams();
    for (const control of all("input, select", editor)) {
      const isBox = control.type === "checkbox" || control.type === "radio";
      if (control.name && (!isBox || control.checked)) pairs.append(control.name, control.value);
    }
    return pairs;
  };

  function ruleEditor(editor) {
    const repeat = editor.querySelector("[name=repeat]");
    const every = editor.querySelector("[name=every]");
    const unit = editor.querySelector("[data-unit-of]");
    const words = editor.querySelector("[data-rule-words]");
    let asked = 0;

    const showParts = () => {
      const chosen = repeat.selectedOptions[0];
      for (const part of all("[data-for]", editor)) part.hidden = !part.dataset.for.split(" ").includes(repeat.value);
      unit.textContent = chosen.dataset.unit;
      every.max = chosen.dataset.max;
    };

    // The server says a rule in words, so that they are the same everywhere.
    const sayWords = async () => {
      const mine = asked += 1;
      try {
        const answer = await fetch(`/calendar/rule?${query(editor)}`);
        const sentence = answer.ok ? await answer.text() : "";
        if (mine === asked) words.textContent = sentence;
      } catch {
        // Nobody answers: the words come with the next page.
        if (mine === asked) words.textContent = "";
      }
    };

    const choose = (name, value) => {
      const radio = editor.querySelector(`[name=${name}][value=${value}]`);
      if (radio) radio.checked = true;
    };

    // Whoever fills in a field means the choice that it belongs to.
    const belongsTo = {
      day_of_month: ["by", "day"], nth: ["by", "nth"], nth_days: ["by", "nth"],
      count: ["ends", "after"], until: ["ends", "until"],
    };

    // What is proposed suits the first day, until somebody has chosen otherwise.
    const followStart = (start) => {
      const boxes = all("[name=weekday]", editor);
      const set = (name, value) => { editor.querySelector(`[name=${name}]`).value = String(value); };
      let hasChosen = false;
      editor.addEventListener("input", (event) => { hasChosen ||= event.target !== repeat; });
      start.addEventListener("input", () => {
        const day = new Date(`${start.value}T00:00:00Z`);
        if (hasChosen || Number.isNaN(day.getTime())) return;
        const weekday = WEEKDAYS[day.getUTCDay()];
        for (const box of boxes) box.checked = box.value === weekday;
        set("nth_days", weekday);
        set("nth", Math.ceil(day.getUTCDate() / 7));
        set("day_of_month", day.getUTCDate());
        set("month", day.getUTCMonth() + 1);
        sayWords();
      });
    };

    editor.classList.add("scripted");
    showParts();
    if (repeat.value === "no") followStart(editor.form.elements.start_on);
    editor.addEventListener("input", (event) => {
      const choice = belongsTo[event.target.name];
      if (choice) choose(...choice);
      showParts();
      sayWords();
    });
  }

  // Whoever moves the start means the same length. Times are those of the clock, so
  // that an event from nine to ten stays one on the day that has 23 hours.
  function span(form) {
    const { start_on: startOn, start_at: startAt, end_on: endOn, end_at: endAt } = form.elements;
    // Where it cannot be changed, a hidden field of the same name says it.
    const allDay = form.querySelector("[data-all-day]");
    const read = (day, time) => {
      const at = Date.parse(`${day.value}T${allDay.checked ? "00:00" : time.value.slice(0, 5)}:00Z`);
      return Number.isNaN(at) ? null : at;
    };
    let start = read(startOn, startAt);
    const follow = () => {
      const now = read(startOn, startAt);
      if (now === null) return;
      const end = read(endOn, endAt);
      if (start !== null && end !== null && end >= start) {
        const [day, time] = new Date(end + (now - start)).toISOString().split("T");
        endOn.value = day;
        if (!allDay.checked) endAt.value = time.slice(0, 5);
      }
      start = now;
    };
    for (const field of [startOn, startAt]) field.addEventListener("input", follow);
    // What a time means is another thing from here on.
    allDay.addEventListener("change", () => { start = read(startOn, startAt); });
  }

  all("[data-span]", document).forEach(span);
  all("[data-rule]", document).forEach(ruleEditor);
})();
