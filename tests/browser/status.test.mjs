// The status for the administrator: the list of everybody, and a user's page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, leads, person, scan, still } from "./chromium.mjs";
import { Tandem, address } from "./program.mjs";

/** How long a page stays as it is that was drawn anew. */
const REDRAW_AGAIN_MS = 2000;

let tandem;
let browser;

before(async () => {
  browser = await launch();
  tandem = await Tandem.start();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true });
  for (const login of ["anna", "ben", "cleo"]) await tandem.person(login);
  await tandem.connect("anna");
  await tandem.connect("ben");
});

after(async () => {
  await browser?.close();
  await tandem?.stop();
});

/** An event of a person in the CRM, tomorrow. */
const event = (login, title) => tandem.api("POST", `calendar-events?user=${login}`, {
  title, start: "2026-03-03T09:00:00Z", end: "2026-03-03T10:00:00Z", timeZone: "Europe/Berlin",
});

const rows = (page) => page.locator("#status-list tbody tr:not(.continued)");
const names = (page) => rows(page).locator("th").allInnerTexts();

test("a row for every user and resource, searched and sorted in the address", async () => {
  await event("anna", "Linked");
  await tandem.sync("anna");
  const page = await person(browser, tandem, "admin");
  await still(page);
  await page.goto("/status");
  assert.equal(await rows(page).count(), 8);
  await page.getByLabel("Search users").fill("BEN");
  await leads(page, () => page.getByRole("button", { name: "Search" }).click());
  assert.deepEqual([...new Set(await names(page))], ["Ben Example"]);
  await page.getByLabel("Search users").fill("");
  await leads(page, () => page.getByRole("button", { name: "Search" }).click());
  const heading = page.getByRole("columnheader", { name: "User" });
  assert.equal(await heading.getAttribute("aria-sort"), "ascending");
  await leads(page, () => heading.getByRole("link").click());
  assert.equal(await heading.getAttribute("aria-sort"), "descending");
  assert.equal((await names(page))[0], "Cleo Example");
  await leads(page, () => page.getByRole("columnheader", { name: "Linked" }).getByRole("link").click());
  assert.equal((await names(page))[0], "Anna Example");
  // Who stands still is found without a search.
  await page.getByLabel("State").selectOption("Not connected");
  await leads(page, () => page.getByRole("button", { name: "Search" }).click());
  assert.deepEqual([...new Set(await names(page))], ["Admin Example", "Cleo Example"]);
  await scan(page, "status with users");
  await page.context().close();
});

test("on a telephone a list is sorted by its form, and the keyboard stops at nothing that is not seen", async () => {
  const page = await person(browser, tandem, "admin", { javaScriptEnabled: false });
  await page.setViewportSize({ width: 360, height: 800 });
  for (const path of ["/status", "/alerts", "/conflicts"]) {
    await page.goto(path);
    await page.getByLabel("Sort by").selectOption("User");
    await page.getByLabel("Order").selectOption("Descending");
    await leads(page, () => page.getByRole("button", { name: "Search" }).click());
    assert.match(page.url(), /sort=user&order=desc/);
    assert.equal(await page.getByLabel("Sort by").inputValue(), "user", path);
    assert.equal(await page.getByLabel("Order").inputValue(), "desc", path);
  }
  await page.goto("/status?sort=user&order=desc");
  assert.equal((await names(page))[0], "Cleo Example");
  const stops = () => page.locator("thead a").evaluateAll((links) => links.filter((link) => {
    link.focus();
    return link === document.activeElement;
  }).length);
  assert.equal(await stops(), 0);
  // Where the headings are seen, they sort, and the form keeps how.
  await page.setViewportSize({ width: 1440, height: 900 });
  assert.equal(await page.getByLabel("Sort by").isVisible(), false);
  assert.ok(await stops() > 10);
  await page.getByLabel("Search users").fill("example");
  await leads(page, () => page.getByRole("button", { name: "Search" }).click());
  assert.match(page.url(), /q=example&state=&sort=user&order=desc/);
  assert.equal((await names(page))[0], "Cleo Example");
  await page.context().close();
});

/** The number of each bar, without a pointer: a link of the chart leads to the table, which opens. */
async function followChart(page, calendar) {
  const chart = calendar.getByRole("figure", { name: "Items written" });
  const labels = await chart.locator("rect title").allTextContents();
  const axis = await chart.locator(".axis span").allInnerTexts();
  assert.deepEqual(axis, [labels[0], labels.at(-1)].map((label) => label.replace(/: [^:]*$/, "")));
  assert.match(await chart.getByRole("img").getAttribute("aria-label"), /^Items written\. \d+ runs, .+, to .+: at most \d+ items?, \d+ items? at last\.$/);
  const summary = calendar.getByText(/^History: the last/);
  const table = calendar.getByRole("group", { name: "Runs of Calendar" });
  await summary.click();
  await table.waitFor({ state: "hidden" });
  await chart.getByRole("link", { name: /^Table of these runs ?: Items written, Calendar$/ }).focus();
  await page.keyboard.press("Enter");
  await table.waitFor();
  const written = await table.locator('td[data-label="Items written"]').allInnerTexts();
  assert.deepEqual(labels.map((label) => label.match(/: (\d+) items?$/)[1]), written.toReversed());
}

test("a run is followed on the page of who looks on, and its history and charts stay", async () => {
  await tandem.sync("anna");
  for (let number = 0; number < 4; number += 1) await event("anna", `Followed ${number}`);
  const page = await person(browser, tandem, "admin");
  await page.goto("/status?q=anna");
  await rows(page).first().getByRole("link", { name: "Anna Example" }).click();
  await page.getByRole("heading", { name: "Anna Example" }).waitFor();
  const calendar = page.locator("#resource-calendar");
  const linked = calendar.locator("dt", { hasText: "Items linked" }).locator("xpath=following-sibling::dd");
  const before = Number(await linked.innerText());
  // Somebody else runs it: the page follows by itself.
  await tandem.sync("anna");
  await page.waitForFunction(([id, was]) => {
    const facts = [...document.querySelectorAll(`${id} .facts div`)];
    return facts.some((fact) => fact.innerText.startsWith("Items linked") && fact.innerText.endsWith(String(was + 4)));
  }, ["#resource-calendar", before]);
  // What was shown may be drawn once more. What is looked at from here on is not.
  await still(page);
  await page.reload();
  await calendar.getByText(/^History: the last/).click();
  const runs = calendar.getByRole("group", { name: "Runs of Calendar" }).locator("tbody tr");
  assert.match(await runs.first().innerText(), /Complete/);
  assert.match(await runs.first().innerText(), /4 \/ 0 \/ 0/);
  assert.equal(await calendar.getByRole("img", { name: /^Items written/ }).count(), 1);
  // The clock stands, so that nothing is late: said in words, not by bars of no height.
  assert.match(await calendar.getByRole("figure", { name: "Lag" }).innerText(), /Never late in these \d+ runs\./);
  assert.equal(await calendar.getByRole("img", { name: /^Lag/ }).count(), 0);
  await followChart(page, calendar);
  await scan(page, "a user's status");
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

/** Remembers when the region of a page is drawn anew. */
const watchDrawn = (page, region) => page.evaluate((region) => {
  window.drawn = [];
  const isRegion = ({ addedNodes }) => [...addedNodes].some(({ id }) => id === region);
  new MutationObserver((records) => {
    if (records.some(isRegion)) window.drawn.push(performance.now());
  }).observe(document.body, { childList: true, subtree: true });
}, region);

/** Runs the calendar of anna, and waits until the page is drawn anew. */
async function runAndSeeDrawn(page) {
  const before = await page.evaluate(() => window.drawn.length);
  await tandem.sync("anna");
  await page.waitForFunction((seen) => window.drawn.length > seen, before);
}

test("a page is drawn anew no more than every two seconds, and leaves the keyboard where it is", async () => {
  const page = await person(browser, tandem, "admin");
  const { id } = (await tandem.api("GET", "users")).find(({ email }) => email === address("anna"));
  // It asks for its user alone.
  await Promise.all([page.waitForRequest(/\/status\/changes\?user=anna&/), page.goto(`/status/${id}`)]);
  await watchDrawn(page, "status-user");
  const calendar = page.locator("#resource-calendar");
  const places = [calendar.getByRole("button", { name: /^Sync now/ }), calendar.getByText(/^History: the last/)];
  for (const [number, place] of places.entries()) {
    await place.focus();
    await event("anna", `Drawn ${number}`);
    const before = await page.evaluate(() => window.drawn.length);
    // Each begins, makes steps and ends.
    for (let run = 0; run < 3; run += 1) await tandem.sync("anna");
    await page.waitForFunction((seen) => window.drawn.length > seen, before);
    assert.equal(await place.evaluate((element) => element === document.activeElement), true, await place.innerText());
  }
  const drawn = await page.evaluate(() => window.drawn);
  const pauses = drawn.slice(1).map((at, before) => at - drawn[before]);
  assert.ok(pauses.every((pause) => pause >= REDRAW_AGAIN_MS), pauses.join(", "));
  await page.context().close();
});

test("the keyboard stays on its own of several links to a page, and near where there is none any more", async () => {
  const page = await person(browser, tandem, "admin");
  await page.goto("/status?q=anna");
  await watchDrawn(page, "status-list");
  // One for each resource.
  const links = rows(page).locator("th a");
  const focused = () => links.evaluateAll((all) => all.indexOf(document.activeElement));
  assert.equal(await links.count(), 2);
  await links.nth(1).focus();
  await runAndSeeDrawn(page);
  assert.equal(await focused(), 1);
  // A third one, which the server does not know of.
  await links.nth(1).evaluate((link) => {
    const more = link.cloneNode(true);
    link.after(more);
    more.focus();
  });
  await runAndSeeDrawn(page);
  assert.equal(await focused(), 1, "the last one that is there");
  // Nor of this name.
  await page.evaluate(() => { document.activeElement.id = "not-drawn-any-more"; });
  await runAndSeeDrawn(page);
  assert.equal(await page.evaluate(() => document.activeElement.id), "status-list");
  await page.context().close();
});

test("a button that was pressed says so while its page is drawn anew, and sends once", async () => {
  const page = await person(browser, tandem, "admin");
  const { id } = (await tandem.api("GET", "users")).find(({ email }) => email === address("anna"));
  await page.goto(`/status/${id}`);
  await watchDrawn(page, "status-user");
  let sent = 0;
  // An answer that leads nowhere: the page stays, as it does until a run has ended.
  await page.route(/\/status\/\d+\/sync$/, async (route) => {
    sent += 1;
    await route.fulfill({ status: 204 });
  });
  const button = page.locator("#resource-calendar-sync");
  const running = page.locator("#resource-calendar-sync[aria-disabled=true]", { hasText: /^Running …$/ });
  await button.click();
  await running.waitFor();
  await runAndSeeDrawn(page);
  assert.equal(await running.count(), 1, await button.innerText());
  // The keyboard is on it still.
  assert.equal(await page.evaluate(() => document.activeElement.id), "resource-calendar-sync");
  await page.keyboard.press("Enter");
  await runAndSeeDrawn(page);
  assert.equal(sent, 1);
  // Whoever opens the page anew may press it again.
  await page.reload();
  assert.match(await button.innerText(), /^Sync now/);
  await page.context().close();
});

test("a page that was not answered says so, and follows on when it is", async () => {
  const page = await person(browser, tandem, "admin");
  const { id } = (await tandem.api("GET", "users")).find(({ email }) => email === address("anna"));
  const questions = /\/status\/changes/;
  await Promise.all([page.waitForRequest(questions), page.goto(`/status/${id}`)]);
  const linked = page.locator("#resource-calendar dt", { hasText: "Items linked" }).locator("xpath=following-sibling::dd");
  const before = Number(await linked.innerText());
  const lost = page.getByText("The server does not answer, so that this page shows what was last known.");
  const shows = (number) => linked.filter({ hasText: new RegExp(`^${number}$`) }).waitFor();
  // The question that is on its way is answered, perhaps before the run has ended, and no other.
  await page.route(questions, (route) => route.abort());
  await event("anna", "Perhaps still seen");
  await tandem.sync("anna");
  await lost.waitFor();
  await event("anna", "Written meanwhile");
  await tandem.sync("anna");
  await page.unroute(questions);
  await shows(before + 2);
  await lost.waitFor({ state: "hidden" });
  // A page that cannot be drawn is drawn when it can: the change is not passed over.
  await page.route(/\/status\/\d+$/, (route) => route.abort());
  await event("anna", "Not drawn at first");
  await tandem.sync("anna");
  await lost.waitFor();
  await page.unroute(/\/status\/\d+$/);
  await shows(before + 3);
  // Whoever is not signed in any more is shown nothing new, and is told so.
  await page.context().clearCookies();
  await event("anna", "Not for everybody");
  await tandem.sync("anna");
  await page.getByText("This page does not follow what happens any more. Load it again.").waitFor();
  await page.context().close();
});

test("what is set aside is tried again from the user's page", async () => {
  const made = await event("anna", "Refused");
  const refusal = { match: { method: "POST", path: "/v1.0/me/events" }, times: 20, do: "unavailable", status: 400, code: "ErrorInvalidArgument" };
  await tandem.control("POST", "faults", [refusal, { ...refusal, match: { method: "POST", path: "/v1.0/$batch" } }]);
  await tandem.sync("anna");
  await tandem.control("DELETE", "faults");
  const aside = await tandem.api("GET", "set-aside?user=anna");
  assert.equal(aside.length, 1, JSON.stringify(aside));
  const page = await person(browser, tandem, "anna");
  await page.goto("/status");
  await rows(page).first().getByRole("link").first().click();
  const section = page.getByRole("region", { name: "Items set aside" });
  await section.getByText("Refused", { exact: true }).waitFor();
  await section.getByRole("button", { name: "Try again" }).click();
  await page.getByText("The item is tried again with the next run, which begins now.").waitFor();
  await page.getByText("Nothing is set aside.").waitFor();
  await tandem.api("DELETE", `calendar-events/${made.id}`);
  await page.context().close();
});

test("comparing everything asks first and is done by the next run", async () => {
  const page = await person(browser, tandem, "admin");
  await page.goto("/status?q=anna");
  await rows(page).first().getByRole("link", { name: "Anna Example" }).click();
  await page.locator("#resource-calendar").getByRole("link", { name: /^Compare everything/ }).click();
  await page.getByText("read both sides from the beginning").waitFor();
  await page.getByRole("button", { name: "Compare everything" }).click();
  await page.getByText("both sides are compared from the beginning by the next run").waitFor();
  await page.context().close();
  await tandem.sync("anna");
});

test("a guard rail is seen on the page, and released by the administrator", async () => {
  const events = [];
  for (let number = 0; number < 12; number += 1) events.push(await event("anna", `Held ${number}`));
  await tandem.sync("anna");
  for (const { id } of events) await tandem.api("DELETE", `calendar-events/${id}`);
  await tandem.sync("anna");
  const anna = await person(browser, tandem, "anna");
  await anna.goto("/status");
  await rows(anna).first().getByRole("link").first().click();
  await anna.getByText("A guard rail stopped the run").first().waitFor();
  assert.equal(await anna.getByRole("link", { name: /^Release/ }).count(), 0, "only an administrator releases it");
  await anna.context().close();

  const page = await person(browser, tandem, "admin");
  await page.goto("/status?q=anna");
  await rows(page).first().getByRole("link", { name: "Anna Example" }).click();
  await page.getByRole("link", { name: "Release the guard rail" }).click();
  await page.getByRole("button", { name: "Release" }).click();
  await page.getByText("The guard rail was released.").waitFor();
  await tandem.sync("anna");
  const left = await tandem.graph("anna", "GET", "/me/events?$top=100");
  assert.deepEqual(left.value.filter(({ subject }) => subject.startsWith("Held")), []);
  await page.context().close();
});

test("writes of which no end is known are on the user's page until the next run", async () => {
  await tandem.sync("ben");
  await event("ben", "Answered by nobody");
  const lost = { times: 20, do: "dropRequest" };
  await tandem.control("POST", "faults", ["/v1.0/me/events", "/v1.0/$batch"].map((path) => ({ ...lost, match: { method: "POST", path } })));
  await tandem.sync("ben");
  const page = await person(browser, tandem, "ben");
  const follow = await still(page);
  await page.goto("/status");
  await rows(page).first().getByRole("link").first().click();
  const calendar = page.locator("#resource-calendar");
  const open = calendar.getByRole("row", { name: /Microsoft Create Answered by nobody/ });
  await open.waitFor();
  await calendar.getByRole("heading", { name: "Writes of which no end is known" }).waitFor();
  await scan(page, "open writes");
  await open.getByRole("link", { name: "Answered by nobody" }).waitFor();
  follow();
  await tandem.control("DELETE", "faults");
  await tandem.advance(3600);
  await tandem.sync("ben");
  await open.waitFor({ state: "detached" });
  const { value } = await tandem.graph("ben", "GET", "/me/events?$filter=subject eq 'Answered by nobody'");
  assert.equal(value.length, 1, "it is written once");
  await page.context().close();
});

test("nobody sees the status of others", async () => {
  const page = await person(browser, tandem, "ben");
  await page.goto("/status");
  assert.deepEqual([...new Set(await names(page))], ["Ben Example"]);
  const users = await tandem.api("GET", "users");
  const anna = users.find(({ email }) => email === address("anna"));
  const answer = await page.goto(`/status/${anna.id}`);
  assert.equal(answer.status(), 403);
  await page.context().close();
});
