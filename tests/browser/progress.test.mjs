// What a user's page says of a run while it goes on, which is held for that in the middle.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Tandem } from "./program.mjs";
import { stage } from "./stage.mjs";
import { Way } from "./way.mjs";

const scene = stage();

/** More items than a step has, which decides about 250, so that a run has two. */
const ITEMS = 500;

/** Batches that pass before one is held: all of the first step, of 20 items each, and some of the second. */
const BATCHES_BEFORE = 18;

/** Anna with an account and new events, and Microsoft in another program, on a way that can be held. */
async function company(context) {
  const microsoft = await Tandem.start();
  context.after(() => microsoft.stop());
  const way = await Way.to(microsoft);
  context.after(() => way.close());
  const tandem = await scene.start(...way.options());
  await tandem.prepare();
  await tandem.person("admin", { administrator: true, mailbox: false });
  const { id } = await tandem.person("anna");
  await tandem.connect("anna");
  await tandem.sync("anna");
  const event = (number) => tandem.api("POST", "calendar-events?user=anna", {
    title: `One of many ${number}`, start: "2026-03-03T09:00:00Z", end: "2026-03-03T10:00:00Z", timeZone: "Europe/Berlin",
  });
  for (let number = 0; number < ITEMS; number += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, more) => event(number + more)));
  }
  return { tandem, way, id };
}

test("while a run goes on its page says at which step it is and what was done so far", async (context) => {
  const { tandem, way, id } = await company(context);
  const page = await scene.visit("admin", `/status/${id}`);
  const progress = page.locator("#resource-calendar .facts [role=status]");
  assert.equal(await progress.count(), 0);
  const release = way.hold("/v1.0/$batch", { after: BATCHES_BEFORE });
  const run = tandem.sync("anna");
  // The page follows by itself, and the run stands still.
  await progress.filter({ hasText: /^Step 2 is running\./ }).waitFor();
  const said = await progress.innerText();
  const items = Number(/^Step 2 is running\. So far: (\d+) items, \d+ requests\.$/.exec(said)?.[1]);
  assert.ok(0 < items && items < ITEMS, said);
  release();
  const { microsoft } = await run;
  assert.equal(microsoft.created, ITEMS);
  await progress.waitFor({ state: "detached" });
  assert.deepEqual(page.complaints, []);
});
