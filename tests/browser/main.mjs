// Runs the tests of this folder, or those that are named.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { report } from "./report.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2).map((name) => `${name}.test.mjs`);
const known = readdirSync(here).filter((name) => name.endsWith(".test.mjs")).sort();
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`expected one of ${known.join(", ")}, but found ${unknown.join(", ")}`);
const files = wanted.length > 0 ? wanted : known;
report(files.map((name) => here + name), "pages in a browser");
