"""Microsoft To Do with Microsoft's SDK for Python."""

from kiota_abstractions.api_error import APIError
from msgraph.generated.models.checklist_item import ChecklistItem
from msgraph.generated.models.linked_resource import LinkedResource
from msgraph.generated.models.task_status import TaskStatus
from msgraph.generated.models.todo_task import TodoTask
from msgraph.generated.models.todo_task_list import TodoTaskList
from msgraph.generated.models.wellknown_list_name import WellknownListName
from msgraph.generated.users.item.todo.lists.item.tasks.tasks_request_builder import TasksRequestBuilder

from graph import GraphCase, asking, at, of_application


class Tasks(GraphCase):
    """Lists and tasks."""

    def setUp(self):
        super().setUp()
        self.lists = self.graph.me.todo.lists
        found = self.run_(self.lists.get()).value
        (default,) = [entry for entry in found if entry.wellknown_list_name is WellknownListName.DefaultList]
        self.default = self.lists.by_todo_task_list_id(default.id)

    def test_a_task_is_created_read_changed_completed_and_deleted(self):
        tasks = self.default.tasks
        made = self.run_(tasks.post(TodoTask(title="Call Bea", due_date_time=at("2026-09-07T00:00:00"))))
        self.assertEqual(made.status, TaskStatus.NotStarted)
        one = tasks.by_todo_task_id(made.id)
        done = self.run_(one.patch(TodoTask(status=TaskStatus.Completed)))
        self.assertIsNotNone(done.completed_date_time)
        self.assertEqual(self.run_(one.get()).title, "Call Bea")
        self.run_(one.delete())
        with self.assertRaises(APIError) as refused:
            self.run_(one.get())
        self.assertEqual(refused.exception.response_status_code, 404)

    def test_steps_and_linked_resources_belong_to_a_task(self):
        linked = LinkedResource(application_name="CRM", display_name="Task 7", external_id="7")
        made = self.run_(self.default.tasks.post(TodoTask(title="Call Bea", linked_resources=[linked])))
        one = self.default.tasks.by_todo_task_id(made.id)
        self.run_(one.checklist_items.post(ChecklistItem(display_name="Find the number")))
        steps = self.run_(one.checklist_items.get()).value
        self.assertEqual([(step.display_name, step.is_checked) for step in steps], [("Find the number", False)])
        self.assertEqual([link.external_id for link in self.run_(one.linked_resources.get()).value], ["7"])

    def test_a_list_of_ones_own(self):
        made = self.run_(self.lists.post(TodoTaskList(display_name="Garden")))
        self.assertEqual((made.is_owner, made.is_shared), (True, False))
        one = self.lists.by_todo_task_list_id(made.id)
        self.assertEqual(self.run_(one.patch(TodoTaskList(display_name="Allotment"))).display_name, "Allotment")
        self.run_(one.delete())
        names = [entry.display_name for entry in self.run_(self.lists.get()).value]
        self.assertNotIn("Allotment", names)

    def test_a_choice_of_properties_is_refused(self):
        with self.assertRaises(APIError) as refused:
            self.run_(self.default.tasks.get(asking(TasksRequestBuilder, select=["title"])))
        self.assertEqual(refused.exception.response_status_code, 400)

    def test_a_round_finds_what_changed_since(self):
        delta = self.default.tasks.delta
        page = self.run_(delta.get())
        self.assertEqual(page.value, [])
        made = self.run_(self.default.tasks.post(TodoTask(title="Call Bea")))
        page = self.run_(delta.with_url(page.odata_delta_link).get())
        self.assertEqual([task.id for task in page.value], [made.id])
        self.run_(self.default.tasks.by_todo_task_id(made.id).delete())
        page = self.run_(delta.with_url(page.odata_delta_link).get())
        self.assertEqual(page.value[0].additional_data["@removed"], {"reason": "deleted"})

    def test_an_application_works_on_somebodys_tasks(self):
        lists = of_application().users.by_user_id(self.user).todo.lists
        found = self.run_(lists.get()).value
        self.assertIn(WellknownListName.DefaultList, [entry.wellknown_list_name for entry in found])
