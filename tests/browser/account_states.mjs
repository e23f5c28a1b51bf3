// The states of an account, each as the page that shows it: what leads a window there,
// and leaves everything else as it was.

import { accountSection, connectButton, leads, pick } from "./chromium.mjs";
import { PERMISSIONS, TENANT } from "./program.mjs";

/** Presses Connect where no window opens, and this button at Microsoft. */
async function answered(page, login, button) {
  await page.goto("/configuration/my");
  await page.evaluate(() => { window.open = () => null; });
  await connectButton(page).click();
  await page.getByText("Pick an account").waitFor();
  await pick(page, login);
  await leads(page, () => page.getByRole("button", { name: button }).click());
}

/** Where whoever cancels lands. */
export const cancelled = (login) => async (page) => {
  await answered(page, login, "Cancel");
  await page.getByRole("heading", { name: "Cancelled" }).waitFor();
  return null;
};

/** Where whoever may not consent lands. */
export const consentNeeded = (tandem, login) => async (page) => {
  await tandem.register(PERMISSIONS, { adminConsentRequired: true });
  await answered(page, login, "Return to the application");
  await page.getByRole("heading", { name: "An administrator has to agree first" }).waitFor();
  await tandem.register();
  return null;
};

/** Where whoever consents lands. */
export const connected = (login) => async (page) => {
  await answered(page, login, "Accept");
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  return null;
};

/** The account as a check finds it with another directory in the settings. */
export const wrongDirectory = (tandem) => async (page) => {
  await tandem.configure("system", "0", { "application.tenant": "nowhere.example" });
  await page.goto("/configuration/my");
  await leads(page, () => accountSection(page).getByRole("button", { name: "Check Connection" }).click());
  await accountSection(page).getByText("Wrong directory", { exact: true }).waitFor();
  await tandem.configure("system", "0", { "application.tenant": TENANT });
  return null;
};

/** The account where the application is not filled in. */
export const notSetUp = (tandem) => async (page) => {
  await tandem.configure("system", "0", { "application.tenant": "" });
  await page.goto("/configuration/my");
  await accountSection(page).getByText("Not set up", { exact: true }).waitFor();
  await tandem.configure("system", "0", { "application.tenant": TENANT });
  return null;
};

/** Somebody who has let the application use the calendar, and not the tasks. */
export async function permit(tandem, login) {
  await tandem.register(PERMISSIONS.filter((name) => name !== "Tasks.ReadWrite"));
  const { id } = await tandem.person(login);
  await tandem.connect(login);
  await tandem.register();
  return id;
}
