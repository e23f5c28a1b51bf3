"""Clients with the settings that they have by themselves: Microsoft's own names of
login and Graph, with discovery of the instance and every check of a certificate."""

import asyncio

import msal
import requests
from azure.identity import AzureAuthorityHosts, ClientSecretCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph_core import GraphClientFactory, NationalClouds

import graph
import hosts
import scene

SECRET = "a secret of the tests"


class PublicNames(scene.Case):
    """Everything under the names that are Microsoft's."""

    def setUp(self):
        self.user = scene.mailbox("ada")
        leading = hosts.of_microsoft_lead_here()
        self.asked = leading.__enter__()
        self.addCleanup(leading.__exit__, None, None, None)

    def application(self, client_id, cloud="com"):
        """MSAL's application with nothing but what it cannot know."""
        return msal.ConfidentialClientApplication(
            client_id, authority=f"https://login.microsoftonline.{cloud}/{scene.DOMAIN}", client_credential=SECRET
        )

    def calendar(self, token, path, cloud="com"):
        """What Graph says of a calendar."""
        answer = requests.get(
            f"https://graph.microsoft.{cloud}/v1.0/{path}/calendar",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()

    def events(self, client):
        """The events of the user, by the SDK, after one was made."""

        async def made_and_listed():
            events = client.users.by_user_id(self.user).events
            await events.post(graph.lunch())
            return [event.subject for event in (await events.get()).value]

        return asyncio.run(made_and_listed())


class ByMsal(PublicNames):
    """MSAL, whose default authority it is."""

    def test_a_person_signs_in_by_code_and_reads_the_calendar(self):
        app = self.application(scene.application())
        flow = app.initiate_auth_code_flow(["Calendars.ReadWrite"], redirect_uri=scene.REDIRECT)
        self.assertTrue(flow["auth_uri"].startswith("https://login.microsoftonline.com/"), flow["auth_uri"])
        result = app.acquire_token_by_auth_code_flow(flow, scene.sign_in(flow["auth_uri"], self.user))
        self.assertNotIn("error", result, result)
        self.assertTrue(result["id_token_claims"]["iss"].startswith("https://login.microsoftonline.com/"))
        calendar = self.calendar(result["access_token"], "me")
        self.assertEqual(calendar["owner"]["address"], self.user)
        self.assertTrue(calendar["@odata.context"].startswith("https://graph.microsoft.com/v1.0/"))
        # Looks up by which names the account may be kept.
        (account,) = app.get_accounts()
        renewed = app.acquire_token_silent(["Calendars.ReadWrite"], account, force_refresh=True)
        self.assertNotIn("error", renewed, renewed)
        self.assertEqual(set(self.asked), {"login.microsoftonline.com", "graph.microsoft.com"})

    def test_an_application_signs_in_and_reads_a_calendar(self):
        app = self.application(scene.application(permissions=scene.APPLICATION_PERMISSIONS))
        result = app.acquire_token_for_client(["https://graph.microsoft.com/.default"])
        self.assertNotIn("error", result, result)
        calendar = self.calendar(result["access_token"], f"users/{self.user}")
        self.assertEqual(calendar["owner"]["address"], self.user)

    def test_an_application_signs_in_to_the_cloud_of_the_us_government(self):
        app = self.application(scene.application(permissions=scene.APPLICATION_PERMISSIONS), "us")
        result = app.acquire_token_for_client(["https://graph.microsoft.us/.default"])
        self.assertNotIn("error", result, result)
        calendar = self.calendar(result["access_token"], f"users/{self.user}", "us")
        self.assertEqual(calendar["owner"]["address"], self.user)
        self.assertTrue(calendar["@odata.context"].startswith("https://graph.microsoft.us/v1.0/"))
        self.assertEqual(set(self.asked), {"login.microsoftonline.us", "graph.microsoft.us"})

    def test_a_name_that_the_certificate_does_not_have_is_refused(self):
        hosts.NAMES.append("graph.microsoft.example")
        self.addCleanup(hosts.NAMES.remove, "graph.microsoft.example")
        with self.assertRaises(requests.exceptions.SSLError):
            requests.get("https://graph.microsoft.example/v1.0/me", timeout=30)


class BySdk(PublicNames):
    """The SDK, with a credential of Azure's library."""

    def test_an_application_works_without_any_address(self):
        client_id = scene.application(permissions=scene.APPLICATION_PERMISSIONS)
        client = GraphServiceClient(ClientSecretCredential(scene.DOMAIN, client_id, SECRET))
        self.assertEqual(self.events(client), ["Lunch"])
        self.assertEqual(set(self.asked), {"login.microsoftonline.com", "graph.microsoft.com"})

    def test_an_application_works_in_the_cloud_of_the_us_government(self):
        credential = ClientSecretCredential(
            scene.DOMAIN,
            scene.application(permissions=scene.APPLICATION_PERMISSIONS),
            SECRET,
            authority=AzureAuthorityHosts.AZURE_GOVERNMENT,
        )
        client = GraphClientFactory.create_with_default_middleware(host=NationalClouds.US_GOV)
        # Without scopes it asks for the `.default` of the host that it calls.
        adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential), client)
        adapter.base_url = f"{NationalClouds.US_GOV}/v1.0"
        self.assertEqual(self.events(GraphServiceClient(request_adapter=adapter)), ["Lunch"])
        self.assertEqual(set(self.asked), {"login.microsoftonline.us", "graph.microsoft.us"})
