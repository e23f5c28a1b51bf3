// Every page as people see it: in light and dark, on a telephone and on a desk.
// Each is scanned for accessibility, must not scroll sideways, and leaves a
// picture; and no page leads to one that is not among them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, person, picture, scan } from "./chromium.mjs";
import { found } from "./company.mjs";
import { Tandem } from "./program.mjs";

const WIDTHS = [360, 1440];
const SCHEMES = ["light", "dark"];

let tandem;
let browser;
/** Where what people have has its pages. */
let places;

before(async () => {
  tandem = await Tandem.start();
  browser = await launch();
  places = await found(browser, tandem);
});

after(async () => {
  await browser?.close();
  await tandem?.stop();
});

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

/** The page of the task as Microsoft has it. */
async function theirTask(page) {
  await page.goto("/tasks");
  return page.locator('a[href^="/tasks/microsoft"]').first().getAttribute("href");
}

/** What Microsoft answers to somebody who does not consent leads to. */
async function cancelled(page) {
  await page.goto("/microsoft-identity/connection/access-token?error=access_denied&state=unknown");
  return null;
}

/** A page of the emulator. */
const emulator = (path) => () => `${tandem.microsoft}/_emulator/${path}`;

/** A page of somebody's mailbox in the emulator. */
const mailbox = (name, tab) => async (page) => {
  await page.goto(`${tandem.microsoft}/_emulator/`);
  const box = await page.getByRole("heading", { name }).getByRole("link").getAttribute("href");
  return `${new URL(box, tandem.microsoft)}${tab}`;
};

/** The first item of a page of the emulator. */
const itemOf = (list, link) => async (page) => {
  await page.goto(await list(page));
  return new URL(await page.locator(link).first().getAttribute("href"), tandem.microsoft).href;
};

const THURSDAY = "occurrence=2026-03-05T09:00:00Z";

const PAGES = [
  ["sign-in", undefined, "/sign-in"],
  ["dashboard", "admin", "/"],
  ["dashboard-of-somebody", "ben", "/"],
  ["calendar", "anna", "/calendar"],
  ["calendar-week", "ben", "/calendar"],
  ["calendar-month", "ben", "/calendar?view=month"],
  ["calendar-list", "ben", "/calendar?view=list"],
  ["event", "ben", () => places.meeting],
  ["event-of-a-series", "ben", () => `${places.series}?${THURSDAY}`],
  ["event-choice", "ben", () => `${places.series}/edit?${THURSDAY}`],
  ["event-delete", "ben", () => `${places.series}/delete?${THURSDAY}`],
  ["event-form", "ben", "/calendar/events/new"],
  ["event-form-of-a-series", "ben", () => `${places.series}/edit`],
  ["event-of-microsoft", "ben", lunch],
  ["tasks", "anna", "/tasks"],
  ["tasks-list", "ben", "/tasks"],
  ["tasks-week", "ben", "/tasks?layout=week"],
  ["tasks-month", "ben", "/tasks?layout=month"],
  ["task", "ben", () => places.task],
  ["task-delete", "ben", () => `${places.task}/delete`],
  ["task-form", "ben", "/tasks/new"],
  ["task-of-microsoft", "ben", theirTask],
  ["settings-system", "admin", "/configuration/system"],
  ["settings-organization", "admin", () => `/configuration/organization/${places.organization}`],
  ["settings-user", "admin", () => `/configuration/user/${places.ben}`],
  ["settings-my", "anna", "/configuration/my"],
  ["settings-my-waiting", "cleo", "/configuration/my"],
  ["settings-my-connected", "ben", "/configuration/my"],
  ["settings-system-reset", "admin", "/configuration/system/reset"],
  ["settings-organization-reset", "admin", () => `/configuration/organization/${places.organization}/reset`],
  ["settings-user-reset", "admin", () => `/configuration/user/${places.ben}/reset`],
  ["settings-my-reset", "ben", "/configuration/my/reset"],
  ["disconnect", "ben", () => `/configuration/user/${places.ben}/microsoft/disconnect`],
  ["connect-ended", "anna", cancelled],
  ["first-sync", "cleo", firstSync],
  ["status", "admin", "/status"],
  ["status-of-somebody", "admin", () => `/status/${places.ben}`],
  ["status-stopped", "dora", () => `/status/${places.dora}`],
  ["compare-again", "admin", () => `/status/${places.ben}/compare-again/calendar`],
  ["compare-again-tasks", "admin", () => `/status/${places.ben}/compare-again/tasks`],
  ["set-aside", "dora", "/set-aside"],
  ["alerts", "admin", "/alerts"],
  ["alert-release", "admin", () => places.release],
  ["conflicts", "anna", "/conflicts"],
  ["conflicts-list", "ben", "/conflicts"],
  ["conflict", "ben", () => places.conflict],
  ["conflict-question", "ben", () => `${places.conflict}/reverse`],
  ["users", "admin", "/users"],
  ["refused", "anna", "/users"],
  ["not-found", "anna", "/nowhere"],
  ["emulator", undefined, emulator("")],
  ["emulator-requests", undefined, emulator("requests?still=1")],
  ["emulator-conformance", undefined, emulator("conformance")],
  ["emulator-faults", undefined, emulator("faults")],
  ["emulator-behaviour", undefined, emulator("behaviour")],
  ["emulator-outbox", undefined, emulator("outbox")],
  ["emulator-notifications", undefined, emulator("notifications")],
  ["emulator-mailbox", undefined, mailbox("Ben Example", "")],
  ["emulator-calendar", undefined, mailbox("Ben Example", "/calendar")],
  ["emulator-event", undefined, itemOf(mailbox("Ben Example", "/calendar"), "a.event")],
  ["emulator-tasks", undefined, mailbox("Ben Example", "/tasks")],
  ["emulator-task", undefined, itemOf(mailbox("Ben Example", "/tasks"), "tbody th a")],
  ["emulator-mail", undefined, mailbox("Ben Example", "/mail")],
];

/** Answers that are a refusal on purpose: the browser tells of them by itself. */
const REFUSALS = ["refused", "not-found", "connect-ended"];

/** Paths that were shown, and those to which a page leads, without what names one thing of many. */
const shown = new Set();
const led = new Set();

const unnamed = (path) => path.split("/").map((word) => /^\d+$|%40|.{24,}/.test(word) ? "{}" : word).join("/");

/** Notes where the page is, and where its links lead. */
async function note(page) {
  shown.add(unnamed(new URL(page.url()).pathname));
  for (const href of await page.locator("a[href]").evaluateAll((links) => links.map(({ href }) => href))) {
    const { origin, pathname } = new URL(href);
    if (origin === tandem.crm || pathname.startsWith("/_emulator/")) led.add(unnamed(pathname));
  }
}

/** The windows of each person, in each width, where they are signed in. */
const windows = new Map();

async function windowOf(login, width) {
  const key = [login, width].join();
  if (!windows.has(key)) {
    windows.set(key, await person(browser, tandem, login, { viewport: { width, height: 900 }, reducedMotion: "reduce" }));
  }
  return windows.get(key);
}

for (const [name, login, path] of PAGES) {
  test(`appearance of ${name}`, async () => {
    for (const width of WIDTHS) {
      const page = await windowOf(login, width);
      page.complaints.length = 0;
      const place = typeof path === "function" ? await path(page) : path;
      if (place) await page.goto(place);
      await note(page);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await picture(page, `${name}-${width}-${colorScheme}`);
        await scan(page, `${name} ${width} ${colorScheme}`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
      if (!REFUSALS.includes(name)) assert.deepEqual(page.complaints, []);
    }
  });
}

test("no page leads to one that is not among them", () => {
  assert.deepEqual([...led].filter((path) => !shown.has(path)), []);
});
