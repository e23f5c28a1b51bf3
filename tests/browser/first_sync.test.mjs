// Preview and first sync: what a person sees who connects an account, and the ways on
// from there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { accountSection as section, openPopup, pick, pressToClose, scan } from "./chromium.mjs";
import { address } from "./program.mjs";
import { stage } from "./stage.mjs";

const scene = stage();
let tandem;

/** Anna with an event and a task on each side, and an event that both have, with a reminder in Outlook. */
async function company() {
  tandem = await scene.start();
  await tandem.prepare();
  await tandem.person("anna");
  const utc = (day, hour) => ({ dateTime: `2026-03-${day}T${hour}:00:00`, timeZone: "UTC" });
  const ours = (title, day) => tandem.api("POST", "calendar-events?user=anna", {
    title, start: `2026-03-${day}T09:00:00Z`, end: `2026-03-${day}T10:00:00Z`, timeZone: "Europe/Berlin",
  });
  const theirs = (subject, day) => tandem.graph("anna", "POST", "/me/events", { subject, start: utc(day, "09"), end: utc(day, "10") });
  await ours("Visit at Contoso", "10");
  await theirs("Dentist", "11");
  await ours("Fair in Leipzig", "12");
  await theirs("Fair in Leipzig", "12");
  await tandem.api("POST", "tasks?user=anna", { subject: "Send the offer" });
  const { value: [list] } = await tandem.graph("anna", "GET", "/me/todo/lists");
  await tandem.graph("anna", "POST", `/me/todo/lists/${list.id}/tasks`, { title: "Buy paper" });
}

/** Anna in front of her window. */
function anna(options) {
  return scene.visit("anna", undefined, options);
}

/** Connects in the popup, which leads this page to the preview. */
async function connect(page) {
  await page.goto("/configuration/my");
  const popup = await openPopup(page);
  await pick(popup, "anna");
  await pressToClose(popup, "Accept");
  await page.waitForURL("**/first-sync");
  await page.locator("#preview-calendar").waitFor();
}

/** What a table says: for each side what is created, changed and deleted. */
const table = (page, id) => page.locator(`#${id} tbody tr:has(th)`).evaluateAll((rows) =>
  rows.map((row) => [...row.querySelectorAll("td.number")].map((cell) => Number(cell.innerText))));

/** The titles in the CRM and in Microsoft 365. */
async function titles() {
  const events = await tandem.api("GET", "calendar-events?user=anna");
  const tasks = await tandem.api("GET", "tasks?user=anna");
  const { value: outlook } = await tandem.graph("anna", "GET", "/me/events?$top=50");
  const { value: [list] } = await tandem.graph("anna", "GET", "/me/todo/lists");
  const { value: todo } = await tandem.graph("anna", "GET", `/me/todo/lists/${list.id}/tasks`);
  return {
    crm: [...events.map(({ title }) => title), ...tasks.map(({ subject }) => subject)].sort(),
    microsoft: [...outlook.map(({ subject }) => subject), ...todo.map(({ title }) => title)].sort(),
  };
}

const BOTH = ["Buy paper", "Dentist", "Fair in Leipzig", "Send the offer", "Visit at Contoso"];
const BEFORE = {
  crm: ["Fair in Leipzig", "Send the offer", "Visit at Contoso"],
  microsoft: ["Buy paper", "Dentist", "Fair in Leipzig"],
};

test("whoever connects sees what would happen, starts it, and has it on both sides", async () => {
  await company();
  const page = await anna();
  await connect(page);
  assert.deepEqual(await table(page, "preview-calendar"), [[1, 1, 0], [1, 0, 0]]);
  assert.deepEqual(await table(page, "preview-tasks"), [[1, 0, 0], [1, 0, 0]]);
  await page.getByText("No invitation goes out.").waitFor();
  await page.getByText("1 item is on both sides already and would be recognized as one").waitFor();
  const calendar = page.locator("#preview-calendar");
  assert.equal(await calendar.getByText("Visit at Contoso").isVisible(), false);
  await calendar.getByText("Show what would be written: 3 items").click();
  await calendar.getByText("Visit at Contoso").waitFor();
  await calendar.getByText("Dentist").waitFor();
  await scan(page, "preview of the first synchronization");
  assert.deepEqual(await titles(), BEFORE);
  await page.getByRole("button", { name: "Start synchronizing" }).click();
  await page.getByText("The first synchronization was started.").waitFor();
  assert.deepEqual(await table(page, "report-1"), [[1, 1, 0], [1, 0, 0]]);
  assert.deepEqual(await table(page, "report-2"), [[1, 0, 0], [1, 0, 0]]);
  await scan(page, "result of the first synchronization");
  assert.deepEqual(await titles(), { crm: BOTH, microsoft: BOTH });
  await page.getByRole("main").getByRole("link", { name: "Calendar" }).click();
  await page.getByRole("heading", { name: "Calendar" }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test("not now leaves everything as it is, and says where to go on", async () => {
  await company();
  const page = await anna();
  await connect(page);
  await page.getByRole("link", { name: "Not now" }).click();
  await section(page).getByText("The first synchronization waits for your confirmation.").waitFor();
  // The scheduler has looked many times by then.
  await tandem.advance(7200);
  await page.goto("/status");
  await page.getByText("The first synchronization waits for confirmation").first().waitFor();
  assert.deepEqual(await titles(), BEFORE);
  await page.goto("/");
  await page.getByRole("link", { name: "See what it would do, and start it" }).click();
  await page.locator("#preview-calendar").waitFor();
  assert.deepEqual(page.complaints, []);
});

test("other settings change what the preview says", async () => {
  await company();
  const page = await anna();
  await connect(page);
  await page.getByRole("link", { name: "Change the settings" }).click();
  const direction = page.locator('[data-field="calendar.direction"]');
  await direction.locator("[data-fallback]").uncheck();
  await direction.locator("[data-control]").selectOption("microsoft-to-crm");
  await page.getByRole("button", { name: "Save" }).click();
  await section(page).getByRole("link", { name: "See what it would do, and start it" }).click();
  await page.locator("#preview-calendar").waitFor();
  assert.deepEqual(await table(page, "preview-calendar"), [[1, 1, 0], [0, 0, 0]]);
  assert.deepEqual(await titles(), BEFORE);
  await page.getByRole("button", { name: "Start synchronizing" }).click();
  await page.getByText("The first synchronization was started.").waitFor();
  const { crm, microsoft } = await titles();
  assert.deepEqual(crm, BOTH);
  assert.equal(microsoft.includes("Visit at Contoso"), false);
});

test("while both sides are read the page says so, and going back leads away from it", async () => {
  await company();
  const page = await anna();
  await connect(page);
  // What the button says when its form is on the way.
  await page.addInitScript(() => {
    const said = ({ target }) => sessionStorage.setItem("said", target.querySelector("button").textContent);
    document.addEventListener("submit", said);
  });
  await page.goto("/");
  await page.getByRole("link", { name: "See what it would do, and start it" }).click();
  await page.locator("#preview-calendar").waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("said")), "Reading both sides …");
  await page.goBack();
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();
});

test("without a script the buttons lead through it", async () => {
  await company();
  const page = await anna({ javaScriptEnabled: false });
  await page.goto("/configuration/my");
  await section(page).getByRole("button", { name: "Connect", exact: true }).click();
  await page.locator(`input[name="user"][value="${address("anna")}"]`).check();
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("link", { name: "Preview the first synchronization" }).click();
  await page.getByRole("button", { name: "Show the preview" }).click();
  await page.getByText("Nothing was written yet on either side.").waitFor();
  await page.getByRole("button", { name: "Start synchronizing" }).click();
  await page.getByText("The first synchronization was started.").waitFor();
  assert.deepEqual(await titles(), { crm: BOTH, microsoft: BOTH });
});
