// The core path with Microsoft's clients for JavaScript: sign-in, calendar,
// series, rounds, To Do, batches and subscriptions.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { describe, it } from "node:test";

import { BatchRequestContent, BatchResponseContent, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";

import * as scene from "./scene.mjs";

/** How long a test waits for what is on its way, in milliseconds. */
const PATIENCE = 30_000;

const SEPTEMBER = { startDateTime: "2026-09-01T00:00:00Z", endDateTime: "2026-10-01T00:00:00Z" };

const at = (dateTime) => ({ dateTime, timeZone: "Europe/Berlin" });
const lunch = (fields) => ({ subject: "Lunch", start: at("2026-09-07T12:00:00"), end: at("2026-09-07T13:00:00"), ...fields });
const refusedWith = (status, code) => (error) => error instanceof GraphError && error.statusCode === status && error.code === code;

describe("MSAL for Node.js", () => {
  it("signs a person in by code and keeps the account", async () => {
    const { user, result, app } = await scene.person("ada");
    assert.equal(result.account.username, user);
    assert.equal(result.idTokenClaims.preferred_username, user);
    const [account] = await app.getTokenCache().getAllAccounts();
    const renewed = await app.acquireTokenSilent({ account, scopes: scene.SCOPES, forceRefresh: true });
    assert.notEqual(renewed.accessToken, result.accessToken);
  });

  it("signs an application in by its secret, and not by another", async () => {
    const clientId = await scene.application(["Calendars.ReadWrite", "User.Read.All"]);
    const result = await scene.confidential(clientId).acquireTokenByClientCredential({ scopes: scene.GRAPH_DEFAULT });
    const user = await scene.mailbox("ada");
    const found = await scene.graph(async () => result.accessToken).api(`/users/${user}`).get();
    assert.equal(found.userPrincipalName, user);
    const wrong = scene.confidential(clientId, "another secret");
    await assert.rejects(
      () => wrong.acquireTokenByClientCredential({ scopes: scene.GRAPH_DEFAULT }),
      (error) => error.errorCode === "invalid_client" && error.message.includes("AADSTS7000215"),
    );
  });
});

describe("the Graph client for JavaScript", () => {
  it("creates, reads, changes and deletes an event", async () => {
    const { graph } = await scene.person("ada");
    const made = await graph.api("/me/events").post(lunch({ location: { displayName: "Canteen" } }));
    const read = await graph.api(`/me/events/${made.id}`).header("Prefer", 'outlook.timezone="Europe/Berlin"').get();
    assert.equal(read.start.dateTime, "2026-09-07T12:00:00.0000000");
    const changed = await graph.api(`/me/events/${made.id}`).patch({ subject: "Late lunch" });
    assert.deepEqual([changed.subject, changed.location.displayName], ["Late lunch", "Canteen"]);
    await graph.api(`/me/events/${made.id}`).delete();
    await assert.rejects(() => graph.api(`/me/events/${made.id}`).get(), refusedWith(404, "ErrorItemNotFound"));
  });

  it("expands a series and leaves a day out", async () => {
    const { graph } = await scene.person("ada");
    const recurrence = {
      pattern: { type: "weekly", interval: 1, daysOfWeek: ["monday"] },
      range: { type: "numbered", startDate: "2026-09-07", numberOfOccurrences: 4 },
    };
    const master = await graph.api("/me/events").post(lunch({ recurrence }));
    assert.equal(master.type, "seriesMaster");
    const instances = () => graph.api(`/me/events/${master.id}/instances`).query(SEPTEMBER).get();
    const before = (await instances()).value;
    assert.equal(before.length, 4);
    await graph.api(`/me/events/${before[1].id}`).delete();
    await graph.api(`/me/events/${before[2].id}`).patch({ subject: "Brunch" });
    assert.deepEqual((await instances()).value.map(({ subject, type }) => [subject, type]), [
      ["Lunch", "occurrence"],
      ["Brunch", "exception"],
      ["Lunch", "occurrence"],
    ]);
  });

  it("follows pages to the link of the next round", async () => {
    const { graph } = await scene.person("ada");
    for (let hour = 9; hour < 16; hour += 1) {
      const time = String(hour).padStart(2, "0");
      await graph.api("/me/events").post(lunch({ start: at(`2026-09-07T${time}:00:00`), end: at(`2026-09-07T${time}:30:00`) }));
    }
    const paged = { headers: { Prefer: "odata.maxpagesize=3" } };
    const first = await graph.api("/me/calendarView/delta").query(SEPTEMBER).headers(paged.headers).get();
    const seen = new Set();
    const pages = new PageIterator(graph, first, ({ id }) => seen.add(id) && true, paged);
    await pages.iterate();
    assert.equal(seen.size, 7);
    const made = await graph.api("/me/events").post(lunch());
    const next = await graph.api(pages.getDeltaLink()).get();
    assert.deepEqual(next.value.map(({ id }) => id), [made.id]);
  });

  it("works with lists and tasks", async () => {
    const { graph } = await scene.person("ada");
    const lists = (await graph.api("/me/todo/lists").get()).value;
    const { id } = lists.find(({ wellknownListName }) => wellknownListName === "defaultList");
    const tasks = `/me/todo/lists/${id}/tasks`;
    const made = await graph.api(tasks).post({ title: "Call Bea", dueDateTime: at("2026-09-07T00:00:00") });
    const done = await graph.api(`${tasks}/${made.id}`).patch({ status: "completed" });
    assert.notEqual(done.completedDateTime, null);
    await graph.api(`${tasks}/${made.id}`).delete();
    assert.deepEqual((await graph.api(tasks).get()).value, []);
  });

  it("sends parts that depend on others in one batch", async () => {
    const { graph } = await scene.person("ada");
    // The client leaves out the host alone; the addresses of parts have no version.
    const part = (id, method, url, dependsOn, body) => ({
      id,
      dependsOn,
      request: new Request(`${scene.MICROSOFT}${url}`, {
        method,
        body: body && JSON.stringify(body),
        headers: body ? { "Content-Type": "application/json" } : {},
      }),
    });
    const send = async (...parts) => {
      const content = await new BatchRequestContent(parts).getContent();
      return new BatchResponseContent(await graph.api("/$batch").post(content));
    };
    const good = await send(part("1", "GET", "/me"), part("2", "POST", "/me/events", ["1"], lunch()));
    assert.deepEqual([good.getResponseById("1").status, good.getResponseById("2").status], [200, 201]);
    assert.equal((await good.getResponseById("2").json()).subject, "Lunch");
    const bad = await send(part("1", "GET", "/me/events/missing"), part("2", "POST", "/me/events", ["1"], lunch()));
    assert.deepEqual([bad.getResponseById("1").status, bad.getResponseById("2").status], [400, 424]);
    assert.equal((await graph.api("/me/events").get()).value.length, 1);
  });

  it("subscribes to changes and hears of one", { timeout: PATIENCE }, async () => {
    const { graph } = await scene.person("ada");
    let hear;
    const heard = new Promise((resolve) => (hear = resolve));
    const server = createServer(async (request, answer) => {
      const token = new URL(request.url, "http://localhost").searchParams.get("validationToken");
      const chunks = await request.toArray();
      answer.writeHead(token ? 200 : 202, { "content-type": "text/plain" }).end(token ?? "");
      if (!token) hear(JSON.parse(Buffer.concat(chunks)).value[0]);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const subscription = await graph.api("/subscriptions").post({
        changeType: "created",
        notificationUrl: `http://127.0.0.1:${server.address().port}/notify`,
        resource: "/me/events",
        expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
        clientState: "known to both",
      });
      const made = await graph.api("/me/events").post(lunch());
      const told = await heard;
      assert.deepEqual([told.subscriptionId, told.clientState, told.resourceData.id], [subscription.id, "known to both", made.id]);
      await graph.api(`/subscriptions/${subscription.id}`).delete();
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
