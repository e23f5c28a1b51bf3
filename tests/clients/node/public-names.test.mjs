// Clients with the settings that they have by themselves: Microsoft's own names
// of login and Graph, with discovery of the instance and every check of a
// certificate.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { ConfidentialClientApplication } from "@azure/msal-node";
import { Client } from "@microsoft/microsoft-graph-client";

import { leadHere } from "./hosts.mjs";
import * as scene from "./scene.mjs";

const confidential = (clientId, cloud = "com") =>
  new ConfidentialClientApplication({
    auth: {
      clientId,
      clientSecret: scene.SECRET,
      authority: `https://login.microsoftonline.${cloud}/${scene.DOMAIN}`,
    },
  });

const calendarOf = async (token, path, settings = {}) => {
  const client = Client.initWithMiddleware({ ...settings, authProvider: { getAccessToken: async () => token } });
  return client.api(path).get();
};

describe("under Microsoft's own names", () => {
  it("a person signs in by code and reads the calendar", async () => {
    const user = await scene.mailbox("ada");
    const app = confidential(await scene.application());
    const connected = await leadHere(["login.microsoftonline.com", "graph.microsoft.com"], async () => {
      const request = { scopes: scene.SCOPES, redirectUri: scene.REDIRECT };
      const address = await app.getAuthCodeUrl(request);
      assert.ok(address.startsWith("https://login.microsoftonline.com/"), address);
      const { code } = await scene.signIn(address, user);
      const result = await app.acquireTokenByCode({ ...request, code });
      assert.equal(result.account.environment, "login.windows.net");
      const calendar = await calendarOf(result.accessToken, "/me/calendar");
      assert.equal(calendar.owner.address, user);
      assert.ok(calendar["@odata.context"].startsWith("https://graph.microsoft.com/v1.0/"));
    });
    assert.deepEqual(connected, ["graph.microsoft.com", "login.microsoftonline.com"]);
  });

  for (const cloud of ["com", "us"]) {
    const [login, graph] = [`login.microsoftonline.${cloud}`, `graph.microsoft.${cloud}`];
    it(`an application signs in at ${login}`, async () => {
      const user = await scene.mailbox("ada");
      const app = confidential(await scene.application(["Calendars.ReadWrite"]), cloud);
      const connected = await leadHere([login, graph], async () => {
        const scopes = [`https://${graph}/.default`];
        const { accessToken } = await app.acquireTokenByClientCredential({ scopes });
        const calendar = await calendarOf(accessToken, `/users/${user}/calendar`, { baseUrl: `https://${graph}/` });
        assert.equal(calendar.owner.address, user);
      });
      assert.deepEqual(connected, [graph, login]);
    });
  }

  it("a name that the certificate does not have is refused", async () => {
    const name = "graph.microsoft.example";
    const connected = await leadHere([name], () =>
      assert.rejects(
        () => fetch(`https://${name}/v1.0/me`),
        (error) => error.cause?.code === "ERR_TLS_CERT_ALTNAME_INVALID",
      ),
    );
    assert.deepEqual(connected, [name]);
  });
});
