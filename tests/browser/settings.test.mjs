// Settings at three levels, as administrators and users work with them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CLIENT_ID, CLIENT_SECRET, TENANT } from "./program.mjs";
import { stage } from "./stage.mjs";

const INTERVAL = "sync.interval-minutes";

const scene = stage();
let tandem;
let levels;

/** A company whose application is not filled in yet. */
async function company() {
  tandem = await scene.start();
  await tandem.person("admin", { administrator: true });
  const anna = await tandem.person("anna");
  levels = {
    system: "/configuration/system",
    organization: `/configuration/organization/${anna.organizationId}`,
    user: `/configuration/user/${anna.id}`,
  };
}

const row = (page, key) => page.locator(`[data-field="${key}"]`);
const control = (page, key) => row(page, key).locator("[data-control]");
const fallback = (page, key) => row(page, key).locator("[data-fallback]");

/** What a control shows, whatever kind it is of. */
const shown = (locator) => locator.evaluate((element) => element.type === "checkbox" ? String(element.checked) : element.value);

async function save(page) {
  await page.getByRole("button", { name: "Save settings" }).click();
}

async function saved(page) {
  await save(page);
  await page.getByText("Configuration saved").waitFor();
}

test("every fallback box disables its field and shows what is inherited and from where", async () => {
  await company();
  const label = { system: "Use Default", organization: "Use System", user: "Use Organization" };
  for (const [level, path] of Object.entries(levels)) {
    const page = await scene.visit("admin", path);
    const keys = await page.locator("[data-field]:has([data-fallback])").evaluateAll((rows) => rows.map((row) => row.dataset.field));
    assert.ok(keys.length >= 8, `${level}: ${keys}`);
    for (const key of keys) {
      const where = `${level}, ${key}`;
      const box = fallback(page, key);
      // Conflict Resolution and its like are there only where they mean something.
      if (!(await row(page, key).isVisible())) continue;
      assert.match(await row(page, key).locator(".fallback").innerText(), new RegExp(label[level]), where);
      assert.equal(await box.isChecked(), true, where);
      assert.equal(await control(page, key).isDisabled(), true, where);
      assert.match(await row(page, key).locator("[data-inherited-note]").innerText(), /^From the built-in default/, where);
      const inherited = await shown(control(page, key));
      await box.uncheck();
      const isBlocked = await row(page, key).locator("[data-condition-note]").isVisible();
      assert.equal(await control(page, key).isDisabled(), isBlocked, where);
      assert.equal(await row(page, key).locator("[data-inherited-note]").isVisible(), false, where);
      if (!isBlocked && await control(page, key).getAttribute("type") === "number") await control(page, key).fill("99");
      await box.check();
      assert.equal(await shown(control(page, key)), inherited, where);
      assert.equal(await control(page, key).isDisabled(), true, where);
    }
    assert.deepEqual(page.complaints, []);
  }
});

test("a value of one level is shown below with its origin, and goes with its box", async () => {
  await company();
  const enter = async (level, value) => {
    const page = await scene.visit("admin", levels[level]);
    await fallback(page, INTERVAL).uncheck();
    await control(page, INTERVAL).fill(value);
    await saved(page);
    assert.equal(await shown(control(page, INTERVAL)), value);
  };
  const below = async () => {
    const page = await scene.visit("anna", "/configuration/my");
    return [await shown(control(page, INTERVAL)), await row(page, INTERVAL).locator("[data-inherited-note]").innerText()];
  };
  await enter("system", "20");
  assert.deepEqual(await below(), ["20", "From the system configuration: 20 minutes"]);
  await enter("organization", "30");
  assert.deepEqual(await below(), ["30", "From the organization's configuration: 30 minutes"]);
  const page = await scene.visit("admin", levels.organization);
  await fallback(page, INTERVAL).check();
  await saved(page);
  assert.deepEqual(await below(), ["20", "From the system configuration: 20 minutes"]);
});

test("the boxes come alive as the three fields are filled, and one save keeps all", async () => {
  await company();
  const page = await scene.visit("admin", levels.system);
  const boxes = ["features.calendar", "features.tasks", "features.mail"];
  const alive = async () => Promise.all(boxes.map((key) => control(page, key).isEnabled()));
  assert.deepEqual(await alive(), [false, false, false]);
  await control(page, "application.client-id").fill(CLIENT_ID);
  await fallback(page, "application.client-secret").uncheck();
  await control(page, "application.client-secret").fill(CLIENT_SECRET);
  assert.deepEqual(await alive(), [false, false, false]);
  await control(page, "application.tenant").fill(TENANT);
  // Mail is not synchronized yet, and its box says so.
  assert.deepEqual(await alive(), [true, true, false]);
  await control(page, "features.calendar").check();
  await control(page, "application.tenant").fill("");
  // A box that is on can still be switched off.
  assert.deepEqual(await alive(), [true, false, false]);
  await control(page, "application.tenant").fill(TENANT);
  await control(page, "features.tasks").check();
  await saved(page);
  assert.deepEqual(await Promise.all(boxes.map((key) => control(page, key).isChecked())), [true, true, false]);
  const secret = await shown(control(page, "application.client-secret"));
  assert.doesNotMatch(await page.content(), new RegExp(CLIENT_SECRET));
  assert.match(secret, /^\*+$/);
});

test("Conflict Resolution is shown only where both sides may change the other", async () => {
  await company();
  const page = await scene.visit("anna", "/configuration/my");
  for (const resource of ["calendar", "tasks"]) {
    const rule = row(page, `${resource}.conflict-resolution`);
    assert.equal(await rule.isVisible(), true);
    await fallback(page, `${resource}.direction`).uncheck();
    await control(page, `${resource}.direction`).selectOption({ label: "Tandem CRM to Microsoft" });
    assert.equal(await rule.isVisible(), false);
    await control(page, `${resource}.direction`).selectOption({ label: "Bidirectional" });
    assert.equal(await rule.isVisible(), true);
    await control(page, `${resource}.direction`).selectOption({ label: "Microsoft to Tandem CRM" });
  }
  await saved(page);
  assert.equal(await row(page, "calendar.conflict-resolution").isVisible(), false);
});

test("a wrong value is refused beside its field, and nothing that was entered is lost", async () => {
  await company();
  const page = await scene.visit("anna", "/configuration/my");
  await fallback(page, INTERVAL).uncheck();
  await control(page, INTERVAL).fill("0");
  await fallback(page, "tasks.list").uncheck();
  await control(page, "tasks.list").fill("Errands");
  await save(page);
  await page.getByText("Nothing was saved.").waitFor();
  await page.locator("[role=alert]:focus").waitFor();
  assert.equal(await control(page, INTERVAL).getAttribute("aria-invalid"), "true");
  assert.match(await row(page, INTERVAL).locator(".error-text").innerText(), /1.*1440/);
  assert.equal(await shown(control(page, INTERVAL)), "0");
  assert.equal(await shown(control(page, "tasks.list")), "Errands");
  await page.getByText("There are unsaved changes.").waitFor();
  // The summary leads to the field.
  await page.getByRole("alert").getByRole("link").click();
  await page.locator("[data-control]:focus").waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("15");
  await saved(page);
  assert.equal(await shown(control(page, INTERVAL)), "15");
  assert.equal(await shown(control(page, "tasks.list")), "Errands");
});

test("Reset asks first and brings back what is stored", async () => {
  await company();
  const page = await scene.visit("anna", "/configuration/my");
  await fallback(page, INTERVAL).uncheck();
  await control(page, INTERVAL).fill("77");
  await page.getByRole("link", { name: "Reset" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  assert.equal(await shown(control(page, INTERVAL)), "77");
  await page.getByRole("link", { name: "Reset" }).first().click();
  await dialog.getByRole("link", { name: "Reset" }).click();
  await page.waitForFunction((key) => document.querySelector(`[data-field="${key}"] [data-control]`).value === "10", INTERVAL);
  assert.equal(await fallback(page, INTERVAL).isChecked(), true);
});

test("whoever leaves with unsaved changes is asked", async () => {
  await company();
  const page = await scene.visit("anna", "/configuration/my");
  await fallback(page, INTERVAL).uncheck();
  await control(page, INTERVAL).fill("55");
  assert.equal(await page.getByText("There are unsaved changes.").isVisible(), true);
  page.once("dialog", (dialog) => dialog.dismiss());
  await page.getByRole("link", { name: "Calendar", exact: true }).click();
  assert.match(page.url(), /configuration\/my/);
  assert.equal(await shown(control(page, INTERVAL)), "55");
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("link", { name: "Calendar", exact: true }).click();
  await page.waitForURL(/\/calendar/);
});

test("the question about unsaved changes is asked where they would be lost, and each time", async () => {
  await company();
  const page = await scene.visit("anna", "/configuration/my");
  const tasks = page.getByRole("link", { name: "Tasks", exact: true });
  await fallback(page, INTERVAL).uncheck();
  await control(page, INTERVAL).fill("55");
  const questions = [];
  page.on("dialog", (dialog) => {
    questions.push(dialog.type());
    return questions.length > 1 ? dialog.dismiss() : dialog.accept();
  });
  // Nothing is lost by another window, nor by another place of the page.
  const [other] = await Promise.all([page.context().waitForEvent("page"), tasks.click({ modifiers: ["ControlOrMeta"] })]);
  await other.waitForURL(/\/tasks/);
  await other.close();
  await page.getByRole("navigation", { name: "Configuration" }).getByRole("link", { name: "Tasks Synchronization" }).click();
  await page.waitForFunction(() => location.hash !== "");
  assert.deepEqual(questions, []);
  // Whoever agrees to leave, and is brought nowhere, is asked the next time.
  await page.route("**/tasks", (route) => route.fulfill({ status: 204 }));
  await Promise.all([page.waitForResponse(/\/tasks$/), tasks.click()]);
  assert.deepEqual(questions, ["confirm"]);
  await tasks.click();
  assert.deepEqual(questions, ["confirm", "confirm"]);
  assert.match(page.url(), /configuration\/my/);
  assert.equal(await shown(control(page, INTERVAL)), "55");
});

test("the tree leads to the sections, and quick search leaves what matches", async () => {
  await company();
  const page = await scene.visit("admin", levels.system);
  const sections = await page.locator("form [data-section]").evaluateAll((all) => all.map((one) => one.dataset.section));
  assert.deepEqual(sections, [
    "Azure Active Directory Application Settings",
    "Microsoft 365 Integrations",
    "Synchronization Settings",
    "Calendar Synchronization",
    "Tasks Synchronization",
  ]);
  const search = page.getByLabel("Quick search");
  await search.fill("tenant");
  assert.equal(await row(page, "application.tenant").isVisible(), true);
  assert.equal(await row(page, "application.client-id").isVisible(), false);
  assert.equal(await row(page, INTERVAL).isVisible(), false);
  // The tree has what is left, and its page.
  const tree = page.getByRole("navigation", { name: "Configuration" });
  const leads = async () => (await tree.getByRole("link").allInnerTexts()).slice(1);
  assert.deepEqual(await leads(), ["Azure Active Directory Application Settings"]);
  await search.fill("direction");
  assert.deepEqual(await leads(), ["Calendar Synchronization", "Tasks Synchronization"]);
  await tree.getByRole("link", { name: "Tasks Synchronization" }).click();
  await page.waitForFunction(() => location.hash !== "");
  assert.equal(await page.getByRole("heading", { name: "Tasks Synchronization" }).isVisible(), true);
  await search.fill("nothing is called so");
  assert.equal(await page.getByText("No setting matches.").isVisible(), true);
  assert.deepEqual(await leads(), []);
  await search.fill("");
  assert.equal(await row(page, INTERVAL).isVisible(), true);
  assert.deepEqual(await leads(), sections);
});

test("the Redirect URI can be copied and not changed", async () => {
  await company();
  const page = await scene.visit("admin", levels.system);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const field = control(page, "application.redirect-uri");
  assert.equal(await field.getAttribute("readonly"), "");
  await row(page, "application.redirect-uri").getByRole("button", { name: /Copy/ }).click();
  await page.getByText("Copied").waitFor();
  // What only screen readers hear of the button is not seen afterwards either.
  await row(page, "application.redirect-uri").getByRole("button", { name: "Copy Redirect URI" }).waitFor();
  assert.equal(await row(page, "application.redirect-uri").locator("button .visually-hidden").count(), 1);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `${tandem.crm}/microsoft-identity/connection/access-token`);
});

test("a setting is changed with the keyboard alone", async () => {
  await company();
  const page = await scene.visit("anna", "/configuration/my");
  const focused = () => page.evaluate(() => document.activeElement.closest("[data-field]")?.dataset.field + " " + (document.activeElement.dataset.fallback !== undefined ? "box" : "control"));
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 80; presses += 1) {
      if (await focused() === wanted) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${wanted} is not reached by Tab`);
  };
  await tabTo(`${INTERVAL} box`);
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+Tab");
  assert.equal(await focused(), `${INTERVAL} control`);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("25");
  await page.keyboard.press("Enter");
  await page.getByText("Configuration saved").waitFor();
  assert.equal(await shown(control(page, INTERVAL)), "25");
});
