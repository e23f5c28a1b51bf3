// What tests of pages share: one browser for a file, and a program of its own for
// each test. Both end with it, and so do the windows that were opened.

import { after, afterEach, before } from "node:test";

import { launch, person } from "./chromium.mjs";
import { Tandem } from "./program.mjs";

/** Prepares a file of tests, to be called once at its top. */
export function stage() {
  const open = [];
  let browser;
  let tandem;

  before(async () => {
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
  });

  afterEach(async () => {
    await Promise.all(open.splice(0).map((page) => page.context().close()));
    await tandem?.stop();
    tandem = undefined;
  });

  return {
    /** Starts the program of this test. */
    async start(...options) {
      tandem = await Tandem.start(...options);
      return tandem;
    },

    /** A window of a person, at a path where one is given; nobody's without a login. */
    async visit(login, path, options) {
      const page = await person(browser, tandem, login, options);
      open.push(page);
      if (path) await page.goto(path);
      return page;
    },
  };
}
