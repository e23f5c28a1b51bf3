"""The tenant that every test finds, and the settings that make Microsoft's
libraries talk to it.

`TANDEM_MICROSOFT` is where `tandem serve --tls` listens, such as
`https://localhost:8081`; `REQUESTS_CA_BUNDLE` and `SSL_CERT_FILE` name its
certificate authority, as these libraries read it by themselves.
"""

import html.parser
import os
import unittest
import uuid
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

MICROSOFT = os.environ["TANDEM_MICROSOFT"]
# What libraries that want the name of a host take.
HOST_NAME = urlsplit(MICROSOFT).hostname

DOMAIN = "clients.example"
REDIRECT = "http://localhost:8400/callback"
PERMISSIONS = [
    "User.Read",
    "Calendars.ReadWrite",
    "Tasks.ReadWrite",
    "Mail.ReadWrite",
    "Mail.Send",
    "MailboxSettings.ReadWrite",
]
# Of an application that acts for itself.
APPLICATION_PERMISSIONS = ["User.Read.All", "Calendars.ReadWrite", "Tasks.ReadWrite.All", "Mail.ReadWrite"]


def control(method, path, body=None):
    """A request to the emulator's management interface."""
    answer = requests.request(method, f"{MICROSOFT}/_control/{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def mailbox(name):
    """A new user with a mailbox; answers the address."""
    address = f"{name}.{uuid.uuid4().hex[:8]}@{DOMAIN}"
    control(
        "POST",
        "mailboxes",
        {"userPrincipalName": address, "displayName": f"{name.title()} Example", "timeZone": "Europe/Berlin"},
    )
    return address


def application(**changes):
    """A registered application; answers its id."""
    client_id = str(uuid.uuid4())
    registration = {
        "clientId": client_id,
        "clientSecret": "a secret of the tests",
        "tenant": DOMAIN,
        "redirectUris": [REDIRECT],
        "permissions": PERMISSIONS,
    }
    control("POST", "apps", {**registration, **changes})
    return client_id


def certificate():
    """A certificate that signs itself: its key, itself, and its SHA-1 thumbprint."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clients.example")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    return private.decode(), public.decode(), made.fingerprint(hashes.SHA1()).hex()


class Form(html.parser.HTMLParser):
    """The one form of a sign-in page: where it goes and what it carries."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields = None, {}
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = values["action"]
        if tag == "input" and values.get("type") == "hidden":
            self.fields[values["name"]] = values.get("value", "")


def press(page, url, **fields):
    """Sends a sign-in page as a browser would, with what a person types."""
    form = Form(page)
    address = requests.compat.urljoin(url, form.action)
    return requests.post(address, data={**form.fields, **fields}, allow_redirects=False, timeout=30)


def sign_in(address_of_page, user):
    """What a person does in the browser: opens the page, picks the account,
    accepts. Answers the parameters that come back to the application."""
    page = requests.get(address_of_page, timeout=30)
    page.raise_for_status()
    back = press(page.text, page.url, user=user, decision="accept")
    if back.status_code == 200:
        # The response mode "form_post": a page that sends itself on.
        form = Form(back.text)
        assert form.action == REDIRECT, form.action
        return form.fields
    location = back.headers["Location"]
    assert location.startswith(REDIRECT), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


class Case(unittest.TestCase):
    """A test that says more when two values differ."""

    maxDiff = None
