// Who may open what: each page is tried by somebody who is not signed in, by a
// colleague, and by an administrator of another organization; forms without the
// token of the session are refused. Which pages there are is told by the table of
// `tests/spec/isolation.rs`, which a test there compares with the sources.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { connectHere, scan } from "./chromium.mjs";
import { stage } from "./stage.mjs";

/** In everything that is Anna's, and in nothing else. */
const MARK = "Annas-own";

const scene = stage();

/** Anna with an event and a task on both sides, a colleague, and two administrators. */
async function organizations() {
  const tandem = await scene.start();
  await tandem.prepare();
  const anna = await tandem.person("anna");
  await tandem.person("ben");
  await tandem.person("admin", { administrator: true });
  await tandem.person("olga", { organization: "Other", administrator: true });
  const page = await scene.visit("anna", "/configuration/my");
  await connectHere(page, "anna");
  const event = await tandem.api("POST", "calendar-events?user=anna", {
    title: MARK, start: "2026-03-03T09:00:00Z", end: "2026-03-03T10:00:00Z", timeZone: "Europe/Berlin",
  });
  const task = await tandem.api("POST", "tasks?user=anna", { subject: MARK, dueDate: "2026-03-04T15:00:00Z" });
  await tandem.sync("anna");
  await tandem.sync("anna", "tasks");
  const microsoft = [await first(page, "/calendar/microsoft"), await first(page, "/tasks/microsoft")];
  const conflict = await disagree(tandem, event);
  const rail = await hold(tandem);
  const hers = [...own(anna, event, task, conflict), ...microsoft, `/alerts/${rail.id}/release`];
  return { tandem, page, own: hers, general: general(anna), versions: versions(conflict) };
}

/** The page of something of hers that Microsoft has, which names her. */
async function first(page, path) {
  await page.goto(path.replace("/microsoft", ""));
  const href = await page.locator(`a[href^="${path}"]`).first().getAttribute("href");
  assert.match(href, /user=anna/);
  return href;
}

/** So much is deleted in the CRM that a guard rail holds it back. */
async function hold(tandem) {
  const made = [];
  for (let number = 1; number <= 12; number += 1) {
    made.push(await tandem.api("POST", "calendar-events?user=anna", {
      title: `${MARK} ${number}`, start: "2026-03-03T09:00:00Z", end: "2026-03-03T10:00:00Z", timeZone: "Europe/Berlin",
    }));
  }
  await tandem.sync("anna");
  for (const { id } of made) await tandem.api("DELETE", `calendar-events/${id}`);
  await tandem.sync("anna");
  const rail = (await tandem.api("GET", "alerts?user=anna")).find(({ releasable }) => releasable);
  assert.ok(rail, "a guard rail is up");
  return rail;
}

/** Both sides edit the event, and the rule decides. */
async function disagree(tandem, event) {
  await tandem.api("PATCH", `calendar-events/${event.id}`, { title: `${MARK} here` });
  const { value: [there] } = await tandem.graph("anna", "GET", "/me/events");
  await tandem.graph("anna", "PATCH", `/me/events/${there.id}`, { subject: `${MARK} there` });
  await tandem.advance(60);
  await tandem.sync("anna");
  const [conflict] = await tandem.api("GET", "conflicts?user=anna");
  return conflict;
}

/** The pages that show what both sides had, which is the owner's alone. */
const versions = (conflict) => [`/conflicts/${conflict.id}`, `/conflicts/${conflict.id}/reverse`];

/** The pages that are about Anna alone. */
const own = (anna, event, task, conflict) => [
  ...versions(conflict), "/conflicts?user=anna",
  `/configuration/user/${anna.id}`, `/configuration/user/${anna.id}/reset`,
  `/configuration/user/${anna.id}/microsoft/disconnect`, `/status/${anna.id}`,
  `/status/${anna.id}/compare-again/calendar`, "/calendar?user=anna", "/calendar/events/new?user=anna",
  `/calendar/events/${event.id}`, `/calendar/events/${event.id}/edit`, `/calendar/events/${event.id}/delete`,
  "/tasks?user=anna", "/tasks/new?user=anna", `/tasks/${task.id}`, `/tasks/${task.id}/delete`, "/set-aside?user=anna",
  "/first-sync?user=anna", "/preview?user=anna",
];

/** The pages that administrators alone have. */
const general = (anna) => [
  "/configuration/system", "/configuration/system/reset", `/configuration/organization/${anna.organizationId}`,
  `/configuration/organization/${anna.organizationId}/reset`, "/users",
];

/** The pages that everybody has of their own. */
const EVERYBODYS = [
  "/", "/calendar", "/tasks", "/first-sync", "/status", "/conflicts", "/alerts", "/preview", "/set-aside",
  "/configuration/my", "/configuration/my/reset",
];

/** The paths of pages that are about somebody. */
function paths() {
  const table = readFileSync(process.env.TANDEM_PATHS, "utf8").match(/const PAGES: \[\(&str, Page\); (\d+)\] = \[([^]*?)\n\];/);
  assert.ok(table, "expected the table `PAGES`");
  const rows = [...table[2].matchAll(/\("([^"]+)",\s*Page::(\w+)\)/g)];
  assert.equal(rows.length, Number(table[1]), "each row is read");
  return rows.filter(([, , kind]) => kind !== "Shared").map(([, path]) => path);
}

/** The path of a table that an address is of: what is spelled out goes before what is filled in. */
function pathOf(all, address) {
  const [place] = address.split("?");
  const fits = (path) => new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`).test(place);
  return all.find((path) => path === place) ?? all.find(fits);
}

/** Opens a page that has to be refused. */
async function refused(page, path, status) {
  const answer = await page.goto(path);
  assert.equal(answer.status(), status, path);
  assert.equal(await page.getByText(MARK).count(), 0, path);
  assert.equal(await page.getByRole("link", { name: "Dashboard" }).count() > 0, true, `${path}: there is a way back`);
}

test("whoever is not signed in is led to signing in from each page", async () => {
  const { own, general } = await organizations();
  const page = await scene.visit();
  for (const path of [...own, ...general, ...EVERYBODYS]) {
    await page.goto(path);
    assert.match(new URL(page.url()).pathname, /^\/sign-in$/, path);
    assert.equal(await page.getByText(MARK).count(), 0, path);
  }
});

test("no page of somebody is left out here", async () => {
  const { own, general } = await organizations();
  const all = paths();
  const tried = new Set([...own, ...general, ...EVERYBODYS].map((address) => pathOf(all, address)));
  const admin = await scene.visit("admin");
  const opened = [];
  for (const path of all.filter((path) => !tried.has(path))) {
    const answer = await admin.request.get(path.replace(/\{\w+\}/g, "1"));
    // What only takes a form is no page. The scenarios send one to each of them.
    if (answer.status() !== 405) opened.push(path);
  }
  assert.deepEqual(opened, [], "pages that were not tried");
});

test("a colleague is refused on each page of somebody else and of administrators", async () => {
  const { own, general } = await organizations();
  const page = await scene.visit("ben");
  for (const path of own) await refused(page, path, 403);
  for (const path of general) await refused(page, path, 403);
  await scan(page, "a refusal");
  for (const path of EVERYBODYS) {
    assert.equal((await page.goto(path)).status(), 200, path);
    assert.equal(await page.getByText(MARK).count(), 0, path);
    assert.equal(await page.getByText("Anna Example").count(), 0, path);
  }
});

test("an administrator sees that there was a conflict of somebody, and none of the versions", async () => {
  const { versions } = await organizations();
  const page = await scene.visit("admin");
  assert.equal((await page.goto("/conflicts?user=anna")).status(), 200);
  await page.getByText("Title not shown here", { exact: true }).waitFor();
  assert.equal(await page.getByText(MARK).count(), 0);
  for (const path of versions) await refused(page, path, 403);
});

test("an administrator of another organization is refused on each page of this one", async () => {
  const { own, general } = await organizations();
  const page = await scene.visit("olga");
  // What is of another organization does not exist for them.
  for (const path of [...own, ...general.filter((path) => path.includes("organization"))]) {
    await refused(page, path, 404);
  }
  for (const path of [...EVERYBODYS, "/users"]) {
    assert.equal((await page.goto(path)).status(), 200, path);
    assert.equal(await page.getByText("Anna Example").count(), 0, path);
  }
});

test("a form without the token of the session changes nothing and says why", async () => {
  const { page, tandem } = await organizations();
  for (const token of ["", "somebody else's"]) {
    await page.goto("/configuration/my");
    await page.locator('[data-field="sync.interval-minutes"] [data-fallback]').uncheck();
    await page.locator('[data-field="sync.interval-minutes"] [data-control]').fill("44");
    await page.locator('form input[name="csrf"]').evaluateAll((fields, value) => {
      for (const field of fields) field.value = value;
    }, token);
    const [answer] = await Promise.all([
      page.waitForResponse((answer) => answer.request().method() === "POST"),
      page.getByRole("button", { name: "Save settings" }).click(),
    ]);
    assert.equal(answer.status(), 403);
    await page.getByRole("heading", { name: "This form has expired" }).waitFor();
  }
  const effective = await tandem.api("GET", "config/effective?user=anna");
  assert.equal(effective["sync.interval-minutes"].value, 10);
});

test("the cookie of a session is out of reach for scripts, and no page of another site can frame this one", async () => {
  const { page } = await organizations();
  const answer = await page.goto("/configuration/my");
  assert.equal(await page.evaluate(() => document.cookie), "");
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite], [true, "Lax"]);
  const policy = answer.headers()["content-security-policy"];
  assert.match(policy, /frame-ancestors 'none'/);
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval/);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.head.append(script);
    return window.injected === true;
  });
  assert.equal(ran, false, "a script in the page does not run");
});
