// Every page as people see it: in light and dark, on a telephone and on a desk.
// Each is scanned for accessibility, must not scroll sideways, and leaves a
// picture.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { connect, launch, person, picture, scan } from "./chromium.mjs";
import { Tandem, address } from "./program.mjs";

const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];

let tandem;
let browser;
/** Where what was planned has its pages. */
let planned;

before(async () => {
  tandem = await Tandem.start();
  browser = await launch();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true });
  await tandem.person("anna");
  await tandem.person("ben");
  await plan("ben");
  await tandem.person("cleo");
  await wait("cleo");
});

/** Somebody whose account is connected, with a series, a meeting and a task on both sides. */
async function plan(login) {
  const page = await person(browser, tandem, login);
  await connect(page, login);
  await page.context().close();
  const at = (day, hour) => `2026-03-${day}T${hour}:00:00Z`;
  const create = (what, body) => tandem.api("POST", `${what}?user=${login}`, body);
  const recurrence = {
    type: "weekly", interval: 1, dayOfWeek: ["monday", "thursday"], startTime: at("02", "09"), occurrences: 6,
    timeZone: "Europe/Berlin",
  };
  const series = await create("calendar-events", {
    title: "Jour fixe", start: at("02", "09"), end: at("02", "10"), timeZone: "Europe/Berlin", recurrence,
  });
  const meeting = await create("calendar-events", {
    title: "Planning of the fair in Leipzig", description: "<p>Bring the plans.</p>",
    start: at("04", "12"), end: at("04", "14"), timeZone: "Europe/Berlin",
    attendees: [{ email: "guest@elsewhere.example", displayName: "A guest" }],
  });
  const task = await create("tasks", { subject: "Send the offer", dueDate: at("05", "16") });
  await tandem.api("POST", "sync", { user: login });
  await create("calendar-events", { title: "Dentist", start: at("03", "08"), end: at("03", "09"), timeZone: "Europe/Berlin" });
  const utc = (day, hour) => ({ dateTime: `2026-03-${day}T${hour}:00:00`, timeZone: "UTC" });
  await tandem.graph(login, "POST", "/me/events", { subject: "Lunch with Carla", start: utc("03", "11"), end: utc("03", "12") });
  await disagree(login, meeting);
  const [{ id: conflict }] = await tandem.api("GET", `conflicts?user=${login}`);
  planned = { conflict: `/conflicts/${conflict}`, series: `/calendar/events/${series.id}`, meeting: `/calendar/events/${meeting.id}`, task: `/tasks/${task.id}` };
}

/** Both sides have another title and another description of a meeting, decided by the rule. */
async function disagree(login, meeting) {
  const paragraphs = (third) => ["Bring the plans.", "We meet at the main gate.", third].map((text) => `<p>${text}</p>`).join("");
  await tandem.api("PATCH", `calendar-events/${meeting.id}`, {
    title: "Planning of the fair in Dresden", description: paragraphs("The hall opens at nine, and the stands have to be ready by ten."),
  });
  const { value } = await tandem.graph(login, "GET", "/me/events?$filter=subject eq 'Planning of the fair in Leipzig'");
  await tandem.graph(login, "PATCH", `/me/events/${value[0].id}`, {
    subject: "Planning of the spring fair", body: { contentType: "html", content: paragraphs("The hall opens at eight.") },
  });
  const report = await tandem.sync(login);
  assert.equal(report.conflicts, 1, JSON.stringify(report));
}

/** Somebody who has connected and not started yet, with something on each side. */
async function wait(login) {
  const page = await person(browser, tandem, login);
  for (const [title, day] of [["Visit at Contoso, with everybody who plans the fair in Leipzig", "10"], ["Dentist", "11"]]) {
    await tandem.api("POST", `calendar-events?user=${login}`, {
      title, start: `2026-03-${day}T09:00:00Z`, end: `2026-03-${day}T10:00:00Z`, timeZone: "Europe/Berlin",
      attendees: [{ email: "guest@elsewhere.example", displayName: "A guest" }],
    });
  }
  await connect(page, login);
  await page.context().close();
}

/** The preview, with what would be written. */
async function firstSync(page) {
  await page.goto("/first-sync");
  await page.locator("#preview-calendar summary").click();
  return null;
}

/** The page of the entry as Microsoft has it. */
async function lunch(page) {
  await page.goto("/calendar");
  return page.locator("a.event.microsoft", { hasText: "Lunch with Carla" }).getAttribute("href");
}

const THURSDAY = "occurrence=2026-03-05T09:00:00Z";

after(async () => {
  await browser?.close();
  await tandem?.stop();
});

const PAGES = [
  ["dashboard", "admin", "/"],
  ["calendar", "anna", "/calendar"],
  ["calendar-week", "ben", "/calendar"],
  ["calendar-month", "ben", "/calendar?view=month"],
  ["calendar-list", "ben", "/calendar?view=list"],
  ["event", "ben", () => planned.meeting],
  ["event-of-a-series", "ben", () => `${planned.series}?${THURSDAY}`],
  ["event-choice", "ben", () => `${planned.series}/edit?${THURSDAY}`],
  ["event-delete", "ben", () => `${planned.series}/delete?${THURSDAY}`],
  ["event-form", "ben", "/calendar/events/new"],
  ["event-form-of-a-series", "ben", () => `${planned.series}/edit`],
  ["event-of-microsoft", "ben", lunch],
  ["tasks", "anna", "/tasks"],
  ["tasks-list", "ben", "/tasks"],
  ["tasks-week", "ben", "/tasks?layout=week"],
  ["tasks-month", "ben", "/tasks?layout=month"],
  ["task", "ben", () => planned.task],
  ["settings-system", "admin", "/configuration/system"],
  ["settings-my", "anna", "/configuration/my"],
  ["settings-my-waiting", "cleo", "/configuration/my"],
  ["first-sync", "cleo", firstSync],
  ["status", "admin", "/status"],
  ["alerts", "admin", "/alerts"],
  ["conflicts", "anna", "/conflicts"],
  ["conflicts-list", "ben", "/conflicts"],
  ["conflict", "ben", () => planned.conflict],
  ["conflict-question", "ben", () => `${planned.conflict}/reverse`],
  ["users", "admin", "/users"],
];

/** The windows of each person, in each width and scheme, where they are signed in. */
const windows = new Map();

async function windowOf(login, width, colorScheme) {
  const key = [login, width, colorScheme].join();
  if (!windows.has(key)) {
    windows.set(key, await person(browser, tandem, login, { viewport: { width, height: 900 }, colorScheme }));
  }
  return windows.get(key);
}

for (const [name, login, path] of PAGES) {
  test(`appearance of ${name}`, async () => {
    for (const width of WIDTHS) {
      for (const colorScheme of SCHEMES) {
        const page = await windowOf(login, width, colorScheme);
        page.complaints.length = 0;
        const place = typeof path === "function" ? await path(page) : path;
        if (place) await page.goto(place);
        await picture(page, `${name}-${width}-${colorScheme}`);
        await scan(page, `${name} ${width} ${colorScheme}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
        assert.deepEqual(page.complaints, []);
      }
    }
  });
}
