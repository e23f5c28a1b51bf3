// Every page as people see it, and what the forms on it lead to: in light and dark,
// on a telephone and on a desk. Each is scanned for accessibility, must not scroll
// sideways, and leaves a picture; and no link leads to a page that is not among them.

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

/** What a press of "Start synchronizing" leads to. */
async function firstSyncStarted(page) {
  await page.goto("/first-sync");
  await page.getByRole("button", { name: "Start synchronizing" }).click();
  await page.getByText("The first synchronization was started.").waitFor();
  return null;
}

/** What a run would do, above the calendar. */
async function previewOfARun(page) {
  await page.goto("/calendar");
  await page.getByRole("button", { name: "Preview" }).click();
  await page.getByText("Nothing was written").waitFor();
  return null;
}

/** A form of the settings with a value that cannot be. */
async function settingsRefused(page) {
  await page.goto("/configuration/my");
  const interval = page.locator('[data-field="sync.interval-minutes"]');
  await interval.locator("[data-fallback]").uncheck();
  await interval.locator("[data-control]").fill("0");
  await page.getByRole("button", { name: "Save settings" }).click();
  await page.getByText("Nothing was saved.").waitFor();
  return null;
}

/** Where Microsoft asks who signs in and whether they consent. */
async function signInAtMicrosoft() {
  const { authorizeUrl } = await tandem.api("POST", "users/anna/microsoft/connect", {});
  return authorizeUrl;
}

/** What an answer of Microsoft's leads to that nobody waits for. */
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
  ["microsoft-sign-in", undefined, signInAtMicrosoft],
  ["first-sync", "cleo", firstSync],
  ["first-sync-started", "cleo", firstSyncStarted],
  ["preview-of-a-run", "ben", previewOfARun],
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
  ["settings-refused", "ben", settingsRefused],
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

/** Pages that are a refusal on purpose, with its status: the browser tells of that, and of nothing else. */
const REFUSALS = { "refused": 403, "not-found": 404, "connect-ended": 400, "settings-refused": 400 };

/** What a page may complain of. */
function expected(name) {
  const status = REFUSALS[name];
  return status ? [new RegExp(`^Failed to load resource: .* status of ${status} `)] : [];
}

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

/** The window of each person, where they are signed in. */
const windows = new Map();

async function windowOf(login) {
  if (!windows.has(login)) windows.set(login, await person(browser, tandem, login, { reducedMotion: "reduce" }));
  return windows.get(login);
}

for (const [name, login, path] of PAGES) {
  test(`appearance of ${name}`, async () => {
    const page = await windowOf(login);
    page.complaints.length = 0;
    const place = typeof path === "function" ? await path(page) : path;
    if (place) await page.goto(place);
    await note(page);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await picture(page, `${name}-${width}-${colorScheme}`);
        await scan(page, `${name} ${width} ${colorScheme}`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} at ${width}: ${wide} pixels too wide`);
    }
    const complaints = expected(name);
    assert.equal(page.complaints.length, complaints.length, page.complaints.join());
    complaints.forEach((complaint, number) => assert.match(page.complaints[number], complaint));
  });
}

test("no page leads to one that is not among them", () => {
  assert.deepEqual([...led].filter((path) => !shown.has(path)), []);
});
