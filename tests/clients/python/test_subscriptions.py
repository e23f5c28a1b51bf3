"""Change notifications with Microsoft's SDK for Python."""

import json
import queue
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from msgraph.generated.models.event import Event
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.subscription import Subscription

from graph import GraphCase, lunch

# How long a test waits for what is on its way, in seconds.
PATIENCE = 30


class Endpoint:
    """Somebody who listens for notifications, as the documentation asks."""

    def __init__(self, proves_itself=True):
        self.heard = queue.Queue()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                token = parse_qs(urlsplit(self.path).query).get("validationToken")
                if token:
                    self.answer(200, token[0] if proves_itself else "something else")
                else:
                    self.answer(202, "")
                    for notification in json.loads(body)["value"]:
                        endpoint.heard.put(notification)

            def answer(self, status, text):
                self.send_response(status)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/notify"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Subscriptions(GraphCase):
    """`/subscriptions`."""

    def listening(self, **settings):
        endpoint = Endpoint(**settings)
        self.addCleanup(endpoint.close)
        return endpoint

    def subscription(self, endpoint, **changes):
        until = datetime.now(timezone.utc) + timedelta(hours=1)
        given = {
            "change_type": "created,updated,deleted",
            "notification_url": endpoint.url,
            "resource": "me/events",
            "expiration_date_time": until,
            "client_state": "known to both",
        }
        return Subscription(**{**given, **changes})

    def test_a_change_is_told_to_who_asked_for_it(self):
        endpoint = self.listening()
        subscription = self.run_(self.graph.subscriptions.post(self.subscription(endpoint)))
        made = self.run_(self.graph.me.events.post(lunch()))
        told = endpoint.heard.get(timeout=PATIENCE)
        self.assertEqual((told["changeType"], told["subscriptionId"]), ("created", subscription.id))
        self.assertEqual((told["clientState"], told["resourceData"]["id"]), ("known to both", made.id))
        self.run_(self.graph.me.events.by_event_id(made.id).patch(Event(subject="Brunch")))
        self.assertEqual(endpoint.heard.get(timeout=PATIENCE)["changeType"], "updated")
        self.run_(self.graph.me.events.by_event_id(made.id).delete())
        self.assertEqual(endpoint.heard.get(timeout=PATIENCE)["changeType"], "deleted")

    def test_a_subscription_is_listed_renewed_and_ended(self):
        subscriptions = self.graph.subscriptions
        made = self.run_(subscriptions.post(self.subscription(self.listening())))
        one = subscriptions.by_subscription_id(made.id)
        later = made.expiration_date_time + timedelta(hours=5)
        renewed = self.run_(one.patch(Subscription(expiration_date_time=later)))
        self.assertEqual(renewed.expiration_date_time, later)
        self.assertIn(made.id, [entry.id for entry in self.run_(subscriptions.get()).value])
        self.run_(one.reauthorize.post())
        self.run_(one.delete())
        self.assertNotIn(made.id, [entry.id for entry in self.run_(subscriptions.get()).value])

    def test_an_endpoint_that_does_not_prove_itself_is_refused(self):
        endpoint = self.listening(proves_itself=False)
        with self.assertRaises(ODataError) as refused:
            self.run_(self.graph.subscriptions.post(self.subscription(endpoint)))
        self.assertEqual(refused.exception.response_status_code, 400)
        self.assertEqual(refused.exception.error.code, "ValidationError")
