// Conflicts as people meet them: an event that was edited on both sides, what each
// side had, and the other version used in the place of the one that was kept.

import assert from "node:assert/strict";
import { test } from "node:test";

import { scan } from "./chromium.mjs";
import { address } from "./program.mjs";
import { stage } from "./stage.mjs";

const scene = stage();
let tandem;

/** Every test has a company of its own, in which Anna's account is connected. */
async function company() {
  tandem = await scene.start();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true, mailbox: false });
  for (const login of ["anna", "ben"]) await tandem.person(login);
  await tandem.connect("anna");
}

const at = (login, options) => scene.visit(login, undefined, options);

const PLANS = "Bring the plans of the hall and the list of prices.";

/** An event that both sides have. */
async function shared(more = {}) {
  const event = await tandem.api("POST", "calendar-events?user=anna", {
    title: "Visit to Bremen", description: `<p>${PLANS}</p>`, start: "2026-03-04T09:00:00Z",
    end: "2026-03-04T10:00:00Z", timeZone: "Europe/Berlin", ...more,
  });
  await tandem.sync("anna");
  return event;
}

const ours = (event, values) => tandem.api("PATCH", `calendar-events/${event.id}`, values);

async function theirs(values) {
  const { value: [event] } = await tandem.graph("anna", "GET", "/me/events");
  await tandem.graph("anna", "PATCH", `/me/events/${event.id}`, values);
}

/** The event is edited on both sides, which a run decides about. */
async function conflict(more) {
  const event = await shared(more);
  await ours(event, { title: "Visit to Hamburg", description: `<p>${PLANS.replace("plans", "new plans")}</p>` });
  const content = `<p>${PLANS.replace("list", "short list")}</p>`;
  await theirs({ subject: "Visit to Kiel", body: { contentType: "html", content } });
  const report = await tandem.sync("anna");
  assert.equal(report.conflicts, 1, JSON.stringify(report));
  return event;
}

/** What both sides call it, and how they describe it. */
async function bothSides(event) {
  const crm = await tandem.api("GET", `calendar-events/${event.id}`);
  const { value: [microsoft] } = await tandem.graph("anna", "GET", "/me/events");
  const text = (html) => html.replace(/<style[^]*?<\/style>|<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
  return [[crm.title, text(crm.description)], [microsoft.subject, text(microsoft.body.content)]];
}

/** Opens the conflict from the list. */
async function compare(page) {
  await page.goto("/conflicts");
  await page.getByRole("row", { name: /Visit to/ }).getByRole("link", { name: /^Compare/ }).click();
  await page.getByRole("heading", { name: /^Conflict: / }).waitFor();
}

/** The marks of a cell of the versions: what is new, and what is gone. */
async function marks(page, field, side) {
  const cell = page.getByRole("row", { name: new RegExp(`^${field} `) }).locator(`td[data-label="${side}"]`);
  return [await cell.locator("mark").allInnerTexts(), await cell.locator("del").allInnerTexts()];
}

const section = (page) => page.getByRole("region", { name: "Use the other version" });

test("a conflict is compared, the other version is used, and both sides have it", async () => {
  await company();
  const event = await conflict();
  const page = await at("anna");
  await compare(page);
  await page.getByRole("heading", { name:
    "Tandem CRM won: both sides had changed title and description, and the setting Conflict Resolution says " +
    "“Tandem CRM always wins”." }).waitFor();
  assert.deepEqual(await marks(page, "Title", "Tandem CRM"), [["Hamburg"], ["Bremen"]]);
  assert.deepEqual(await marks(page, "Title", "Microsoft 365"), [["Kiel"], ["Bremen"]]);
  assert.deepEqual(await marks(page, "Description", "Tandem CRM"), [["new "], []]);
  assert.deepEqual(await marks(page, "Description", "Microsoft 365"), [["short "], []]);
  assert.equal(await page.locator("td.won").count(), 2);

  const offer = section(page);
  await offer.getByText("The other version is that of Microsoft 365.").waitFor();
  assert.deepEqual(await offer.getByRole("listitem").allInnerTexts(), [
    "In Tandem CRM: changes title, description of “Visit to Hamburg”.",
    "In Microsoft 365: changes title, description of “Visit to Hamburg”.",
  ]);
  await offer.getByText("Nobody gets a mail about it.").waitFor();
  await scan(page, "a conflict");
  await offer.getByRole("link", { name: "Use the other version" }).click();
  await page.getByText("Nobody gets a mail about it. Use the other version?").waitFor();
  await page.getByRole("link", { name: "Cancel" }).click();
  const before = ["Visit to Hamburg", PLANS.replace("plans", "new plans")];
  assert.deepEqual(await bothSides(event), [before, before], "asking changes nothing");

  await offer.getByRole("link", { name: "Use the other version" }).click();
  await page.getByRole("button", { name: "Use the other version" }).click();
  await page.getByText("The decision was taken back: the other version is used.").waitFor();
  await page.getByText("the other version took its place.").waitFor();
  await page.waitForLoadState();
  const badges = (side) =>
    page.getByRole("row", { name: /^Title / }).locator(`td[data-label="${side}"] .badge`).allInnerTexts();
  assert.deepEqual(await badges("Tandem CRM"), ["kept until taken back"]);
  assert.deepEqual(await badges("Microsoft 365"), ["used after that"]);
  assert.equal(await page.locator('td[data-label="Used after that"]').first().innerText(), "Visit to Kiel");
  await page.getByRole("columnheader", { name: "Used after that" }).waitFor();
  assert.equal(await section(page).count(), 0);
  await tandem.sync("anna");
  const other = ["Visit to Kiel", PLANS.replace("list", "short list")];
  assert.deepEqual(await bothSides(event), [other, other]);

  await page.goto("/conflicts");
  const states = page.locator('tbody td[data-label="State"]');
  assert.deepEqual(await states.allInnerTexts(), ["Holds", "Taken back"]);
  assert.deepEqual(page.complaints, []);
});

test("whoever presses the button of an old page is refused", async () => {
  await company();
  const event = await conflict();
  const [page, old] = [await at("anna"), await at("anna")];
  for (const window of [page, old]) {
    await compare(window);
    await section(window).getByRole("link", { name: "Use the other version" }).click();
  }
  await page.getByRole("button", { name: "Use the other version" }).click();
  await page.getByText("The decision was taken back").waitFor();
  const used = await bothSides(event);
  await old.getByRole("button", { name: "Use the other version" }).click();
  await old.getByText("The other version is used already.").waitFor();
  assert.deepEqual(await bothSides(event), used);
  const conflicts = await tandem.api("GET", "conflicts?user=anna");
  assert.equal(conflicts.length, 2, "the decision, and its taking back");
});

test("how many people get a mail is said before it is confirmed, and anew where that changes", async () => {
  await company();
  const guest = (name) => ({ email: `${name}@elsewhere.example`, displayName: name });
  const event = await conflict({ attendees: [guest("carla")] });
  await tandem.control("DELETE", "outbox");
  const page = await at("anna", { javaScriptEnabled: false });
  await compare(page);
  const offer = section(page);
  await offer.getByText("Microsoft sends an update to 1 person.").waitFor();
  await offer.getByRole("link", { name: "Use the other version" }).click();
  // Meanwhile another guest is invited, and everybody knows of it.
  await ours(event, { attendees: [guest("carla"), guest("dirk")] });
  await tandem.sync("anna");
  await tandem.control("DELETE", "outbox");
  await page.getByRole("button", { name: "Use the other version" }).click();
  await page.getByText("What this does has changed since you have read it.").waitFor();
  await page.getByText("Microsoft sends an update to 2 people.").waitFor();
  assert.deepEqual(await tandem.control("GET", "outbox"), [], "nobody is told before it is confirmed");
  await page.getByRole("button", { name: "Use the other version" }).click();
  await page.getByText("The decision was taken back").waitFor();
  const mails = await tandem.control("GET", "outbox");
  const told = [...new Set(mails.map(({ to }) => to))].sort();
  assert.deepEqual(told, ["carla@elsewhere.example", "dirk@elsewhere.example"], JSON.stringify(mails));
});

test("a deletion that won is undone with the item as it was edited", async () => {
  await company();
  const event = await shared();
  await theirs({ subject: "Visit to Kiel" });
  await tandem.api("DELETE", `calendar-events/${event.id}`);
  await tandem.sync("anna");
  const page = await at("anna");
  await compare(page);
  await page.getByRole("heading", { name: /it was deleted in Tandem CRM and edited in Microsoft 365/ }).waitFor();
  await section(page).getByText("It comes back on both sides.").waitFor();
  await section(page).getByRole("link", { name: "Use the other version" }).click();
  await page.getByRole("button", { name: "Use the other version" }).click();
  await page.getByText("The decision was taken back").waitFor();
  await tandem.sync("anna");
  const { value } = await tandem.graph("anna", "GET", "/me/events");
  assert.deepEqual(value.map(({ subject }) => subject), ["Visit to Kiel"]);
});

test("what was edited since is not overwritten, and the page says so instead of offering it", async () => {
  await company();
  const event = await conflict();
  await ours(event, { title: "Visit to Lübeck" });
  await tandem.sync("anna");
  const page = await at("anna");
  await compare(page);
  await section(page).getByText(/has been edited since \(title\)/).waitFor();
  assert.equal(await section(page).getByRole("link").count(), 0);
});

test("who administers sees that there was a conflict, and nothing of what it was about", async () => {
  await company();
  await conflict();
  const [{ id }] = await tandem.api("GET", "conflicts?user=anna");
  const page = await at("admin");
  await page.goto("/conflicts");
  const row = page.getByRole("row", { name: /Anna Example/ });
  await row.getByText("Calendar", { exact: true }).waitFor();
  assert.equal(await row.getByRole("link", { name: /^Compare/ }).count(), 0);
  const nothing = async () => {
    const text = await page.content();
    for (const own of ["Hamburg", "Kiel", "Bremen", "prices"]) assert.ok(!text.includes(own), `${own} in ${text}`);
  };
  await nothing();
  // Nor does a search tell what titles there are.
  const search = page.getByRole("search");
  for (const [text, found] of [["hamburg", /^No conflict is like that\./], [address("anna"), "1 conflict"]]) {
    await search.getByRole("searchbox").fill(text);
    await search.getByRole("button", { name: "Search" }).click();
    await page.getByText(found, { exact: true }).waitFor();
  }
  page.complaints.length = 0;
  await page.goto(`/conflicts/${id}`);
  await page.getByText("What both sides had is shown to Anna Example alone").waitFor();
  await nothing();
  const colleague = await at("ben");
  await colleague.goto("/conflicts");
  await colleague.getByText("No conflict so far.").waitFor();
});

test("the list is searched, narrowed and sorted in the address", async () => {
  await company();
  await conflict();
  const task = await tandem.api("POST", "tasks?user=anna", { subject: "Send the offer" });
  await tandem.sync("anna", "tasks");
  await tandem.api("PATCH", `tasks/${task.id}`, { subject: "Send the offer today" });
  const { value: lists } = await tandem.graph("anna", "GET", "/me/todo/lists");
  const list = lists.find(({ wellknownListName }) => wellknownListName === "defaultList");
  const { value: [there] } = await tandem.graph("anna", "GET", `/me/todo/lists/${list.id}/tasks`);
  await tandem.graph("anna", "PATCH", `/me/todo/lists/${list.id}/tasks/${there.id}`, { title: "Send an offer" });
  await tandem.advance(60);
  await tandem.sync("anna", "tasks");

  const page = await at("anna");
  await page.goto("/conflicts");
  const titles = () => page.locator('tbody td[data-label="Item"]').allInnerTexts();
  assert.deepEqual(await titles(), ["Send the offer today", "Visit to Hamburg"]);
  await page.getByRole("columnheader", { name: "Decided" }).getByRole("link").click();
  await page.waitForURL(/order=asc/);
  assert.deepEqual(await titles(), ["Visit to Hamburg", "Send the offer today"]);
  const search = page.getByRole("search");
  await search.getByLabel("Resource Type").selectOption("Tasks");
  await search.getByRole("button", { name: "Search" }).click();
  await page.waitForURL(/resource=tasks/);
  assert.deepEqual(await titles(), ["Send the offer today"]);
  await search.getByLabel("State").selectOption("Taken back");
  await search.getByRole("button", { name: "Search" }).click();
  await page.getByText("No conflict is like that.").waitFor();
  await search.getByLabel("Resource Type").selectOption("Everything");
  await search.getByLabel("State").selectOption("Any");
  await search.getByLabel("Title").fill("HAMBURG");
  await search.getByRole("button", { name: "Search" }).click();
  await page.getByText("1 conflict", { exact: true }).waitFor();
  assert.deepEqual(await titles(), ["Visit to Hamburg"]);
  await scan(page, "conflicts that were searched");
});
