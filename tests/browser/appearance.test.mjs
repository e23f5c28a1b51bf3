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

before(async () => {
  tandem = await Tandem.start();
  browser = await launch();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true });
  await tandem.person("anna");
});

after(async () => {
  await browser?.close();
  await tandem?.stop();
});

const PAGES = [
  ["dashboard", "admin", "/"],
  ["calendar", "anna", "/calendar"],
  ["tasks", "anna", "/tasks"],
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
        await page.goto(path);
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
