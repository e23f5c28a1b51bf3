// The section "Microsoft Account": connecting in a popup and without one, and
// every way in which that can end.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { launch, passPreview, person } from "./chromium.mjs";
import { CLIENT_ID, PERMISSIONS, Tandem, address } from "./program.mjs";

let tandem;
let browser;
const open = [];

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

/** A company whose application is set up; nobody is connected. */
async function company() {
  tandem = await Tandem.start();
  await tandem.prepare();
  await tandem.person("admin", { administrator: true });
  await tandem.person("anna");
}

/** Anna in front of her own configuration. */
async function configuration(options) {
  const page = await person(browser, tandem, "anna", options);
  open.push(page);
  await page.goto("/configuration/my");
  return page;
}

const section = (page) => page.locator("#microsoft-account");
const connectButton = (page) => section(page).getByRole("button", { name: /^(Connect|Reconnect)/ });

/** Presses Connect, and answers the window that opens. */
async function popupOf(page) {
  const [popup] = await Promise.all([page.waitForEvent("popup"), connectButton(page).click()]);
  await popup.getByText("Pick an account").waitFor();
  return popup;
}

async function pick(window, login) {
  await window.locator(`input[name="user"][value="${address(login)}"]`).check();
}

/** Anna connects as people do. */
async function connect(page, login = "anna") {
  const popup = await popupOf(page);
  await pick(popup, login);
  await Promise.all([popup.waitForEvent("close"), popup.getByRole("button", { name: "Accept" }).click()]);
  await passPreview(page);
  await section(page).getByText(address(login)).waitFor();
}

async function check(page) {
  await section(page).getByRole("button", { name: "Check Connection" }).click();
  const steps = section(page).getByRole("list", { name: "Steps of the check" });
  await steps.waitFor();
  return steps.getByRole("listitem").evaluateAll((items) => items.map((item) => item.querySelector(".badge").innerText));
}

test("Connect opens a popup, which closes itself and leaves the account's name", async () => {
  await company();
  const page = await configuration();
  await connect(page);
  assert.equal(await connectButton(page).count(), 0);
  assert.equal(await section(page).getByText("Connected", { exact: true }).isVisible(), true);
  assert.deepEqual(page.complaints, []);
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
});

test("whoever cancels is told so, and can try again", async () => {
  await company();
  const page = await configuration();
  const popup = await popupOf(page);
  await pick(popup, "anna");
  await popup.getByRole("button", { name: "Cancel" }).click();
  await popup.getByRole("heading", { name: "Cancelled" }).waitFor();
  await popup.getByText("Connect again whenever you like.").waitFor();
  await Promise.all([popup.waitForEvent("close"), popup.getByRole("button", { name: "Close window" }).click()]);
  assert.equal(await section(page).getByText("Not connected", { exact: true }).isVisible(), true);
  await connect(page);
});

test("where popups are blocked the whole page goes to Microsoft and comes back", async () => {
  await company();
  const page = await configuration();
  await page.evaluate(() => { window.open = () => null; });
  await connectButton(page).click();
  await page.getByText("Pick an account").waitFor();
  await pick(page, "anna");
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  await page.getByRole("link", { name: "Back to Microsoft Settings" }).click();
  await section(page).getByText(address("anna")).waitFor();
});

test("without a script the button leads to Microsoft and back", async () => {
  await company();
  const page = await configuration({ javaScriptEnabled: false });
  await connectButton(page).click();
  await pick(page, "anna");
  await page.getByRole("button", { name: "Accept" }).click();
  await page.getByRole("heading", { name: "Connected" }).waitFor();
});

test("what is not saved stays when the popup has connected", async () => {
  await company();
  const page = await configuration();
  await page.locator('[data-field="sync.interval-minutes"] [data-fallback]').uncheck();
  await page.locator('[data-field="sync.interval-minutes"] [data-control]').fill("44");
  const popup = await popupOf(page);
  await pick(popup, "anna");
  await popup.getByRole("button", { name: "Accept" }).click();
  await page.getByText("The account is connected. Save or reset your changes to see it here.").waitFor();
  assert.equal(await page.locator('[data-field="sync.interval-minutes"] [data-control]').inputValue(), "44");
});

test("where an administrator has to consent, the address for him is there, and works", async () => {
  await company();
  await tandem.control("POST", "apps", {
    clientId: CLIENT_ID, clientSecret: "a secret of the tests", tenant: "contoso.example",
    redirectUris: [`${tandem.crm}/microsoft-identity/connection/access-token`],
    permissions: PERMISSIONS, adminConsentRequired: true,
  });
  const page = await configuration();
  const popup = await popupOf(page);
  await pick(popup, "anna");
  await popup.getByRole("button", { name: "Return to the application" }).click();
  await popup.getByRole("heading", { name: "An administrator has to agree first" }).waitFor();
  const given = await popup.getByLabel("Address for your administrator").inputValue();
  await popup.getByRole("button", { name: "Close window" }).click();
  const administrator = await person(browser, tandem, "admin");
  open.push(administrator);
  await administrator.goto(given);
  await administrator.getByRole("button", { name: "Accept" }).click();
  await administrator.getByRole("heading", { name: "Thank you" }).waitFor();
  await connect(page);
});

test("without the application's settings there is nothing to press, and it is said whom to ask", async () => {
  tandem = await Tandem.start();
  await tandem.person("anna");
  const page = await configuration();
  assert.equal(await connectButton(page).isDisabled(), true);
  await section(page).getByText("Ask your administrator to fill in the Azure Active Directory Application Settings").waitFor();
});

test("a sign-in that Microsoft does not renew any more pauses the account until it is connected again", async () => {
  await company();
  const page = await configuration();
  await connect(page);
  await tandem.control("POST", "expire", { what: "refreshTokens", userPrincipalName: address("anna") });
  await tandem.control("POST", "expire", { what: "accessTokens", userPrincipalName: address("anna") });
  await tandem.advance(7200);
  assert.match((await check(page)).join(" "), /^Failed/);
  await section(page).getByText("Paused", { exact: true }).waitFor();
  await connect(page);
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
  await section(page).getByText("Connected", { exact: true }).waitFor();
});

test("a permission that is missing is named", async () => {
  await company();
  const page = await configuration();
  await connect(page);
  await tandem.control("POST", "faults", [
    { match: { path: "/v1.0/me/todo" }, times: 9, do: "unavailable", status: 403, code: "ErrorAccessDenied" },
  ]);
  const outcome = await check(page);
  assert.ok(outcome.includes("Failed") && outcome.includes("Passed"), outcome.join());
  await section(page).getByText("Tasks.ReadWrite").first().waitFor();
});

test("when Microsoft cannot be reached the check says so and nothing is lost", async () => {
  await company();
  const page = await configuration();
  await connect(page);
  await tandem.control("POST", "faults", [{ match: {}, times: 50, do: "unavailable" }]);
  assert.ok((await check(page)).includes("Failed"));
  await tandem.control("DELETE", "faults");
  await section(page).getByText(address("anna")).first().waitFor();
  assert.deepEqual([...new Set(await check(page))], ["Passed"]);
});

test("an application whose secret has expired is the administrator's to mend", async () => {
  await company();
  const page = await configuration();
  await connect(page);
  await tandem.control("POST", "expire", { what: "clientSecret" });
  await tandem.control("POST", "expire", { what: "accessTokens" });
  await tandem.advance(7200);
  assert.match((await check(page)).join(" "), /^Failed/);
  await section(page).getByText(/administrator/).first().waitFor();
});

test("disconnecting asks first, and keeps what was synchronized", async () => {
  await company();
  const page = await configuration();
  await connect(page);
  await section(page).getByRole("link", { name: /^Disconnect/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await section(page).getByText(address("anna")).first().waitFor();
  await section(page).getByRole("link", { name: /^Disconnect/ }).click();
  await page.getByRole("dialog").getByText("Everything that was synchronized stays on both sides.").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("The Microsoft account was disconnected.").waitFor();
  assert.equal(await connectButton(page).isEnabled(), true);
});
