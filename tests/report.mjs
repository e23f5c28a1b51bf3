// Runs files of tests with Node.js' own runner and says how it went in one line
// that `tests/run` counts. A test that is skipped, or none at all, is a failure.

import { run } from "node:test";

/** How long a file may take, in milliseconds: what never comes is a failure, and no wait. */
const PATIENCE = 600_000;

/** Runs the files, prints a line for each test and the result of `what`, and sets the exit code. */
export function report(files, what) {
  let passed = 0;
  let failed = 0;
  const stream = run({ files, concurrency: 1, timeout: PATIENCE });
  stream.on("test:pass", ({ name, skip, todo, details }) => {
    if (details.type === "suite" || name.endsWith(".test.mjs")) return;
    const ran = skip === undefined && todo === undefined;
    if (ran) passed += 1;
    else failed += 1;
    console.log(`${name} ... ${ran ? "ok" : "skipped"}`);
  });
  stream.on("test:fail", ({ name, details }) => {
    failed += 1;
    console.log(`${name} ... FAILED\n${details.error?.cause?.stack ?? details.error?.stack}`);
  });
  stream.on("test:stderr", ({ message }) => process.stderr.write(message));
  stream.on("end", () => {
    const outcome = failed === 0 && passed > 0 ? "ok" : "FAILED";
    console.log(`test result: ${outcome}. ${passed} passed; ${Math.max(failed, Number(passed === 0))} failed (${what})`);
    process.exitCode = outcome === "ok" ? 0 : 1;
  });
  stream.resume();
}
