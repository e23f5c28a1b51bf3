// Runs the tests of this folder and says how it went in one line that
// `tests/run` counts. A test that is skipped, or none at all, is a failure.

import { run } from "node:test";
import { fileURLToPath } from "node:url";

let passed = 0;
let failed = 0;

/** How long a test may take, in milliseconds: what never comes is a failure, and no wait. */
const PATIENCE = 120_000;

const names = ["clients.test.mjs", "public-names.test.mjs"];
const files = names.map((name) => fileURLToPath(new URL(name, import.meta.url)));
const stream = run({ files, concurrency: 1, timeout: PATIENCE });
stream.on("test:pass", ({ name, skip, todo, details }) => {
  if (details.type === "suite" || name.endsWith(".test.mjs")) return;
  if (skip === undefined && todo === undefined) passed += 1;
  else failed += 1;
  console.log(`${name} ... ${skip === undefined && todo === undefined ? "ok" : "skipped"}`);
});
stream.on("test:fail", ({ name, details }) => {
  failed += 1;
  console.log(`${name} ... FAILED\n${details.error?.cause?.stack ?? details.error?.stack}`);
});
stream.on("test:stderr", ({ message }) => process.stderr.write(message));
stream.on("end", () => {
  const outcome = failed === 0 && passed > 0 ? "ok" : "FAILED";
  console.log(`test result: ${outcome}. ${passed} passed; ${Math.max(failed, Number(passed === 0))} failed (clients in JavaScript)`);
  process.exitCode = outcome === "ok" ? 0 : 1;
});
stream.resume();
