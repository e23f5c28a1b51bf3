// The section "Microsoft Account": connecting in a popup and without one, and
// every way in which that can end.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  accountSection as section, connectButton, connectHere, leads, openPopup, passPreview, pick, pressToClose, scan,
} from "./chromium.mjs";
import { PERMISSIONS, TENANT, address } from "./program.mjs";
import { stage } from "./stage.mjs";

const scene = stage();
let tandem;

/** A company whose application is set up; nobody is connected. */
async function company() {
  tandem = await scene.start();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true });
  await tandem.person("anna");
}

/** Anna in front of her own configuration. */
function configuration(options) {
  return scene.visit("anna", "/configuration/my", options);
}

/** The organization lets nobody but its administrators accept the permissions. */
function onlyAdministratorsConsent() {
  return tandem.register(PERMISSIONS, { adminConsentRequired: true });
}

const closedNote = (page) => section(page).getByText("The window was closed before Microsoft had answered.");

/** Has a page remember that it has seen its window closed: it looks no more after that. */
const watchWindow = (page) => page.evaluate(() => {
  const { clearInterval } = window;
  window.clearInterval = (timer) => {
    clearInterval(timer);
    window.hasSeenClosed = true;
  };
});

async function check(page) {
  await leads(page, () => section(page).getByRole("button", { name: "Check Connection" }).click());
  const steps = section(page).getByRole("list", { name: "Steps of the check" });
  await steps.waitFor();
  return steps.getByRole("listitem").evaluateAll((items) => items.map((item) => item.querySelector(".badge").innerText));
}

test("Connect opens a popup, which closes itself and leaves the account's name", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  assert.equal(await connectButton(page).count(), 0);
  assert.equal(await section(page).getByText("Connected", { exact: true }).isVisible(), true);
  assert.deepEqual(page.complaints, []);
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
});

test("whoever cancels is told so where they began, without the window, and can try again", async () => {
  await company();
  const page = await configuration();
  const popup = await openPopup(page);
  await pick(popup, "anna");
  await pressToClose(popup, "Cancel");
  await section(page).getByText("Cancelled", { exact: true }).first().waitFor();
  await section(page).getByText("Connect again whenever you like.").waitFor();
  await connectHere(page, "anna");
});

/** The page that asks anna at Microsoft, which was led there because no window could open. */
async function askedWithoutPopup() {
  await company();
  const page = await configuration();
  await page.evaluate(() => { window.open = () => null; });
  await connectButton(page).click();
  await page.getByText("Pick an account").waitFor();
  await pick(page, "anna");
  return page;
}

test("where popups are blocked the whole page goes to Microsoft and comes back", async () => {
  const page = await askedWithoutPopup();
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  await page.getByRole("link", { name: "Back to Microsoft Settings" }).click();
  await section(page).getByText(address("anna")).waitFor();
});

test("where popups are blocked whoever cancels is led back to the account, which says so, too", async () => {
  const page = await askedWithoutPopup();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  await page.getByText("Connect again whenever you like.").waitFor();
  await page.getByRole("link", { name: "Back to Microsoft Settings" }).click();
  await section(page).getByText("Cancelled", { exact: true }).first().waitFor();
  await section(page).getByText("Connect again whenever you like.").waitFor();
});

test("without a script the button leads to Microsoft and back", async () => {
  await company();
  const page = await configuration({ javaScriptEnabled: false });
  await connectButton(page).click();
  await pick(page, "anna");
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("heading", { name: "Connected" }).waitFor();
});

/** The popup with an account chosen, while the page that opened it has a change that is not saved. */
async function popupBesideUnsaved(page) {
  await page.locator('[data-field="sync.interval-minutes"] [data-fallback]').uncheck();
  await page.locator('[data-field="sync.interval-minutes"] [data-control]').fill("44");
  const popup = await openPopup(page);
  await pick(popup, "anna");
  return popup;
}

test("what is not saved stays when the popup has connected", async () => {
  await company();
  const page = await configuration();
  const popup = await popupBesideUnsaved(page);
  await popup.getByRole("button", { name: "Accept" }).click();
  await page.getByText("The account is connected. Save or reset your changes to see it here.").waitFor();
  assert.equal(await page.locator('[data-field="sync.interval-minutes"] [data-control]').inputValue(), "44");
});

test("a popup that was cancelled is told of, and what is not saved stays", async () => {
  await company();
  const page = await configuration();
  const cancelled = await popupBesideUnsaved(page);
  await watchWindow(page);
  await pressToClose(cancelled, "Cancel");
  await section(page).getByText(/You did not let the application use your account.*Connect again whenever you like/).waitFor();
  assert.equal(await page.locator('[data-field="sync.interval-minutes"] [data-control]').inputValue(), "44");
  await page.waitForFunction(() => window.hasSeenClosed);
  assert.equal(await closedNote(page).isVisible(), false, "it was answered");
  // What one window has said is not there beside what the next one says.
  const popup = await openPopup(page);
  await pick(popup, "anna");
  await pressToClose(popup, "Accept");
  await page.getByText("The account is connected. Save or reset your changes to see it here.").waitFor();
  assert.equal(await section(page).getByText("You did not let the application use your account").isVisible(), false);
});

test("where an administrator has to consent, the address for him is there, and works", async () => {
  await company();
  await onlyAdministratorsConsent();
  const page = await configuration();
  const popup = await openPopup(page);
  await pick(popup, "anna");
  await popup.getByRole("button", { name: "Return to the application" }).click();
  await popup.getByRole("heading", { name: "An administrator has to agree first" }).waitFor();
  const given = await popup.getByLabel("Address for your administrator").inputValue();
  await pressToClose(popup, "Close window");
  await section(page).getByText("Administrator needed", { exact: true }).waitFor();
  assert.equal(await section(page).getByLabel("Address for your administrator").inputValue(), given);
  const administrator = await scene.visit("admin", given);
  await administrator.getByRole("button", { name: "Accept" }).click();
  await administrator.getByRole("heading", { name: "Thank you" }).waitFor();
  await connectHere(page, "anna");
  assert.equal(await section(page).getByLabel("Address for your administrator").count(), 0);
});

test("a window that is closed before Microsoft answers is told from one that was answered", async () => {
  await company();
  await tandem.configure("system", "0", { "application.tenant": "nowhere.example" });
  const page = await configuration();
  const [popup] = await Promise.all([page.waitForEvent("popup"), connectButton(page).click()]);
  await popup.getByText("AADSTS90002").first().waitFor();
  await popup.close();
  await closedNote(page).waitFor();
  await tandem.configure("system", "0", { "application.tenant": TENANT });
  const again = await openPopup(page);
  assert.equal(await closedNote(page).isVisible(), false, "it was said of the window before");
  await pick(again, "anna");
  await pressToClose(again, "Accept");
  await passPreview(page);
  await section(page).getByText(address("anna")).first().waitFor();
});

test("an account of another directory than the one in the settings says whose it is to mend", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.configure("system", "0", { "application.tenant": "nowhere.example" });
  assert.match((await check(page)).join(" "), /^Failed/);
  await section(page).getByText("Wrong directory", { exact: true }).waitFor();
  await section(page).getByText(/AADSTS90002.*An administrator has to check the directory/).waitFor();
  await tandem.configure("system", "0", { "application.tenant": TENANT });
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
  await section(page).getByText("Connected", { exact: true }).waitFor();
});

test("permissions that were not granted are named, and what does not need them works", async () => {
  await company();
  await tandem.register(PERMISSIONS.filter((name) => name !== "Tasks.ReadWrite"));
  const page = await configuration();
  await connectHere(page, "anna", { preview: false });
  await section(page).getByText("Permission missing", { exact: true }).waitFor();
  await section(page).getByText(/Missing permissions: Tasks\.ReadWrite/).waitFor();
  assert.equal((await tandem.sync("anna")).blocked ?? null, null);
  await tandem.register();
  await connectHere(page, "anna", { preview: false });
  await section(page).getByText("Connected", { exact: true }).waitFor();
});

test("without the application's settings there is nothing to press, and it is said whom to ask", async () => {
  tandem = await scene.start();
  await tandem.person("anna");
  const page = await configuration();
  assert.equal(await connectButton(page).isDisabled(), true);
  await section(page).getByText("An administrator has to fill in the Azure Active Directory Application Settings").waitFor();
});

test("a sign-in that Microsoft does not renew any more pauses the account until it is connected again", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.control("POST", "expire", { what: "refreshTokens", userPrincipalName: address("anna") });
  await tandem.control("POST", "expire", { what: "accessTokens", userPrincipalName: address("anna") });
  await tandem.advance(7200);
  assert.match((await check(page)).join(" "), /^Failed/);
  await section(page).getByText("Paused", { exact: true }).waitFor();
  await connectHere(page, "anna");
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
  await section(page).getByText("Connected", { exact: true }).waitFor();
});

test("a permission that is missing is named", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.control("POST", "faults", [
    { match: { path: "/v1.0/me/todo" }, times: 9, do: "unavailable", status: 403, code: "ErrorAccessDenied" },
  ]);
  const outcome = await check(page);
  assert.ok(outcome.includes("Failed") && outcome.includes("Passed"), outcome.join());
  await section(page).getByText("Tasks.ReadWrite").first().waitFor();
});

test("a check that Microsoft throttles says how long it asks to wait, and the account stays as it is", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.control("POST", "faults", [{ match: { path: "/v1.0/me" }, times: 50, do: "throttle", retryAfterSeconds: 30 }]);
  assert.ok((await check(page)).includes("Failed"));
  await section(page).getByText("Microsoft asks for fewer requests at the moment. Check again in 30 seconds.").first().waitFor();
  await section(page).getByText("Connected", { exact: true }).waitFor();
  await tandem.control("DELETE", "faults");
  await tandem.advance(60);
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
});

test("a check without the application's settings names what is missing", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.configure("system", "0", { "application.tenant": "" });
  await section(page).getByRole("button", { name: "Check Connection" }).click();
  await section(page).getByText("The Azure application settings are incomplete. An administrator has to fill them in.").waitFor();
  await tandem.configure("system", "0", { "application.tenant": TENANT });
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
});

test("where nothing is switched on the check tries the sign-in and the account, and nothing else", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  assert.equal((await check(page)).length, 4);
  await tandem.configure("system", "0", { "features.calendar": false, "features.tasks": false });
  await page.goto("/configuration/my");
  assert.deepEqual(await check(page), ["Passed", "Passed"]);
  await section(page).getByText("Connection is established successfully").waitFor();
});

test("a consent that was withdrawn is found by the check, with who has to give it again", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.control("POST", "expire", { what: "consents" });
  assert.match((await check(page)).join(" "), /^Failed/);
  await section(page).getByText("Paused", { exact: true }).waitFor();
  await connectHere(page, "anna");
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
  // Where only administrators may give it, the account waits for one of them.
  await onlyAdministratorsConsent();
  await tandem.control("POST", "expire", { what: "consents" });
  assert.match((await check(page)).join(" "), /^Failed/);
  const popup = await openPopup(page);
  await pick(popup, "anna");
  await popup.getByRole("button", { name: "Return to the application" }).click();
  await popup.getByRole("heading", { name: "An administrator has to agree first" }).waitFor();
  await pressToClose(popup, "Close window");
  const given = await section(page).getByLabel("Address for your administrator").inputValue();
  const administrator = await scene.visit("admin", given);
  await administrator.getByRole("button", { name: "Accept" }).click();
  await administrator.getByRole("heading", { name: "Thank you" }).waitFor();
  await connectHere(page, "anna");
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
  await section(page).getByText("Connected", { exact: true }).waitFor();
});

test("when Microsoft cannot be reached the check says so and nothing is lost", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.control("POST", "faults", [{ match: {}, times: 50, do: "unavailable" }]);
  assert.ok((await check(page)).includes("Failed"));
  await tandem.control("DELETE", "faults");
  await section(page).getByText(address("anna")).first().waitFor();
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
});

test("an application whose secret has expired is the administrator's to mend", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await tandem.control("POST", "expire", { what: "clientSecret" });
  await tandem.control("POST", "expire", { what: "accessTokens" });
  await tandem.advance(7200);
  assert.match((await check(page)).join(" "), /^Failed/);
  await section(page).getByText("Application refused", { exact: true }).waitFor();
  await section(page).getByText(/An administrator has to check the Azure settings/).waitFor();
});

test("whoever connects a colleague's account is told, and so are the colleague and the administrator", async () => {
  await company();
  const { id } = await tandem.person("ben", { mailbox: false });
  await tandem.connect("anna");
  const page = await scene.visit("ben", "/configuration/my");
  await connectHere(page, "anna");
  const said = (name) => `This Microsoft account is also connected for ${name}.`;
  const notice = section(page).getByText(said("Anna Example"));
  await notice.waitFor();
  await scan(page, "an account of two users");
  const anna = await configuration();
  await section(anna).getByText(said("Ben Example")).waitFor();
  const admin = await scene.visit("admin", `/status/${id}`);
  await admin.getByText(said("Anna Example")).waitFor();
  await admin.getByRole("link", { name: "Microsoft Account of Ben Example" }).click();
  await section(admin).getByText("what is synchronized for Ben Example can reach the others").waitFor();
  await section(page).getByRole("link", { name: /^Disconnect/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("The Microsoft account was disconnected.").waitFor();
  assert.equal(await notice.count(), 0);
  await anna.reload();
  await section(anna).getByText(address("anna")).first().waitFor();
  assert.equal(await section(anna).getByText(said("Ben Example")).count(), 0);
});

test("disconnecting asks first, and keeps what was synchronized", async () => {
  await company();
  const page = await configuration();
  await connectHere(page, "anna");
  await section(page).getByRole("link", { name: /^Disconnect/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await section(page).getByText(address("anna")).first().waitFor();
  await section(page).getByRole("link", { name: /^Disconnect/ }).click();
  await page.getByRole("dialog").getByText("Everything that was synchronized stays on both sides.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("The Microsoft account was disconnected.").waitFor();
  assert.equal(await connectButton(page).isEnabled(), true);
});
