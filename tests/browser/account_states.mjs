// The states of an account, each as the page that shows it: what leads a window there.
// The application is afterwards as it was before, whatever comes in between.

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
  try {
    await answered(page, login, "Return to the application");
    await page.getByRole("heading", { name: "An administrator has to agree first" }).waitFor();
  } finally {
    await tandem.register();
  }
  return null;
};

/** Where whoever consents lands. */
export const connected = (login) => async (page) => {
  await answered(page, login, "Accept");
  await page.getByRole("heading", { name: "Connected" }).waitFor();
  return null;
};

/** Does something while the settings name another directory, or none. */
async function withDirectory(tandem, directory, act) {
  await tandem.configure("system", "0", { "application.tenant": directory });
  try {
    await act();
  } finally {
    await tandem.configure("system", "0", { "application.tenant": TENANT });
  }
}

/**
 * The account as a check finds it with another directory in the settings. The accounts of
 * all are tried anew, with that directory and with the right one after it: whatever was
 * refused before works then.
 */
export const wrongDirectory = (tandem) => async (page) => {
  await withDirectory(tandem, "nowhere.example", async () => {
    await page.goto("/configuration/my");
    await leads(page, () => accountSection(page).getByRole("button", { name: "Check Connection" }).click());
    await accountSection(page).getByText("Wrong directory", { exact: true }).waitFor();
  });
  return null;
};

/**
 * The account where the application is not filled in. The accounts of all are tried anew
 * when it is again.
 */
export const notSetUp = (tandem) => async (page) => {
  await withDirectory(tandem, "", async () => {
    await page.goto("/configuration/my");
    await accountSection(page).getByText("Not set up", { exact: true }).waitFor();
  });
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
