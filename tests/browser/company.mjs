// A company whose pages all have something to show: somebody with items on both
// sides and a conflict, somebody who has not started yet, somebody of whom an item is
// set aside and a guard rail is up, two whose accounts do not work any more, somebody
// who has the account of one of them as well, somebody who lacks a permission, and two
// who have nothing.

import assert from "node:assert/strict";

import { permit } from "./account_states.mjs";
import { connect, person } from "./chromium.mjs";
import { address } from "./program.mjs";

/** Fills the program that runs, and answers where everything has its page. */
export async function found(browser, tandem) {
  await tandem.prepare();
  await tandem.person("admin", { administrator: true });
  const anna = await tandem.person("anna");
  const ben = await tandem.person("ben");
  const places = await plan(browser, tandem, "ben");
  await tandem.person("cleo");
  await wait(browser, tandem, "cleo");
  const dora = await tandem.person("dora");
  const rail = await stop(browser, tandem, "dora");
  await expire(tandem, "emil", "refreshTokens");
  await expire(tandem, "frida", "clientSecret");
  await tandem.register();
  const gerd = await tandem.person("gerd", { mailbox: false });
  await tandem.connect("gerd", "emil");
  await permit(tandem, "hugo");
  await tandem.person("ida");
  const owners = { organization: anna.organizationId, anna: anna.id, ben: ben.id, dora: dora.id, gerd: gerd.id };
  return { ...places, ...owners, release: `/alerts/${rail.id}/release` };
}

/** Somebody whose account is connected, with a series, a meeting and a task on both sides. */
async function plan(browser, tandem, login) {
  const page = await person(browser, tandem, login);
  await connect(page, login);
  await page.context().close();
  const at = (day, hour) => `2026-03-${day}T${hour}:00:00Z`;
  const create = (what, body) => tandem.api("POST", `${what}?user=${login}`, body);
  const recurrence = {
    type: "weekly", interval: 1, dayOfWeek: ["monday", "thursday"], startTime: at("02", "09"), occurrences: 6,
    timeZone: "Europe/Berlin",
  };
  const series = await create("calendar-events", {
    title: "Jour fixe", start: at("02", "09"), end: at("02", "10"), timeZone: "Europe/Berlin", recurrence,
  });
  const meeting = await create("calendar-events", {
    title: "Planning of the fair in Leipzig", description: "<p>Bring the plans.</p>",
    start: at("04", "12"), end: at("04", "14"), timeZone: "Europe/Berlin",
    attendees: [{ email: "guest@elsewhere.example", displayName: "A guest" }],
  });
  const task = await create("tasks", { subject: "Send the offer", dueDate: at("05", "16") });
  await tandem.api("POST", "sync", { user: login });
  await create("calendar-events", { title: "Dentist", start: at("03", "08"), end: at("03", "09"), timeZone: "Europe/Berlin" });
  const utc = (day, hour) => ({ dateTime: `2026-03-${day}T${hour}:00:00`, timeZone: "UTC" });
  await tandem.graph(login, "POST", "/me/events", { subject: "Lunch with Carla", start: utc("03", "11"), end: utc("03", "12") });
  await disagree(tandem, login, meeting);
  await mend(tandem, login);
  const [{ id: conflict }] = await tandem.api("GET", `conflicts?user=${login}`);
  return {
    conflict: `/conflicts/${conflict}`, series: `/calendar/events/${series.id}`,
    meeting: `/calendar/events/${meeting.id}`, task: `/tasks/${task.id}`,
  };
}

/** Both sides have another title and another description of a meeting, decided by the rule. */
async function disagree(tandem, login, meeting) {
  const paragraphs = (third) => ["Bring the plans.", "We meet at the main gate.", third].map((text) => `<p>${text}</p>`).join("");
  await tandem.api("PATCH", `calendar-events/${meeting.id}`, {
    title: "Planning of the fair in Dresden", description: paragraphs("The hall opens at nine, and the stands have to be ready by ten."),
  });
  const { value } = await tandem.graph(login, "GET", "/me/events?$filter=subject eq 'Planning of the fair in Leipzig'");
  await tandem.graph(login, "PATCH", `/me/events/${value[0].id}`, {
    subject: "Planning of the spring fair", body: { contentType: "html", content: paragraphs("The hall opens at eight.") },
  });
  const report = await tandem.sync(login);
  assert.equal(report.conflicts, 1, JSON.stringify(report));
}

/** Somebody who has connected and not started yet, with something on each side. */
async function wait(browser, tandem, login) {
  const page = await person(browser, tandem, login);
  for (const [title, day] of [["Visit at Contoso, with everybody who plans the fair in Leipzig", "10"], ["Dentist", "11"]]) {
    await tandem.api("POST", `calendar-events?user=${login}`, {
      title, start: `2026-03-${day}T09:00:00Z`, end: `2026-03-${day}T10:00:00Z`, timeZone: "Europe/Berlin",
      attendees: [{ email: "guest@elsewhere.example", displayName: "A guest" }],
    });
  }
  await connect(page, login);
  await page.context().close();
}

/** Microsoft refuses every event that is written, until it is told otherwise. */
async function refuse(tandem) {
  const refusal = { times: 20, do: "unavailable", status: 400, code: "ErrorInvalidArgument" };
  const paths = ["/v1.0/me/events", "/v1.0/$batch"];
  await tandem.control("POST", "faults", paths.map((path) => ({ ...refusal, match: { method: "POST", path } })));
}

/** Somebody of whom one event is refused by Microsoft, and who deletes the others. */
async function stop(browser, tandem, login) {
  const page = await person(browser, tandem, login);
  await connect(page, login);
  await page.context().close();
  const event = (title) => tandem.api("POST", `calendar-events?user=${login}`, {
    title, start: "2026-03-03T09:00:00Z", end: "2026-03-03T10:00:00Z", timeZone: "Europe/Berlin",
  });
  const held = [];
  for (let number = 1; number <= 12; number += 1) held.push(await event(`Shift ${number}`));
  await tandem.sync(login);
  await event("Handover");
  await refuse(tandem);
  await tandem.sync(login);
  await tandem.control("DELETE", "faults");
  for (const { id } of held) await tandem.api("DELETE", `calendar-events/${id}`);
  await tandem.sync(login);
  const alerts = await tandem.api("GET", "alerts");
  const rail = alerts.find(({ releasable }) => releasable);
  assert.ok(rail, JSON.stringify(alerts));
  return rail;
}

/** An event of somebody that Microsoft refuses at first, and takes later: its alert is resolved. */
async function mend(tandem, login) {
  const event = { start: "2026-03-06T09:00:00Z", end: "2026-03-06T10:00:00Z", timeZone: "Europe/Berlin" };
  await tandem.api("POST", `calendar-events?user=${login}`, { title: "Refused at first", ...event });
  await refuse(tandem);
  await tandem.sync(login);
  await tandem.control("DELETE", "faults");
  const [{ key }] = await tandem.api("GET", `set-aside?user=${login}`);
  await tandem.api("POST", "set-aside/retry", { user: login, resource: "calendar", keys: [key] });
  await tandem.sync(login);
  const resolved = await tandem.api("GET", `alerts?user=${login}&resolved=true`);
  assert.equal(resolved.length, 1, JSON.stringify(resolved));
}

/** Somebody whose account was connected, until something of it was over. */
async function expire(tandem, login, what) {
  await tandem.person(login);
  await tandem.connect(login);
  const mailbox = { userPrincipalName: address(login) };
  await tandem.control("POST", "expire", what === "clientSecret" ? { what } : { what, ...mailbox });
  await tandem.control("POST", "expire", { what: "accessTokens", ...mailbox });
  const { ok } = await tandem.api("POST", `users/${login}/microsoft/check`);
  assert.equal(ok, false);
}
