// The list of alerts as people meet it: searched, sorted, and with what is over.

import assert from "node:assert/strict";
import { test } from "node:test";

import { scan } from "./chromium.mjs";
import { stage } from "./stage.mjs";

const scene = stage();
let tandem;

/** An event of each person that Microsoft refuses, a minute after the other. */
async function company(...logins) {
  tandem = await scene.start();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true, mailbox: false });
  const refusal = { times: 20, do: "unavailable", status: 400, code: "ErrorInvalidArgument" };
  for (const login of logins) {
    await tandem.person(login);
    await tandem.connect(login);
    await tandem.sync(login);
    await tandem.api("POST", `calendar-events?user=${login}`, {
      title: `Secret of ${login}`, start: "2026-03-04T09:00:00Z", end: "2026-03-04T10:00:00Z", timeZone: "Europe/Berlin",
    });
    const paths = ["/v1.0/me/events", "/v1.0/$batch"];
    await tandem.control("POST", "faults", paths.map((path) => ({ ...refusal, match: { method: "POST", path } })));
    await tandem.sync(login);
    await tandem.control("DELETE", "faults");
    await tandem.advance(60);
  }
}

const list = (page) => page.getByRole("region", { name: "Alerts" });
const users = (page) => list(page).locator('td[data-label="User"]').allInnerTexts();

async function search(page, text) {
  await page.getByRole("searchbox").fill(text);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("q") === text);
}

test("alerts are searched and sorted in the address, and what is over keeps what was searched for", async () => {
  await company("anna", "ben");
  const page = await scene.visit("admin", "/alerts");
  assert.deepEqual(await users(page), ["Ben Example", "Anna Example"]);
  await list(page).getByText("2 alerts", { exact: true }).waitFor();
  const heading = page.getByRole("columnheader", { name: "User" });
  await heading.getByRole("link").press("Enter");
  await page.waitForURL(/sort=user/);
  assert.equal(await heading.getAttribute("aria-sort"), "ascending");
  assert.deepEqual(await users(page), ["Anna Example", "Ben Example"]);
  await search(page, "BEN");
  assert.deepEqual(await users(page), ["Ben Example"]);
  await list(page).getByText("1 alert", { exact: true }).waitFor();
  await scan(page, "alerts that were searched");
  // Its title is Ben's own: nobody else finds anything by it.
  await search(page, "secret");
  await list(page).getByText("No alert is like that.").waitFor();
  await search(page, "refused");
  assert.deepEqual(await users(page), ["Anna Example", "Ben Example"]);
  const [{ key }] = await tandem.api("GET", "set-aside?user=ben");
  await tandem.api("POST", "set-aside/retry", { user: "ben", resource: "calendar", keys: [key] });
  await tandem.sync("ben");
  await page.getByRole("navigation", { name: "Filter" }).getByRole("link", { name: "Resolved" }).click();
  await page.waitForURL(/resolved=true/);
  assert.equal(await page.getByRole("searchbox").inputValue(), "refused");
  assert.deepEqual(await users(page), ["Ben Example"]);
  await page.getByRole("columnheader", { name: "Over" }).waitFor();
  await scan(page, "alerts that are over");
  assert.deepEqual(page.complaints, []);
});

test("on a telephone a person searches their own", async () => {
  await company("anna", "ben");
  const page = await scene.visit("anna", "/alerts", { viewport: { width: 360, height: 740 } });
  await search(page, "refused");
  assert.deepEqual(await users(page), ["Anna Example"]);
  await list(page).getByRole("link", { name: "Secret of anna" }).waitFor();
  const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
  assert.equal(scrollWidth, clientWidth, "nothing stands out of the window");
  await search(page, "ben");
  await list(page).getByText("No alert is like that.").waitFor();
  await scan(page, "alerts on a telephone");
});

test("dates in the form of another language than the page's say which it is, to programs and to voices", async () => {
  await company("anna");
  for (const [locale, lang, dir] of [["en-US", null, null], ["de-DE", "de-DE", "ltr"], ["ar-EG", "ar-EG", "rtl"]]) {
    const page = await scene.visit("anna", "/alerts", { locale });
    const since = list(page).locator('td[data-label="Since"] time');
    // The clock goes on meanwhile.
    assert.match(await since.getAttribute("datetime"), /^2026-03-02T09:\d\d:\d\dZ$/);
    assert.deepEqual([await since.getAttribute("lang"), await since.getAttribute("dir")], [lang, dir], locale);
    await scan(page, `alerts with dates of ${locale}`);
    await page.goto("/status");
    const last = page.locator('td[data-label="Last Sync At"] time').first();
    assert.equal(await last.getAttribute("lang"), lang, locale);
  }
});
