// The browser: people in windows of their own, pictures, and the scan.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import assert from "node:assert/strict";

import { chromium } from "playwright-core";

import { address } from "./program.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PICTURES = process.env.TANDEM_SCREENSHOTS;

/** How long a page may take to show something, in milliseconds. */
const PATIENCE = 20_000;

const ARGUMENTS = ["--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"];

/** Starts the browser. As root it has no sandbox of its own. */
export function launch() {
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath: process.env.TANDEM_CHROMIUM, args: [...ARGUMENTS, ...sandbox] });
}

/** A person in front of a window: nothing of another one's is in it. */
export async function person(browser, tandem, login, options = {}) {
  const context = await browser.newContext({ baseURL: tandem.crm, viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") page.complaints.push(message.text());
  });
  if (login) {
    await page.goto("/sign-in");
    await page.locator(`form:has(input[name="login"][value="${login}"]) button`).click();
    await page.waitForURL(tandem.crm + "/");
  }
  return page;
}

/** Passes by the preview to which a new account leads. */
export async function passPreview(page) {
  await page.waitForURL("**/first-sync");
  await page.getByRole("button", { name: /^(Start synchronizing|Look again)$/ }).first().waitFor();
  await page.goto("/configuration/my");
}

/** The section "Microsoft Account" of a configuration. */
export const accountSection = (page) => page.locator("#microsoft-account");

/** The button of that section that leads to Microsoft. */
export const connectButton = (page) => accountSection(page).getByRole("button", { name: /^(Connect|Reconnect)/ });

/** Presses Connect on a configuration, and answers the window that opens. */
export async function openPopup(page) {
  const [popup] = await Promise.all([page.waitForEvent("popup"), connectButton(page).click()]);
  await popup.getByText("Pick an account").waitFor();
  return popup;
}

/** Picks the account of a person where Microsoft asks for one. */
export async function pick(window, login) {
  await window.locator(`input[name="user"][value="${address(login)}"]`).check();
}

/**
 * Presses a button after which its window closes by itself. The press may end in
 * an error then, because the window is gone before it has come to its end.
 */
export async function pressToClose(window, name) {
  const closed = window.waitForEvent("close");
  const pressed = window.getByRole("button", { name }).click();
  await Promise.all([closed, pressed.catch((error) => closed.catch(() => { throw error; }))]);
}

/**
 * Connects the account of a person in the popup of the configuration that is shown.
 * One that was synchronized before, or lacks a permission, leads to no preview.
 */
export async function connectHere(page, login, { preview = true } = {}) {
  const popup = await openPopup(page);
  await pick(popup, login);
  await pressToClose(popup, "Accept");
  if (preview) await passPreview(page);
  await accountSection(page).getByText(address(login)).first().waitFor();
}

/** Connects the person's account as people do: in the popup of their configuration. */
export async function connect(page, login) {
  await page.goto("/configuration/my");
  await connectHere(page, login);
}

/**
 * Does what leads to another page, and waits until that is there as a whole: what the
 * page before has as well is not taken for its own.
 */
export async function leads(page, act) {
  await page.waitForLoadState();
  await Promise.all([page.waitForEvent("load"), act()]);
}

/** The question of a page that follows what happens. */
const QUESTION = /\/status\/changes\?/;

/**
 * Lets a page that is opened after this hear of nothing, so that it stays as it is drawn,
 * until what this answers is called.
 */
export async function still(page) {
  let follow;
  const follows = new Promise((resolve) => { follow = resolve; });
  // Whoever has left the page does not wait for the answer any more.
  await page.route(QUESTION, (route) => follows.then(() => route.continue()).catch(() => {}));
  return follow;
}

/** Asserts that the scan finds nothing serious on the page as it is. */
export async function scan(page, name) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  }));
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const lines = serious.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}\n  ${target}\n  ${failureSummary}`));
  assert.deepEqual(lines, [], `${name}: ${lines.join("\n")}`);
}

/**
 * Takes a picture of the whole page. The window is as high as the page for it, since
 * what sticks to the edge of a window would cover what is behind it in the picture. A
 * dialog is in front of what is seen of the page.
 */
export async function picture(page, name) {
  mkdirSync(PICTURES, { recursive: true });
  const path = join(PICTURES, `${name}.png`);
  if (await page.getByRole("dialog").count() > 0) {
    await page.screenshot({ path });
    return;
  }
  const { width, height } = page.viewportSize();
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width, height: Math.max(whole, height) });
  await page.screenshot({ path });
  await page.setViewportSize({ width, height });
}
