"""Calendars with Microsoft's SDK for Python."""

from datetime import date

from kiota_abstractions.api_error import APIError
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.body_type import BodyType
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_type import EventType
from msgraph.generated.models.item_body import ItemBody
from msgraph.generated.models.location import Location
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.models.response_type import ResponseType
from msgraph.generated.users.item.calendar.events.events_request_builder import EventsRequestBuilder
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.generated.users.item.calendar_view.delta.delta_request_builder import DeltaRequestBuilder
from msgraph.generated.users.item.events.item.accept.accept_post_request_body import AcceptPostRequestBody
from msgraph.generated.users.item.events.item.event_item_request_builder import EventItemRequestBuilder
from msgraph.generated.users.item.events.item.instances.instances_request_builder import InstancesRequestBuilder

import scene
from graph import GraphCase, asking, at, by_certificate, lunch, of_application, of_person

SEPTEMBER = {"start_date_time": "2026-09-01T00:00:00Z", "end_date_time": "2026-10-01T00:00:00Z"}
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}


def every_monday():
    """Four Mondays in September."""
    return PatternedRecurrence(
        pattern=RecurrencePattern(
            type=RecurrencePatternType.Weekly, interval=1, days_of_week=[DayOfWeek.Monday]
        ),
        range=RecurrenceRange(
            type=RecurrenceRangeType.Numbered, start_date=date(2026, 9, 7), number_of_occurrences=4
        ),
    )


class Events(GraphCase):
    """Single events."""

    def test_an_event_is_created_read_changed_and_deleted(self):
        events = self.graph.me.events
        body = ItemBody(content_type=BodyType.Text, content="Table for two")
        made = self.run_(events.post(lunch(body=body, location=Location(display_name="Canteen"))))
        self.assertEqual(made.type, EventType.SingleInstance)
        self.assertTrue(made.is_organizer)
        self.assertEqual(made.original_start_time_zone, "Europe/Berlin")
        one = events.by_event_id(made.id)
        self.assertEqual(self.run_(one.get()).location.display_name, "Canteen")
        zone = asking(EventItemRequestBuilder, {"Prefer": 'outlook.timezone="Europe/Berlin"'})
        self.assertEqual(self.run_(one.get(zone)).start.date_time, "2026-09-07T12:00:00.0000000")
        self.assertEqual(self.run_(one.get()).start.date_time, "2026-09-07T10:00:00.0000000")
        changed = self.run_(one.patch(Event(subject="Late lunch")))
        self.assertEqual((changed.subject, changed.location.display_name), ("Late lunch", "Canteen"))
        self.assertNotEqual(changed.change_key, made.change_key)
        self.run_(one.delete())
        with self.assertRaises(ODataError) as refused:
            self.run_(one.get())
        self.assertEqual(refused.exception.response_status_code, 404)
        self.assertEqual(refused.exception.error.code, "ErrorItemNotFound")

    def test_a_list_is_filtered_sorted_chosen_and_paged(self):
        events = self.graph.me.calendar.events
        for hour in range(9, 14):
            start, end = at(f"2026-09-07T{hour:02}:00:00"), at(f"2026-09-07T{hour:02}:30:00")
            self.run_(events.post(lunch(subject=f"At {hour}", start=start, end=end)))
        asked = asking(
            EventsRequestBuilder,
            filter="start/dateTime ge '2026-09-07T08:00:00'",
            orderby=["start/dateTime desc"],
            select=["subject"],
            top=2,
            count=True,
        )
        page = self.run_(events.get(asked))
        self.assertEqual([event.subject for event in page.value], ["At 13", "At 12"])
        self.assertIsNone(page.value[0].body)
        self.assertEqual(page.odata_count, 4)
        rest = self.run_(events.with_url(page.odata_next_link).get())
        self.assertEqual([event.subject for event in rest.value], ["At 11", "At 10"])

    def test_an_id_may_stay_when_an_event_is_read_in_another_form(self):
        events = self.graph.me.events
        made = self.run_(events.post(lunch(), asking(EventsRequestBuilder, IMMUTABLE)))
        by_default = self.run_(events.get()).value[0]
        self.assertNotEqual(made.id, by_default.id)
        self.assertEqual(self.run_(events.by_event_id(made.id).get()).subject, "Lunch")

    def test_what_is_wrong_is_refused_in_graphs_words(self):
        with self.assertRaises(ODataError) as refused:
            self.run_(self.graph.me.events.post(lunch(start=at("2026-09-07T12:00:00", "Nowhere/At all"))))
        self.assertEqual(refused.exception.response_status_code, 400)
        self.assertEqual(refused.exception.error.code, "TimeZoneNotSupportedException")

    def test_a_repeated_create_with_the_same_key_makes_nothing_new(self):
        events = self.graph.me.events
        first = self.run_(events.post(lunch(transaction_id="once")))
        again = self.run_(events.post(lunch(transaction_id="once")))
        self.assertEqual(first.id, again.id)
        self.assertEqual(len(self.run_(events.get()).value), 1)


class Series(GraphCase):
    """Events that repeat."""

    def setUp(self):
        super().setUp()
        self.events = self.graph.me.events
        self.master = self.run_(self.events.post(lunch(recurrence=every_monday())))

    def instances(self):
        asked = asking(InstancesRequestBuilder, **SEPTEMBER)
        return self.run_(self.events.by_event_id(self.master.id).instances.get(asked)).value

    def test_a_series_has_a_master_and_instances(self):
        self.assertEqual(self.master.type, EventType.SeriesMaster)
        self.assertEqual(self.master.recurrence.range.number_of_occurrences, 4)
        instances = self.instances()
        self.assertEqual([instance.type for instance in instances], [EventType.Occurrence] * 4)
        self.assertEqual({instance.series_master_id for instance in instances}, {self.master.id})
        view = asking(CalendarViewRequestBuilder, **SEPTEMBER, orderby=["start/dateTime"])
        shown = self.run_(self.graph.me.calendar_view.get(view)).value
        self.assertEqual([event.start.date_time[:10] for event in shown], [
            "2026-09-07", "2026-09-14", "2026-09-21", "2026-09-28",
        ])

    def test_a_changed_day_is_an_exception_and_a_deleted_one_is_gone(self):
        second, third = self.instances()[1:3]
        changed = self.run_(self.events.by_event_id(second.id).patch(Event(subject="Brunch")))
        self.assertEqual(changed.type, EventType.Exception)
        self.run_(self.events.by_event_id(third.id).delete())
        now = self.instances()
        self.assertEqual([event.subject for event in now], ["Lunch", "Brunch", "Lunch"])
        asked = asking(EventItemRequestBuilder, select=["cancelledOccurrences"])
        master = self.run_(self.events.by_event_id(self.master.id).get(asked))
        self.assertEqual(len(master.cancelled_occurrences), 1)
        self.assertTrue(master.cancelled_occurrences[0].endswith("2026-09-21"))


class Rounds(GraphCase):
    """Changes since the last time."""

    def test_a_round_ends_with_a_link_that_finds_what_changed_since(self):
        delta = self.graph.me.calendar_view.delta
        page = self.run_(delta.get(asking(DeltaRequestBuilder, **SEPTEMBER)))
        while page.odata_next_link:
            page = self.run_(delta.with_url(page.odata_next_link).get())
        self.assertEqual(page.value, [])
        made = self.run_(self.graph.me.events.post(lunch()))
        page = self.run_(delta.with_url(page.odata_delta_link).get())
        self.assertEqual([(event.id, event.subject) for event in page.value], [(made.id, "Lunch")])
        self.run_(self.graph.me.events.by_event_id(made.id).delete())
        page = self.run_(delta.with_url(page.odata_delta_link).get())
        (gone,) = page.value
        self.assertEqual((gone.id, gone.additional_data["@removed"]), (made.id, {"reason": "deleted"}))

    def test_a_round_that_was_forgotten_says_so(self):
        delta = self.graph.me.calendar_view.delta
        page = self.run_(delta.get(asking(DeltaRequestBuilder, **SEPTEMBER)))
        scene.control("POST", "expire", {"what": "deltaTokens", "userPrincipalName": self.user})
        with self.assertRaises(APIError) as refused:
            self.run_(delta.with_url(page.odata_delta_link).get())
        self.assertEqual(refused.exception.response_status_code, 410)


class Meetings(GraphCase):
    """Somebody invites somebody."""

    def test_a_guest_finds_the_meeting_and_answers(self):
        guest = scene.mailbox("bea")
        attendee = Attendee(type=AttendeeType.Required, email_address=EmailAddress(address=guest, name="Bea"))
        made = self.run_(self.graph.me.events.post(lunch(attendees=[attendee])))
        theirs = of_person(guest)
        (copy,) = self.run_(theirs.me.events.get()).value
        self.assertEqual((copy.i_cal_u_id, copy.is_organizer), (made.i_cal_u_id, False))
        self.assertNotEqual(copy.id, made.id)
        self.run_(theirs.me.events.by_event_id(copy.id).accept.post(AcceptPostRequestBody(send_response=True)))
        mine = self.run_(self.graph.me.events.by_event_id(made.id).get())
        self.assertEqual(mine.attendees[0].status.response, ResponseType.Accepted)


class Calendars(GraphCase):
    """More than one calendar."""

    def test_a_second_calendar_has_events_of_its_own(self):
        calendars = self.graph.me.calendars
        made = self.run_(calendars.post(Calendar(name="Choir")))
        events = calendars.by_calendar_id(made.id).events
        self.run_(events.post(lunch(subject="Rehearsal")))
        self.assertEqual([event.subject for event in self.run_(events.get()).value], ["Rehearsal"])
        self.assertEqual(self.run_(self.graph.me.calendar.events.get()).value, [])
        names = [(calendar.name, calendar.is_default_calendar) for calendar in self.run_(calendars.get()).value]
        self.assertEqual(names, [("Calendar", True), ("Choir", False)])
        self.run_(calendars.by_calendar_id(made.id).delete())
        self.assertEqual(len(self.run_(calendars.get()).value), 1)


class ForItself(GraphCase):
    """An application that acts without anybody."""

    def test_an_application_works_on_a_mailbox_by_its_address(self):
        graph = of_application()
        events = graph.users.by_user_id(self.user).events
        made = self.run_(events.post(lunch(subject="From the CRM")))
        self.assertEqual(self.run_(self.graph.me.events.by_event_id(made.id).get()).subject, "From the CRM")
        with self.assertRaises(ODataError) as refused:
            self.run_(graph.me.get())
        self.assertEqual(refused.exception.response_status_code, 400)

    def test_a_certificate_does_as_well(self):
        made = self.run_(by_certificate().users.by_user_id(self.user).events.post(lunch()))
        self.assertEqual(self.run_(self.graph.me.events.by_event_id(made.id).get()).subject, "Lunch")

    def test_the_sdk_meets_a_claims_challenge_by_itself(self):
        graph = of_application()
        events = graph.users.by_user_id(self.user).events
        self.run_(events.post(lunch()))
        scene.control("POST", "expire", {"what": "sessions"})
        self.assertEqual(len(self.run_(events.get()).value), 1)
