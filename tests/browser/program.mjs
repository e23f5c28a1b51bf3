// The program under test: a `tandem serve` in memory, and what its two JSON
// interfaces are asked.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PROGRAM = process.env.TANDEM_PROGRAM;

export const CLIENT_ID = "11111111-2222-3333-4444-555555555555";
export const CLIENT_SECRET = "a secret of the tests";
export const TENANT = "contoso.example";
export const PERMISSIONS = [
  "openid", "profile", "offline_access", "User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite",
];

/** Where the CRM's day begins in every test: a Monday. */
export const NOW = "2026-03-02T09:00:00Z";

/** Answers the body, or throws what was answered instead. */
async function request(address, method, body) {
  const answer = await fetch(address, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${address}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** A running program with both listeners. */
export class Tandem {
  #process;

  /** Starts it on free ports, with a clock that stands at `NOW` and a seed. */
  static async start(...options) {
    const tandem = new Tandem();
    const fixed = ["serve", "--port", "0", "--data", ":memory:", "--seed", "7"];
    // Whoever is led to another Microsoft opens none.
    const own = options.includes("--graph-url") ? [] : ["--graph-port", "0"];
    tandem.#process = spawn(PROGRAM, [...fixed, ...own, ...options], { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: tandem.#process.stdout })) {
      const [word, address] = line.split(/\s+/);
      if (word === "CRM") tandem.crm = address;
      if (word === "Microsoft") tandem.microsoft = address;
      if (word === "Stop") break;
    }
    if (!tandem.crm || !tandem.microsoft) throw new Error("expected `tandem serve` to start, but it ended");
    // What it goes on to print is read, so that it never waits for a reader.
    tandem.#process.stdout.resume();
    await tandem.api("POST", "control/clock", { now: NOW });
    return tandem;
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
  }

  /** The JSON interface of the CRM. */
  api(method, path, body) {
    return request(`${this.crm}/api/${path}`, method, body);
  }

  /** The management interface of the emulated Microsoft. */
  control(method, path, body) {
    return request(`${this.microsoft}/_control/${path}`, method, body);
  }

  /** Graph, as Outlook would use it for this person. */
  async graph(login, method, path, body) {
    const scopes = ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite"];
    const { accessToken } = await this.control("POST", "token", { userPrincipalName: address(login), scopes });
    const answer = await fetch(`${this.microsoft}/v1.0${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { "content-type": "application/json", authorization: `Bearer ${accessToken}` },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** A user of the CRM with a mailbox of the same address. */
  async person(login, { administrator = false, organization = "Acme", mailbox = true } = {}) {
    const name = login[0].toUpperCase() + login.slice(1);
    const user = {
      login, email: address(login), displayName: `${name} Example`, organization, timeZone: "Europe/Berlin", administrator,
    };
    const made = await this.api("POST", "users", user);
    if (mailbox) {
      const box = { userPrincipalName: user.email, displayName: user.displayName, timeZone: "Europe/Berlin" };
      await this.control("POST", "mailboxes", box);
    }
    return made;
  }

  /** The application is registered with Microsoft, with more of it where that is given. */
  register(permissions = PERMISSIONS, more = {}) {
    return this.control("POST", "apps", {
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      tenant: TENANT,
      redirectUris: [`${this.crm}/microsoft-identity/connection/access-token`],
      permissions,
      ...more,
    });
  }

  /** Values of a level of settings. */
  configure(level, id, values) {
    const layer = Object.entries(values).map(([key, value]) => [key, { value, useParent: false }]);
    return this.api("PUT", `config/${level}/${id}`, Object.fromEntries(layer));
  }

  /** The application is registered and entered, and both resources are on. */
  async prepare() {
    await this.register();
    await this.configure("system", "0", {
      "application.client-id": CLIENT_ID,
      "application.client-secret": CLIENT_SECRET,
      "application.tenant": TENANT,
      "features.calendar": true,
      "features.tasks": true,
    });
  }

  /** Runs a resource of a person to its end. */
  sync(login, resource = "calendar") {
    return this.api("POST", "sync", { user: login, resource });
  }

  /** Connects an account for a person, that of their own mailbox or of another one, as their browser would, without one. */
  async connect(login, mailbox = login) {
    const { authorizeUrl } = await this.api("POST", `users/${login}/microsoft/connect`);
    const form = new URLSearchParams(new URL(authorizeUrl).search);
    form.append("user", address(mailbox));
    form.append("decision", "accept");
    const page = new URL(authorizeUrl);
    const accepted = await fetch(page.origin + page.pathname, { method: "POST", body: form, redirect: "manual" });
    const back = await fetch(accepted.headers.get("location"));
    if (!back.ok) throw new Error(`connecting ${login}: ${back.status} ${await back.text()}`);
  }

  /** Moves the clock of the CRM and of Microsoft. */
  advance(seconds) {
    return this.api("POST", "control/clock", { advanceSeconds: seconds });
  }
}

/** The address of a person in the CRM and with Microsoft. */
export function address(login) {
  return `${login}@${TENANT}`;
}
