"""Microsoft's SDK for Python, pointed at the emulator by its own settings."""

import asyncio
from urllib.parse import urlencode

from azure.identity import AuthorizationCodeCredential, CertificateCredential, ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.event import Event

import scene

SCOPES = ["https://graph.microsoft.com/.default"]


def client(credential):
    """The SDK's client with a credential of Azure's library."""
    provider = AzureIdentityAuthenticationProvider(credential, scopes=SCOPES, allowed_hosts=[scene.HOST_NAME])
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{scene.MICROSOFT}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


def of_person(user):
    """A client for somebody who has signed in by code."""
    client_id = scene.application()
    query = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": scene.REDIRECT,
        "scope": "offline_access " + SCOPES[0],
        "login_hint": user,
    }
    page = f"{scene.MICROSOFT}/{scene.DOMAIN}/oauth2/v2.0/authorize?{urlencode(query)}"
    code = scene.sign_in(page, user)["code"]
    return client(
        AuthorizationCodeCredential(
            scene.DOMAIN,
            client_id,
            code,
            scene.REDIRECT,
            authority=scene.MICROSOFT,
            client_secret="a secret of the tests",
        )
    )


def of_application():
    """A client for an application that acts for itself."""
    client_id = scene.application(permissions=scene.APPLICATION_PERMISSIONS)
    return client(
        ClientSecretCredential(
            scene.DOMAIN,
            client_id,
            "a secret of the tests",
            authority=scene.MICROSOFT,
            disable_instance_discovery=True,
        )
    )


def by_certificate():
    """A client for an application that proves itself by a certificate."""
    key, certificate, _ = scene.certificate()
    client_id = scene.application(
        clientSecret=None, certificates=[certificate], permissions=scene.APPLICATION_PERMISSIONS
    )
    return client(
        CertificateCredential(
            scene.DOMAIN,
            client_id,
            certificate_data=(key + certificate).encode(),
            authority=scene.MICROSOFT,
            disable_instance_discovery=True,
        )
    )


def at(text, zone="Europe/Berlin"):
    """A point on the wall clock of a zone."""
    return DateTimeTimeZone(date_time=text, time_zone=zone)


def lunch(**fields):
    """An event of one hour, with whatever else is said."""
    return Event(
        **{
            "subject": "Lunch",
            "start": at("2026-09-07T12:00:00"),
            "end": at("2026-09-07T13:00:00"),
            **fields,
        }
    )


def asking(builder, headers=None, **parameters):
    """A request configuration with query parameters of a request builder."""
    kind = next(value for name, value in vars(builder).items() if name.endswith("QueryParameters"))
    configuration = RequestConfiguration(query_parameters=kind(**parameters) if parameters else None)
    for name, value in (headers or {}).items():
        configuration.headers.add(name, value)
    return configuration


class GraphCase(scene.Case):
    """A test with the client of one signed-in person. Each has a loop of its
    own, for the SDK keeps connections that belong to one."""

    def setUp(self):
        self.loop = asyncio.Runner()
        self.user = scene.mailbox("ada")
        self.graph = of_person(self.user)

    def tearDown(self):
        self.run_(self.graph.request_adapter._http_client.aclose())
        self.loop.close()

    def run_(self, coroutine):
        """Waits for what the SDK does."""
        return self.loop.run(coroutine)
