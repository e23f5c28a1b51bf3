"""Several requests in one with Microsoft's SDK for Python."""

from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem

from graph import GraphCase, lunch


class Batches(GraphCase):
    """`$batch`. This version of the SDK reads no bodies of parts that are JSON, and
    does not send on what a part depends, whatever the service: the JavaScript client
    shows both. Nor does it take the version out of addresses that are not absolute
    ones of Graph, so that `relative` below says what a part's address is."""

    def send(self, *items):
        content = BatchRequestContent({item.id: item for item in items})
        return self.run_(self.graph.batch.post(content))

    def relative(self, request, **settings):
        """A request as a part of a batch, whose address is relative."""
        item = BatchRequestItem(request, **settings)
        item.set_url(request.url)
        item.url = item.url.removeprefix("/v1.0")
        return item

    def test_parts_are_answered_by_their_ids(self):
        make = self.graph.me.events.to_post_request_information(lunch())
        who = self.graph.me.to_get_request_information()
        answer = self.send(self.relative(who, id="who"), self.relative(make, id="make"))
        self.assertEqual(answer.get_response_status_codes(), {"who": 200, "make": 201})
        self.assertEqual([event.subject for event in self.run_(self.graph.me.events.get()).value], ["Lunch"])

    def test_a_part_that_fails_leaves_the_others_alone(self):
        missing = self.graph.me.events.by_event_id("missing").to_get_request_information()
        make = self.graph.me.events.to_post_request_information(lunch())
        answer = self.send(self.relative(missing, id="missing"), self.relative(make, id="make"))
        self.assertEqual(answer.get_response_status_codes(), {"missing": 400, "make": 201})
        self.assertEqual(len(self.run_(self.graph.me.events.get()).value), 1)
