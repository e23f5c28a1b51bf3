//! What the scenes do to the task lists.
//!
//! Next: [`super::agreement`].

use serde_json::json;

use super::error::DemoError;
use super::sample_tasks::{
    CALL, FIGURES, LIBRARY, PERMIT, PRICE_LIST, SEND_OFFER, SampleTask, TASKS_IN_CRM, TASKS_IN_TODO, due_in_todo,
};
use super::scene::{Scene, Stage};
use crate::crm::TaskId;
use crate::crm::change::Change;
use crate::crm::task::{TaskInput, TaskPriority, TaskStatus};

/// The day, after Monday, to which To Do puts the parking permit off.
const PERMIT_PUT_OFF: u64 = 9;

/// The day on which To Do wants the figures.
const FIGURES_WANTED: u64 = 3;

impl Stage {
    /// Puts the sample tasks on both sides.
    pub(super) async fn fill_task_lists(&self) -> Result<(), DemoError> {
        for sample in TASKS_IN_CRM {
            self.app.crm().create_task(self.user.id, sample.for_crm(self.week))?;
        }
        for sample in TASKS_IN_TODO {
            self.todo.create(&sample.for_todo(self.week, 0)).await?;
        }
        Ok(())
    }

    /// Does what people do to tasks in a scene.
    pub(super) async fn act_on_tasks(&self, scene: Scene) -> Result<(), DemoError> {
        match scene {
            Scene::Beginning | Scene::Occurrences | Scene::Rest => Ok(()),
            Scene::Edits => {
                let closed = Change::Set(TaskStatus::Closed.to_string());
                self.change_task(&SEND_OFFER, TaskInput { status: closed, ..TaskInput::default() })?;
                let later = json!({ "dueDateTime": due_in_todo(self.week, PERMIT_PUT_OFF) });
                self.todo.change(PERMIT.title, &later).await
            }
            Scene::Merge => {
                let high = Change::Set(TaskPriority::High.to_string());
                self.change_task(&FIGURES, TaskInput { priority: high, ..TaskInput::default() })?;
                let later = json!({ "dueDateTime": due_in_todo(self.week, FIGURES_WANTED) });
                self.todo.change(FIGURES.title, &later).await
            }
            Scene::Conflict => {
                let name = Change::Set("Call Contoso, ask for Dana".to_owned());
                self.change_task(&CALL, TaskInput { subject: name, ..TaskInput::default() })?;
                self.todo.change(CALL.title, &json!({ "title": "Contoso: renewal by phone" })).await
            }
            Scene::Deletions => {
                self.app.crm().delete_task(self.user.id, self.task_id(&PRICE_LIST)?)?;
                self.todo.delete(LIBRARY.title).await
            }
        }
    }

    fn change_task(&self, sample: &SampleTask, input: TaskInput) -> Result<(), DemoError> {
        self.app.crm().update_task(self.user.id, self.task_id(sample)?, input)?;
        Ok(())
    }

    fn task_id(&self, sample: &SampleTask) -> Result<TaskId, DemoError> {
        let tasks = self.app.crm().tasks_of(self.user.id)?;
        let found = tasks.iter().find(|task| task.values.subject == sample.title);
        found.map(|task| task.id).ok_or(DemoError::NoSample { side: "the CRM" })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::app::{App, AppOptions, Resource};
    use crate::demo::outlook::Outlook;
    use crate::demo::sample::Week;
    use crate::demo::todo::Todo;
    use crate::demo::{fixed_clock, organization, task_agreement};

    /// The lists as they are before anything was synchronised, with every edit
    /// that needs no run before it.
    #[tokio::test]
    async fn people_can_do_on_their_own_side_what_the_scenes_want() {
        let app = App::start(AppOptions::in_memory(fixed_clock(), 1)).await.unwrap();
        let microsoft = app.microsoft().unwrap();
        organization::prepare(&app, microsoft).await.unwrap();
        let user = app.crm().user_by_login(organization::SELLER.login).unwrap();
        let outlook = Outlook::of(microsoft, &user.email);
        let stage = Stage {
            app: app.clone(),
            user: user.clone(),
            todo: Todo::of(&outlook).await.unwrap(),
            outlook,
            week: Week::of(app.clock().now(), user.time_zone.0),
        };
        stage.fill(Resource::Tasks).await.unwrap();
        let found = task_agreement::compare(app.crm(), &user, microsoft).unwrap();
        assert_eq!((found.equal, found.only_crm, found.only_microsoft), (1, 4, 2), "the hotel is on both lists");
        for scene in [Scene::Edits, Scene::Deletions] {
            stage.act(scene, Resource::Tasks).await.unwrap();
        }
        let found = task_agreement::compare(app.crm(), &user, microsoft).unwrap();
        assert_eq!((found.equal, found.only_crm, found.only_microsoft), (1, 3, 1));
        let nowhere = stage.act(Scene::Merge, Resource::Tasks).await.unwrap_err();
        assert!(matches!(nowhere, DemoError::NoSample { side: "Microsoft" }), "it is not in To Do before a run");
    }
}
