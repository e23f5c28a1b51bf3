// The tenant that every test finds, and the settings that make Microsoft's
// libraries talk to it.
//
// `TANDEM_MICROSOFT` is where `tandem serve --tls` listens, such as
// `https://localhost:8081`; `NODE_EXTRA_CA_CERTS` names its certificate
// authority, as Node.js reads it by itself.

import { randomUUID } from "node:crypto";

import { ConfidentialClientApplication } from "@azure/msal-node";
import { Client } from "@microsoft/microsoft-graph-client";

export const MICROSOFT = process.env.TANDEM_MICROSOFT;
const HOST = new URL(MICROSOFT);

export const DOMAIN = "clients.example";
export const REDIRECT = "http://localhost:8400/callback";
export const SECRET = "a secret of the tests";
export const SCOPES = ["User.Read", "Calendars.ReadWrite", "Tasks.ReadWrite"];
export const GRAPH_DEFAULT = ["https://graph.microsoft.com/.default"];

/** A request to the emulator's management interface. */
export async function control(method, path, body) {
  const answer = await fetch(`${MICROSOFT}/_control/${path}`, {
    method,
    body: body && JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  return text ? JSON.parse(text) : undefined;
}

/** A new user with a mailbox; answers the address. */
export async function mailbox(name) {
  const address = `${name}.${randomUUID().slice(0, 8)}@${DOMAIN}`;
  await control("POST", "mailboxes", {
    userPrincipalName: address,
    displayName: `${name} Example`,
    timeZone: "Europe/Berlin",
  });
  return address;
}

/** A registered application; answers its id. */
export async function application(permissions = SCOPES) {
  const clientId = randomUUID();
  await control("POST", "apps", {
    clientId,
    clientSecret: SECRET,
    tenant: DOMAIN,
    redirectUris: [REDIRECT],
    permissions,
  });
  return clientId;
}

/** MSAL's application with a secret. */
export function confidential(clientId, secret = SECRET) {
  return new ConfidentialClientApplication({
    auth: {
      clientId,
      clientSecret: secret,
      authority: `${MICROSOFT}/${DOMAIN}`,
      knownAuthorities: [HOST.host],
    },
  });
}

/** What a person does in the browser: opens the page, picks the account, accepts. */
export async function signIn(address, user) {
  const page = await fetch(address);
  if (!page.ok) throw new Error(`the sign-in page: ${page.status}`);
  const text = await page.text();
  const unescape = (value) => value.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#x27;", "'").replaceAll("&#x2f;", "/");
  const form = new URLSearchParams({ user, decision: "accept" });
  for (const [input] of text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const attribute = (name) => unescape(new RegExp(`${name}="([^"]*)"`).exec(input)?.[1] ?? "");
    form.append(attribute("name"), attribute("value"));
  }
  const action = unescape(/<form[^>]*action="([^"]*)"/.exec(text)[1]);
  const back = await fetch(new URL(action, page.url), { method: "POST", body: form, redirect: "manual" });
  const location = new URL(back.headers.get("location"));
  if (!location.href.startsWith(REDIRECT)) throw new Error(`led to ${location.href}`);
  return Object.fromEntries(location.searchParams);
}

/** Microsoft's Graph client, with tokens of whoever `accessToken` asks. */
export function graph(accessToken) {
  return Client.initWithMiddleware({
    baseUrl: `${MICROSOFT}/`,
    customHosts: new Set([HOST.hostname]),
    authProvider: { getAccessToken: accessToken },
  });
}

/** A person who has signed in, with MSAL's application and Graph's client. */
export async function person(name) {
  const user = await mailbox(name);
  const app = confidential(await application());
  const request = { scopes: SCOPES, redirectUri: REDIRECT };
  const { code } = await signIn(await app.getAuthCodeUrl(request), user);
  const result = await app.acquireTokenByCode({ ...request, code });
  const silent = async () => {
    const [account] = await app.getTokenCache().getAllAccounts();
    return (await app.acquireTokenSilent({ account, scopes: SCOPES })).accessToken;
  };
  return { user, app, result, graph: graph(silent) };
}
