"""Sign-in with Microsoft's own library, MSAL for Python."""

import base64
import re
import uuid

import msal
import requests

import scene

SCOPES = ["User.Read", "Calendars.ReadWrite"]
GRAPH_DEFAULT = ["https://graph.microsoft.com/.default"]


def confidential(client_id, **settings):
    """An application with a secret, unless the settings say otherwise."""
    return msal.ConfidentialClientApplication(
        client_id,
        authority=f"{scene.MICROSOFT}/{scene.DOMAIN}",
        instance_discovery=False,
        **{"client_credential": "a secret of the tests", **settings},
    )


def me(token):
    """Who a token stands for, by the word of Graph."""
    answer = requests.get(
        f"{scene.MICROSOFT}/v1.0/me", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    return answer.json()


class ByCode(scene.Case):
    """A person signs in."""

    def signed_in(self, **settings):
        app = confidential(scene.application(**settings))
        user = scene.mailbox("ada")
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=scene.REDIRECT, response_mode="form_post")
        back = scene.sign_in(flow["auth_uri"], user)
        return app, user, app.acquire_token_by_auth_code_flow(flow, back)

    def test_the_tokens_are_those_of_the_person(self):
        _, user, result = self.signed_in()
        self.assertNotIn("error", result, result)
        self.assertEqual(result["id_token_claims"]["preferred_username"], user)
        self.assertEqual(result["token_type"], "Bearer")
        self.assertGreater(result["expires_in"], 3000)
        self.assertEqual(me(result["access_token"])["userPrincipalName"], user)

    def test_the_account_is_kept_and_silently_renewed(self):
        app, user, first = self.signed_in()
        (account,) = app.get_accounts()
        self.assertEqual(account["username"], user)
        cached = app.acquire_token_silent(SCOPES, account)
        self.assertEqual(cached["access_token"], first["access_token"])
        renewed = app.acquire_token_silent(SCOPES, account, force_refresh=True)
        self.assertNotIn("error", renewed, renewed)
        self.assertNotEqual(renewed["access_token"], first["access_token"])
        self.assertEqual(me(renewed["access_token"])["userPrincipalName"], user)

    def test_a_revoked_person_has_to_sign_in_again(self):
        app, user, _ = self.signed_in()
        scene.control("POST", "expire", {"what": "refreshTokens", "userPrincipalName": user})
        (account,) = app.get_accounts()
        refused = app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)
        self.assertEqual(refused["error"], "invalid_grant")
        self.assertIn("AADSTS50173", refused["error_description"])

    def test_a_code_is_good_once(self):
        app = confidential(scene.application())
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=scene.REDIRECT)
        back = scene.sign_in(flow["auth_uri"], scene.mailbox("ada"))
        app.acquire_token_by_auth_code_flow(dict(flow), back)
        again = app.acquire_token_by_auth_code_flow(dict(flow), back)
        self.assertEqual(again["error"], "invalid_grant")
        self.assertIn("AADSTS54005", again["error_description"])

    def test_somebody_who_cancels_is_told_apart(self):
        app = confidential(scene.application())
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=scene.REDIRECT)
        page = requests.get(flow["auth_uri"], timeout=30)
        back = scene.press(page.text, page.url, user=scene.mailbox("ada"), decision="cancel")
        query = scene.parse_qs(scene.urlsplit(back.headers["Location"]).query)
        result = app.acquire_token_by_auth_code_flow(flow, {name: value[0] for name, value in query.items()})
        self.assertEqual(result["error"], "access_denied")

    def test_a_public_client_needs_no_secret(self):
        client_id = scene.application(clientSecret=None)
        app = msal.PublicClientApplication(
            client_id, authority=f"{scene.MICROSOFT}/organizations", instance_discovery=False
        )
        user = scene.mailbox("ada")
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=scene.REDIRECT)
        result = app.acquire_token_by_auth_code_flow(flow, scene.sign_in(flow["auth_uri"], user))
        self.assertNotIn("error", result, result)
        self.assertEqual(me(result["access_token"])["userPrincipalName"], user)


class ForItself(scene.Case):
    """An application acts without anybody."""

    def test_a_secret_gives_a_token_for_all_mailboxes(self):
        user = scene.mailbox("ada")
        app = confidential(scene.application(permissions=scene.APPLICATION_PERMISSIONS))
        result = app.acquire_token_for_client(GRAPH_DEFAULT)
        self.assertNotIn("error", result, result)
        self.assertNotIn("refresh_token", result)
        headers = {"Authorization": f"Bearer {result['access_token']}"}
        theirs = requests.get(f"{scene.MICROSOFT}/v1.0/users/{user}/calendar", headers=headers, timeout=30)
        self.assertEqual(theirs.status_code, 200, theirs.text)
        own = requests.get(f"{scene.MICROSOFT}/v1.0/me", headers=headers, timeout=30)
        self.assertEqual(own.status_code, 400, own.text)

    def test_a_wrong_secret_is_refused(self):
        app = confidential(scene.application(), client_credential="another secret")
        result = app.acquire_token_for_client(GRAPH_DEFAULT)
        self.assertEqual(result["error"], "invalid_client")
        self.assertIn("AADSTS7000215", result["error_description"])

    def test_a_certificate_in_both_forms_is_a_proof(self):
        """PS256 with a thumbprint of SHA-256, and RS256 with one of SHA-1."""
        key, certificate, thumbprint = scene.certificate()
        client_id = scene.application(
            clientSecret=None, certificates=[certificate], permissions=scene.APPLICATION_PERMISSIONS
        )
        for proof in (
            {"private_key": key, "public_certificate": certificate},
            {"private_key": key, "thumbprint": thumbprint},
        ):
            result = confidential(client_id, client_credential=proof).acquire_token_for_client(GRAPH_DEFAULT)
            self.assertNotIn("error", result, result)

    def test_somebody_elses_certificate_is_none(self):
        _, certificate, _ = scene.certificate()
        client_id = scene.application(clientSecret=None, certificates=[certificate])
        key, _, thumbprint = scene.certificate()
        app = confidential(client_id, client_credential={"private_key": key, "thumbprint": thumbprint})
        result = app.acquire_token_for_client(GRAPH_DEFAULT)
        self.assertEqual(result["error"], "invalid_client")
        self.assertIn("AADSTS700027", result["error_description"])

    def test_an_unknown_application_is_refused(self):
        result = confidential(str(uuid.uuid4())).acquire_token_for_client(GRAPH_DEFAULT)
        self.assertEqual(result["error"], "unauthorized_client")
        self.assertIn("AADSTS700016", result["error_description"])


class ByDevice(scene.Case):
    """A person signs in on another device. MSAL is told to ask once and not to wait."""

    def setUp(self):
        self.app = msal.PublicClientApplication(
            scene.application(clientSecret=None),
            authority=f"{scene.MICROSOFT}/{scene.DOMAIN}",
            instance_discovery=False,
        )
        self.flow = self.app.initiate_device_flow(SCOPES)

    def ask(self):
        return self.app.acquire_token_by_device_flow(self.flow, exit_condition=lambda _: True)

    def test_nothing_comes_before_the_code_was_typed_and_asking_on_is_slowed_down(self):
        self.assertEqual(self.ask()["error"], "authorization_pending")
        self.assertEqual(self.ask()["error"], "slow_down")

    def test_the_code_of_a_device_is_typed_in_a_browser(self):
        user, flow = scene.mailbox("ada"), self.flow
        self.assertIn(flow["user_code"], flow["message"])
        page = requests.get(flow["verification_uri"], timeout=30)
        page = scene.press(page.text, page.url, otc=flow["user_code"])
        page = scene.press(page.text, page.url, user=user, decision="accept")
        self.assertEqual(page.status_code, 200, page.text)
        result = self.ask()
        self.assertNotIn("error", result, result)
        self.assertEqual(me(result["access_token"])["userPrincipalName"], user)


class Challenged(scene.Case):
    """Microsoft asks for more in the middle of a session."""

    def test_a_claims_challenge_is_met_with_a_new_token(self):
        app = confidential(scene.application(), client_capabilities=["cp1"])
        user = scene.mailbox("ada")
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=scene.REDIRECT, response_mode="form_post")
        first = app.acquire_token_by_auth_code_flow(flow, scene.sign_in(flow["auth_uri"], user))
        scene.control("POST", "expire", {"what": "sessions", "userPrincipalName": user})
        headers = {"Authorization": f"Bearer {first['access_token']}"}
        challenged = requests.get(f"{scene.MICROSOFT}/v1.0/me", headers=headers, timeout=30)
        self.assertEqual(challenged.status_code, 401)
        challenge = challenged.headers["WWW-Authenticate"]
        self.assertIn('error="insufficient_claims"', challenge)
        claims = base64.b64decode(re.search('claims="([^"]+)"', challenge)[1]).decode()
        (account,) = app.get_accounts()
        second = app.acquire_token_silent_with_error(SCOPES, account, claims_challenge=claims)
        self.assertNotIn("error", second, second)
        self.assertEqual(me(second["access_token"])["userPrincipalName"], user)

    def test_who_has_to_prove_more_is_asked_to(self):
        app = confidential(scene.application())
        user = scene.mailbox("ada")
        flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=scene.REDIRECT, response_mode="form_post")
        app.acquire_token_by_auth_code_flow(flow, scene.sign_in(flow["auth_uri"], user))
        scene.control("POST", "signIn", {"userPrincipalName": user, "state": "mfaRequired"})
        (account,) = app.get_accounts()
        refused = app.acquire_token_silent_with_error(SCOPES, account, force_refresh=True)
        self.assertEqual((refused["error"], refused["suberror"]), ("invalid_grant", "basic_action"))
        self.assertIn("AADSTS50076", refused["error_description"])
