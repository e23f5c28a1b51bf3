// Every page as people see it, and what the forms on it lead to: in light and dark,
// on a telephone and on a desk. Each is scanned for accessibility, must not scroll
// sideways, nor any table on a telephone, and leaves a picture; and no link leads to a
// page that is not among them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { cancelled, connected, consentNeeded, notSetUp, wrongDirectory } from "./account_states.mjs";
import { launch, person, picture, scan, still } from "./chromium.mjs";
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

/** A form with nothing in it is refused. */
const refusedForm = (path) => async (page) => {
  await page.goto(path);
  await page.locator("main form button.primary").click();
  await page.getByText("Nothing was saved.").waitFor();
  return null;
};

/** A page with the dialog that a press opens. */
const dialogOf = (path, link) => async (page) => {
  await page.goto(path);
  await page.getByRole("link", { name: link }).first().click();
  await page.getByRole("dialog").waitFor();
  return null;
};

/** What was found when somebody checked whether their account works. */
async function checked(page) {
  await page.goto("/configuration/my");
  await page.getByRole("button", { name: "Check Connection" }).click();
  await page.getByRole("list", { name: "Steps of the check" }).waitFor();
  return null;
}

/** Somebody's runs, opened. */
async function history(page) {
  await page.goto(`/status/${places.ben}`);
  await page.locator("#resource-calendar summary").click();
  return null;
}

/** The conflict after its decision was taken back. */
async function reversed(page) {
  await page.goto(`${places.conflict}/reverse`);
  await page.getByRole("button", { name: "Use the other version" }).click();
  await page.getByText("the other version took its place.").waitFor();
  return null;
}

/** Where Microsoft asks who signs in and whether they consent. */
async function signInAtMicrosoft() {
  const { authorizeUrl } = await tandem.api("POST", "users/anna/microsoft/connect", {});
  return authorizeUrl;
}

/** What an answer of Microsoft's leads to that nobody waits for. */
async function unasked(page) {
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
  ["calendar-week", "ben", "/calendar?view=week"],
  ["calendar-month", "ben", "/calendar?view=month"],
  ["calendar-list", "ben", "/calendar?view=list"],
  ["event", "ben", () => places.meeting],
  ["event-of-a-series", "ben", () => `${places.series}?${THURSDAY}`],
  ["event-choice", "ben", () => `${places.series}/edit?${THURSDAY}`],
  ["event-form-of-an-occurrence", "ben", () => `${places.series}/edit?${THURSDAY}&scope=this`],
  ["event-delete", "ben", () => `${places.series}/delete?${THURSDAY}`],
  ["event-form", "ben", "/calendar/events/new"],
  ["event-form-of-a-series", "ben", () => `${places.series}/edit`],
  ["event-of-microsoft", "ben", lunch],
  ["event-refused", "ben", refusedForm("/calendar/events/new")],
  ["tasks", "anna", "/tasks"],
  ["tasks-list", "ben", "/tasks"],
  ["tasks-all", "ben", "/tasks?view=all"],
  ["tasks-week", "ben", "/tasks?layout=week"],
  ["tasks-month", "ben", "/tasks?layout=month"],
  ["task", "ben", () => places.task],
  ["task-delete", "ben", () => `${places.task}/delete`],
  ["task-form", "ben", "/tasks/new"],
  ["task-of-microsoft", "ben", theirTask],
  ["task-refused", "ben", refusedForm("/tasks/new")],
  ["settings-system", "admin", "/configuration/system"],
  ["settings-organization", "admin", () => `/configuration/organization/${places.organization}`],
  ["settings-user", "admin", () => `/configuration/user/${places.ben}`],
  ["settings-my", "anna", "/configuration/my"],
  ["settings-my-waiting", "cleo", "/configuration/my"],
  ["settings-my-connected", "ben", "/configuration/my"],
  ["settings-my-paused", "emil", "/configuration/my"],
  ["settings-my-refused", "frida", "/configuration/my"],
  ["settings-my-shared", "gerd", "/configuration/my"],
  ["settings-my-checked", "ben", checked],
  ["settings-my-checked-refused", "emil", checked],
  ["settings-reset-dialog", "anna", dialogOf("/configuration/my", "Reset")],
  ["settings-disconnect-dialog", "ben", dialogOf("/configuration/my", /^Disconnect/)],
  ["settings-system-reset", "admin", "/configuration/system/reset"],
  ["settings-organization-reset", "admin", () => `/configuration/organization/${places.organization}/reset`],
  ["settings-user-reset", "admin", () => `/configuration/user/${places.ben}/reset`],
  ["settings-my-reset", "ben", "/configuration/my/reset"],
  ["disconnect", "ben", () => `/configuration/user/${places.ben}/microsoft/disconnect`],
  ["connect-ended", "anna", unasked],
  ["microsoft-sign-in", undefined, signInAtMicrosoft],
  ["settings-my-permission-missing", "hugo", "/configuration/my"],
  ["settings-of-another", "admin", () => `/configuration/user/${places.anna}`],
  ["connect-cancelled", "ida", cancelled("ida")],
  ["settings-my-cancelled", "ida", "/configuration/my"],
  ["connect-consent-needed", "ida", (page) => consentNeeded(tandem, "ida")(page)],
  ["settings-my-consent-needed", "ida", "/configuration/my"],
  ["connect-done", "ida", connected("ida")],
  ["first-sync", "cleo", firstSync],
  ["first-sync-started", "cleo", firstSyncStarted],
  ["preview-of-a-run", "ben", previewOfARun],
  ["status", "admin", "/status"],
  ["status-searched", "admin", "/status?q=example&sort=linked&order=desc"],
  ["status-history", "admin", history],
  ["status-of-somebody", "admin", () => `/status/${places.ben}`],
  ["status-shared", "gerd", () => `/status/${places.gerd}`],
  ["status-stopped", "dora", () => `/status/${places.dora}`],
  ["compare-again", "admin", () => `/status/${places.ben}/compare-again/calendar`],
  ["compare-again-tasks", "admin", () => `/status/${places.ben}/compare-again/tasks`],
  ["set-aside", "dora", "/set-aside"],
  ["set-aside-of-somebody", "admin", "/set-aside?user=dora"],
  ["alerts", "admin", "/alerts"],
  ["alerts-of-somebody", "dora", "/alerts"],
  ["alerts-searched", "admin", "/alerts?q=example&sort=user&order=desc"],
  ["alerts-none-found", "admin", "/alerts?q=nothing+like+that"],
  ["alerts-resolved", "ben", "/alerts?resolved=true"],
  ["alert-release", "admin", () => places.release],
  ["conflicts", "anna", "/conflicts"],
  ["conflicts-list", "ben", "/conflicts"],
  ["conflicts-of-everybody", "admin", "/conflicts"],
  ["conflict", "ben", () => places.conflict],
  ["conflict-question", "ben", () => `${places.conflict}/reverse`],
  ["conflict-reversed", "ben", reversed],
  ["users", "admin", "/users"],
  ["refused", "anna", "/users"],
  ["not-found", "anna", "/nowhere"],
  ["settings-refused", "ben", settingsRefused],
  // Last of the CRM's: no account is refused or paused any more as it was before.
  ["settings-my-wrong-directory", "ben", (page) => wrongDirectory(tandem)(page)],
  ["settings-my-not-set-up", "anna", (page) => notSetUp(tandem)(page)],
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
const REFUSALS = {
  "refused": 403, "not-found": 404, "connect-ended": 400, "settings-refused": 400, "event-refused": 400, "task-refused": 400,
  "connect-cancelled": 400, "connect-consent-needed": 400,
};

/** What a page may complain of. */
function expected(name) {
  const status = REFUSALS[name];
  return status ? [new RegExp(`^Failed to load resource: .* status of ${status} `)] : [];
}

/** Addresses that were shown, and those to which a page leads, without what names one thing of many. */
const shown = new Set();
const led = new Set();

/** What a query says that makes another page. The rest of it says of whom, of which day, or in which order. */
const LOOKS = ["resolved", "view", "layout", "scope"];

/** The path of an address, and each look of it. */
function pagesOf({ pathname, searchParams }) {
  const path = pathname.split("/").map((word) => /^\d+$|%40|.{24,}/.test(word) ? "{}" : word).join("/");
  const looks = [...searchParams].filter(([name]) => LOOKS.includes(name));
  return [path, ...looks.map(([name, value]) => `${path}?${name}=${value}`)];
}

/** Notes where the page is, and where its links lead. */
async function note(page) {
  for (const one of pagesOf(new URL(page.url()))) shown.add(one);
  for (const href of await page.locator("a[href]").evaluateAll((links) => links.map(({ href }) => href))) {
    const address = new URL(href);
    const isOurs = address.origin === tandem.crm || address.pathname.startsWith("/_emulator/");
    if (isOurs) for (const one of pagesOf(address)) led.add(one);
  }
}

/** What is cut at the side of the page, or would be scrolled to there. */
const cut = () => [...document.querySelectorAll("html, .table-wrap")]
  .filter((element) => element.scrollWidth > element.clientWidth)
  .map((element) => `${element.className || element.localName}: ${element.scrollWidth} > ${element.clientWidth}`);

/** In how many lines the navigation stands. */
const lines = () => new Set([...document.querySelectorAll(".nav > li")].map((item) => item.getBoundingClientRect().top)).size;

/** The window of each person, where they are signed in. */
const windows = new Map();

async function windowOf(login) {
  if (!windows.has(login)) {
    const page = await person(browser, tandem, login, { reducedMotion: "reduce" });
    // No page is drawn anew between its pictures, or while it is scanned.
    await still(page);
    windows.set(login, page);
  }
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
      assert.deepEqual(await page.evaluate(cut), [], `${name} at ${width}`);
      if (width === WIDTHS.at(-1)) assert.ok(await page.evaluate(lines) <= 1, `${name}: the navigation is in one line`);
    }
    const complaints = expected(name);
    assert.equal(page.complaints.length, complaints.length, page.complaints.join());
    complaints.forEach((complaint, number) => assert.match(page.complaints[number], complaint));
  });
}

test("no page leads to one that is not among them", () => {
  assert.deepEqual([...led].filter((path) => !shown.has(path)), []);
});
