// Runs the tests of this folder.

import { fileURLToPath } from "node:url";

import { report } from "./report.mjs";

const names = ["clients.test.mjs", "public-names.test.mjs"];
report(names.map((name) => fileURLToPath(new URL(name, import.meta.url))), "clients in JavaScript");
