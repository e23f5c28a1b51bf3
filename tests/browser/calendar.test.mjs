// Events and tasks as people plan them: series and their single days, the month,
// and what becomes of all that on Microsoft's side.

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, leads } from "./chromium.mjs";
import { stage } from "./stage.mjs";

const scene = stage();
let tandem;

/** Anna, whose account is connected. */
async function anna(options) {
  tandem = await scene.start();
  await tandem.prepare();
  await tandem.person("anna");
  const page = await scene.visit("anna", undefined, options);
  await connect(page, "anna");
  return page;
}

async function syncNow(page) {
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.locator("#report").getByText("Complete", { exact: true }).waitFor();
  await page.waitForLoadState();
}

/** What Outlook shows of March: beginnings in UTC and titles. */
async function inOutlook() {
  const view = "/me/calendarView?startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z&$top=100";
  const { value } = await tandem.graph("anna", "GET", view);
  return value.map(({ start, subject }) => `${start.dateTime.slice(0, 16)} ${subject}`).sort();
}

const editor = (page) => page.getByRole("group", { name: "Recurrence", exact: true });
const day = (page, name) => editor(page).getByRole("checkbox", { name, exact: true });

/** Fills in a new event on Monday the 2nd at ten, twice a week, six times. */
async function planJourFixe(page) {
  await page.goto("/calendar");
  await page.getByRole("link", { name: "New event" }).click();
  await page.getByLabel("Title").fill("Jour fixe");
  await page.getByLabel("Starts on").fill("2026-03-02");
  await page.getByLabel("Starts at").fill("10:00");
  await page.getByLabel("Ends on").fill("2026-03-02");
  await page.getByLabel("Ends at", { exact: true }).fill("11:00");
  await editor(page).getByLabel("Repeats").selectOption("Weekly");
  await day(page, "Monday").check();
  await day(page, "Thursday").check();
  await editor(page).getByLabel("Number of occurrences").fill("6");
}

async function saveJourFixe(page) {
  await page.getByRole("button", { name: "Save event" }).click();
  await page.getByText("The event was created.").waitFor();
  await page.waitForLoadState();
}

const SIX = [
  "2026-03-02T09:00 Jour fixe", "2026-03-05T09:00 Jour fixe", "2026-03-09T09:00 Jour fixe",
  "2026-03-12T09:00 Jour fixe", "2026-03-16T09:00 Jour fixe", "2026-03-19T09:00 Jour fixe",
];

/** The link of the calendar's CRM column to the entry of a day. */
const entry = (page, name) =>
  page.locator(".day", { hasText: name }).locator(".day-side").first().getByRole("link", { name: /Jour fixe/ });

test("only the part of the editor that matters is shown, and the rule is said in words", async () => {
  const page = await anna();
  await planJourFixe(page);
  const isShown = (selector) => editor(page).locator(selector).isVisible();
  const parts = async () => Promise.all(["#weekday", "#month", "#day_of_month", "#count"].map(isShown));
  assert.deepEqual(await parts(), [true, false, false, true]);
  // A week begins with the same day as in the calendar: in this browser's language with Sunday.
  const week = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
  assert.deepEqual((await editor(page).locator("#weekday label").allInnerTexts()).map((name) => name.trim()), week);
  // Whoever enters a number of occurrences means it.
  assert.equal(await editor(page).getByRole("radio", { name: "After" }).isChecked(), true);
  await page.getByText("Weekly every week on Monday, Thursday, end after 6 occurrences").waitFor();
  await editor(page).getByLabel("Repeats").selectOption("Yearly");
  assert.deepEqual(await parts(), [false, true, true, true]);
  await editor(page).getByLabel("Which one").selectOption("last");
  await editor(page).getByLabel("Of which days").selectOption("weekday");
  await editor(page).getByRole("combobox", { name: "Month", exact: true }).selectOption("March");
  await page.getByText("Yearly every year on the last weekday of March, end after 6 occurrences").waitFor();
  await editor(page).getByLabel("Repeats").selectOption("Does not repeat");
  assert.deepEqual(await parts(), [false, false, false, false]);
  assert.deepEqual(page.complaints, []);
});

test("what is proposed suits the first day until somebody chooses", async () => {
  const page = await anna();
  await page.goto("/calendar/events/new");
  await page.getByLabel("Starts on").fill("2026-03-31");
  await editor(page).getByLabel("Repeats").selectOption("Weekly");
  await page.getByText("Weekly every week on Tuesday", { exact: true }).waitFor();
  await page.getByLabel("Starts on").fill("2026-03-05");
  await page.getByText("Weekly every week on Thursday", { exact: true }).waitFor();
  await day(page, "Friday").check();
  await page.getByLabel("Starts on").fill("2026-03-04");
  await page.getByText("Weekly every week on Thursday, Friday", { exact: true }).waitFor();
  await editor(page).getByLabel("Repeats").selectOption("Monthly");
  await page.getByText("Monthly every month on day 5", { exact: true }).waitFor();
});

test("the end moves with the start, and what does not fit is said in the words of the form", async () => {
  const page = await anna();
  await page.goto("/calendar/events/new?user=anna");
  const field = (name) => page.getByLabel(name, { exact: true });
  await field("Title").fill("Visit");
  await field("Starts on").fill("2026-03-02");
  await field("Ends on").fill("2026-03-02");
  await field("Starts at").fill("10:00");
  await field("Ends at").fill("12:00");
  const end = async () => [await field("Ends on").inputValue(), await field("Ends at").inputValue()];
  await field("Starts at").fill("15:30");
  assert.deepEqual(await end(), ["2026-03-02", "17:30"]);
  await field("Starts at").fill("23:00");
  assert.deepEqual(await end(), ["2026-03-03", "01:00"]);
  await field("Starts on").fill("2026-03-28");
  assert.deepEqual(await end(), ["2026-03-29", "01:00"]);
  // Of days, it is the number that stays.
  await field("All-day event").check();
  await field("Starts on").fill("2026-03-10");
  assert.deepEqual(await end(), ["2026-03-11", "01:00"]);
  await field("All-day event").uncheck();
  // What somebody sets behind it is theirs, and said where it cannot be.
  await field("Ends on").fill("2026-03-09");
  await page.getByRole("button", { name: "Save event" }).click();
  await page.locator("#end_on-problem").getByText("The end is before the start. Choose under “Ends on”").waitFor();
  // The browser's own, of the form that was refused.
  assert.equal(page.complaints.length, 1, page.complaints.join());
  assert.match(page.complaints[0], /status of 400/);
});

test("a recurrence that was made on the page is seen on the Microsoft side", async () => {
  const page = await anna();
  await planJourFixe(page);
  await saveJourFixe(page);
  await syncNow(page);
  assert.deepEqual(await inOutlook(), SIX);
  const microsoft = page.locator(".event.microsoft");
  assert.equal(await microsoft.count(), 2, "Monday and Thursday of this week");
  await microsoft.first().click();
  await page.getByText("On both sides").waitFor();
  await page.getByText("It is linked:").waitFor();
  const fact = (name) => page.locator("dl.facts div", { hasText: name }).locator("dd").textContent();
  assert.match(await fact("Both sides agreed last"), /Mar 2, 2026/);
  assert.match(await fact("Last sync"), /Mar 2, 2026/);
  await page.getByRole("link", { name: "Jour fixe" }).click();
  await page.getByText("Weekly every week on Monday, Thursday, end after 6 occurrences").waitFor();
  await page.getByRole("link", { name: "Open in Microsoft" }).click();
  await page.getByRole("heading", { name: "Jour fixe" }).waitFor();
  assert.ok(page.url().startsWith(tandem.microsoft), page.url());
});

test("only this event is edited and another one deleted, and both reach Microsoft", async () => {
  const page = await anna();
  await planJourFixe(page);
  await saveJourFixe(page);
  await syncNow(page);
  await entry(page, "Thursday").click();
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("link", { name: "Only this event" }).click();
  assert.equal(await editor(page).count(), 0);
  await page.getByLabel("Title").fill("Jour fixe, late");
  await page.getByLabel("Starts at").fill("15:00");
  await page.getByLabel("Ends at", { exact: true }).fill("16:00");
  await page.getByRole("button", { name: "Save event" }).click();
  await page.getByText("the series is as it was").waitFor();

  await page.getByRole("link", { name: "Next week" }).click();
  await entry(page, "Monday").click();
  await page.getByRole("link", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Only this event" }).click();
  await page.getByText("This event was cancelled").waitFor();
  await syncNow(page);
  const expected = SIX.filter((event) => !event.startsWith("2026-03-09"));
  expected[1] = "2026-03-05T14:00 Jour fixe, late";
  assert.deepEqual(await inOutlook(), expected);
  const { value } = await tandem.graph("anna", "GET", "/me/events?$filter=type eq 'seriesMaster'");
  assert.equal(value.length, 1, "it is still one series");
});

test("a meeting is made on the page, and Outlook has it with its guests", async () => {
  const page = await anna();
  await page.goto("/calendar");
  await syncNow(page);
  await page.getByRole("link", { name: "New event" }).click();
  const guests = page.getByLabel("Guests");
  await page.getByText("With the next sync, Microsoft sends an invitation to every guest.").waitFor();
  await page.getByLabel("Title").fill("Planning");
  await page.getByLabel("Starts on").fill("2026-03-04");
  await guests.fill("ben@elsewhere.example\nCleo");
  await page.getByRole("button", { name: "Save event" }).click();
  await page.locator("#guests-problem").getByText("Line 2 (“Cleo”) is neither an e-mail address").waitFor();
  assert.equal(await guests.getAttribute("aria-invalid"), "true");
  assert.equal(await guests.inputValue(), "ben@elsewhere.example\nCleo");
  // What is wrong leads to its field, where the keyboard goes on.
  await page.getByRole("alert").getByRole("link", { name: /Line 2/ }).click();
  await page.locator("#guests:focus").waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("ben@elsewhere.example");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Cleo Example <cleo@elsewhere.example>");
  await page.getByRole("button", { name: "Save event" }).click();
  await page.getByText("The event was created. With the next sync, Microsoft sends an invitation to 2 people.").waitFor();
  await syncNow(page);
  const { value: [{ subject, attendees }] } = await tandem.graph("anna", "GET", "/me/events");
  const invited = attendees.map(({ emailAddress }) => emailAddress.address).sort();
  assert.deepEqual([subject, invited], ["Planning", ["ben@elsewhere.example", "cleo@elsewhere.example"]]);
  assert.deepEqual(page.complaints.filter((complaint) => !/status of 400/.test(complaint)), []);
});

test("all events are renamed, and then deleted", async () => {
  const page = await anna();
  await planJourFixe(page);
  await saveJourFixe(page);
  await syncNow(page);
  await entry(page, "Thursday").click();
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("link", { name: "All events" }).click();
  assert.equal(await day(page, "Thursday").isChecked(), true);
  await page.getByLabel("Title").fill("Jour fixe of the team");
  await page.getByRole("button", { name: "Save event" }).click();
  await page.getByText("The event was saved.").waitFor();
  await syncNow(page);
  assert.deepEqual(await inOutlook(), SIX.map((event) => `${event} of the team`));
  await entry(page, "Monday").click();
  await page.getByRole("link", { name: "Delete" }).click();
  await page.getByRole("button", { name: "All events" }).click();
  await page.getByText("The series was deleted.").waitFor();
  await syncNow(page);
  assert.deepEqual(await inOutlook(), []);
});

test("a rule that cannot be is said beside its field, and what was entered stays", async () => {
  const page = await anna();
  await planJourFixe(page);
  await day(page, "Monday").uncheck();
  await day(page, "Thursday").uncheck();
  await editor(page).getByLabel("Every").fill("1000");
  await page.getByRole("button", { name: "Save event" }).click();
  await page.getByText("Nothing was saved.").waitFor();
  assert.equal(await editor(page).getByLabel("Every").inputValue(), "1000");
  assert.equal(await editor(page).getByLabel("Every").getAttribute("aria-invalid"), "true");
  assert.equal(await page.getByLabel("Title").inputValue(), "Jour fixe");
  await page.getByRole("alert").getByRole("link", { name: /from 1 to 999/ }).click();
  await page.locator("#every:focus").waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("2");
  await day(page, "Monday").check();
  await saveJourFixe(page);
});

test("without a script a series is made with the same form", async () => {
  tandem = await scene.start();
  await tandem.person("anna");
  const page = await scene.visit("anna", undefined, { javaScriptEnabled: false });
  await planJourFixe(page);
  await editor(page).getByRole("radio", { name: "After" }).check();
  await saveJourFixe(page);
  assert.equal(await entry(page, "Thursday").count(), 1);
});

test("the month is walked through with the keyboard alone", async () => {
  const page = await anna();
  const event = {
    title: "Budget", start: "2026-04-20T09:00:00Z", end: "2026-04-20T10:00:00Z", timeZone: "Europe/Berlin",
  };
  await tandem.api("POST", "calendar-events?user=anna", event);
  await page.goto("/calendar");
  /** Presses Tab until a link of this name has the focus, and Enter. */
  const follow = async (name) => {
    const focused = () => page.evaluate(() => {
      const element = document.activeElement;
      return element.getAttribute("aria-label") ?? element.textContent.replace(/\s+/g, " ").trim();
    });
    for (let presses = 0; presses < 150; presses += 1) {
      if (name.test(await focused())) return page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
    }
    return assert.fail(`${name} is not reached by Tab`);
  };
  await follow(/^Month$/);
  await page.getByRole("heading", { name: "March 2026" }).waitFor();
  await follow(/^Next month$/);
  await page.getByRole("heading", { name: "April 2026" }).waitFor();
  await follow(/Budget Only Tandem CRM$/);
  await page.getByRole("heading", { name: "Budget" }).waitFor();
  await page.goBack();
  await follow(/^20Monday, April 20$/);
  await page.getByRole("heading", { name: "Apr 19, 2026 – Apr 25, 2026" }).waitFor();
  await follow(/^Today$/);
  await page.getByRole("heading", { name: "Mar 1, 2026 – Mar 7, 2026" }).waitFor();
});

test("a series is entered, refused, mended and saved with the keyboard alone", async () => {
  const page = await anna();
  await page.goto("/calendar");
  const focused = () => page.evaluate(() => {
    const { labels, textContent } = document.activeElement;
    return (labels?.[0]?.textContent ?? textContent).trim();
  });
  const tabTo = async (name) => {
    for (let presses = 0; presses < 100; presses += 1) {
      if (await focused() === name) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} is not reached by Tab`);
  };
  await tabTo("New event");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "New event" }).waitFor();
  await tabTo("All-day event");
  await page.keyboard.press("Space");
  await tabTo("Starts on");
  await page.keyboard.type("03042026");
  await tabTo("Ends on");
  await page.keyboard.type("03042026");
  await tabTo("Repeats");
  await page.keyboard.type("Weekly");
  await tabTo("Friday");
  await page.keyboard.press("Space");
  await tabTo("Save event");
  await page.keyboard.press("Enter");
  // What is wrong has the focus, and leads to its field; what was entered is there.
  await page.getByText("Nothing was saved.").waitFor();
  await page.locator("[role=alert]:focus").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await focused(), "Title");
  await page.keyboard.type("Market");
  await page.keyboard.press("Enter");
  await page.getByText("The event was created.").waitFor();
  const [{ title, allDay, start, recurrence }] = await tandem.api("GET", "calendar-events?user=anna");
  assert.deepEqual([title, allDay, recurrence.dayOfWeek], ["Market", true, ["wednesday", "friday"]]);
  assert.match(start, /^2026-03-04T/);
  assert.deepEqual(page.complaints.filter((complaint) => !/status of 400/.test(complaint)), []);
});

test("a task is created, seen in To Do, and completed", async () => {
  const page = await anna();
  await page.goto("/tasks");
  await page.getByRole("link", { name: "New task" }).click();
  await page.getByLabel("Subject").fill("Send the offer");
  await page.getByLabel("Due on").fill("2026-03-05");
  await page.getByRole("button", { name: "Save task" }).click();
  await page.getByText("The task was created.").waitFor();
  await syncNow(page);
  const todo = async () => {
    const lists = await tandem.graph("anna", "GET", "/me/todo/lists");
    const list = lists.value.find(({ wellknownListName }) => wellknownListName === "defaultList");
    const { value } = await tandem.graph("anna", "GET", `/me/todo/lists/${list.id}/tasks`);
    // A day is its midnight in the zone of the mailbox, which Graph answers in UTC.
    return value.map(({ title, status, dueDateTime }) => [title, status, dueDateTime.dateTime.slice(0, 16)]);
  };
  assert.deepEqual(await todo(), [["Send the offer", "notStarted", "2026-03-04T23:00"]]);

  // On both sides by its day, in the week and in the month.
  await leads(page, () => page.getByRole("navigation", { name: "View" }).getByRole("link", { name: "Week" }).click());
  assert.equal(await page.locator(".day", { hasText: "Thursday" }).getByRole("link", { name: /Send the offer/ }).count(), 2);
  await page.getByRole("navigation", { name: "View" }).getByRole("link", { name: "Month" }).click();
  await page.getByRole("link", { name: /Send the offer Both sides/ }).click();
  await page.getByText("It is linked:").waitFor();
  await page.getByLabel("Status").selectOption("Closed");
  await page.getByRole("button", { name: "Save task" }).click();
  await page.getByText("The task was saved.").waitFor();
  await syncNow(page);
  assert.deepEqual(await todo(), [["Send the offer", "completed", "2026-03-04T23:00"]]);
});

test("days and times are written as the language of the browser writes them, in the person's zone", async () => {
  const headings = {
    "de-DE": /^0?2\.0?3\.2026 – 0?8\.0?3\.2026$/, "en-GB": /^2 Mar 2026 – 8 Mar 2026$/, "en-US": /^Mar 1, 2026 – Mar 7, 2026$/,
  };
  const times = { "de-DE": /^16:30/, "en-GB": /^16:30/, "en-US": /^4:30\sPM/ };
  tandem = await scene.start();
  await tandem.person("anna");
  await tandem.api("POST", "calendar-events?user=anna", {
    title: "Tea", start: "2026-03-03T15:30:00Z", end: "2026-03-03T16:00:00Z", timeZone: "UTC",
  });
  for (const [locale, time] of Object.entries(times)) {
    const page = await scene.visit("anna", "/calendar", { locale });
    await page.getByRole("heading", { name: headings[locale] }).waitFor();
    const entry = page.getByRole("link", { name: /Tea/ });
    assert.match((await entry.innerText()).trim(), time, locale);
  }
});
