// Every page as people see it: in light and dark, on a telephone and on a desk.
// Each is scanned for accessibility, must not scroll sideways, and leaves a
// picture.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, person, picture, scan } from "./chromium.mjs";
import { Tandem, address } from "./program.mjs";

const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];

let tandem;
let browser;
/** Where what was planned has its pages. */
let events;

before(async () => {
  tandem = await Tandem.start();
  browser = await launch();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true });
  await tandem.person("anna");
  await plan();
});

/** A series, a meeting and a task of Anna's. */
async function plan() {
  const at = (day, hour) => `2026-03-${day}T${hour}:00:00Z`;
  const recurrence = {
    type: "weekly", interval: 1, dayOfWeek: ["monday", "thursday"], startTime: at("02", "09"), occurrences: 6,
    timeZone: "Europe/Berlin",
  };
  const series = await tandem.api("POST", "calendar-events?user=anna", {
    title: "Jour fixe", start: at("02", "09"), end: at("02", "10"), timeZone: "Europe/Berlin", recurrence,
  });
  const meeting = await tandem.api("POST", "calendar-events?user=anna", {
    title: "Planning of the fair in Leipzig", description: "<p>Bring the plans.</p>",
    start: at("04", "12"), end: at("04", "14"), timeZone: "Europe/Berlin",
    attendees: [{ email: "guest@elsewhere.example", displayName: "A guest" }],
  });
  const task = await tandem.api("POST", "tasks?user=anna", { subject: "Send the offer", dueDate: at("05", "16") });
  events = { series: `/calendar/events/${series.id}`, meeting: `/calendar/events/${meeting.id}`, task: `/tasks/${task.id}` };
}

const THURSDAY = "occurrence=2026-03-05T09:00:00Z";

after(async () => {
  await browser?.close();
  await tandem?.stop();
});

const PAGES = [
  ["dashboard", "admin", "/"],
  ["calendar", "anna", "/calendar"],
  ["calendar-month", "anna", "/calendar?view=month"],
  ["calendar-list", "anna", "/calendar?view=list"],
  ["event", "anna", () => events.meeting],
  ["event-of-a-series", "anna", () => `${events.series}?${THURSDAY}`],
  ["event-choice", "anna", () => `${events.series}/edit?${THURSDAY}`],
  ["event-delete", "anna", () => `${events.series}/delete?${THURSDAY}`],
  ["event-form", "anna", "/calendar/events/new"],
  ["event-form-of-a-series", "anna", () => `${events.series}/edit`],
  ["tasks", "anna", "/tasks"],
  ["tasks-week", "anna", "/tasks?layout=week"],
  ["tasks-month", "anna", "/tasks?layout=month"],
  ["task", "anna", () => events.task],
  ["settings-system", "admin", "/configuration/system"],
  ["settings-my", "anna", "/configuration/my"],
  ["status", "admin", "/status"],
  ["alerts", "admin", "/alerts"],
  ["conflicts", "anna", "/conflicts"],
  ["users", "admin", "/users"],
];

for (const [name, login, path] of PAGES) {
  test(`appearance of ${name}`, async () => {
    for (const width of WIDTHS) {
      for (const colorScheme of SCHEMES) {
        const page = await person(browser, tandem, login, { viewport: { width, height: 900 }, colorScheme });
        await page.goto(typeof path === "function" ? path() : path);
        await picture(page, `${name}-${width}-${colorScheme}`);
        await scan(page, `${name} ${width} ${colorScheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
        assert.deepEqual(page.complaints, []);
        await page.context().close();
      }
    }
  });
}
