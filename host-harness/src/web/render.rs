//! Turns a view into HTML: the embedded templates, with escaping on by default.
//!
//! Templates get two things: `chrome` (product, who is signed in, navigation,
//! form token, message) and `page` (the view). A name that a template uses and
//! the view lacks is an error, not an empty text.

use std::sync::LazyLock;

use axum::response::Html;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;

use super::assets;
use super::session::Flash;

/// The templates, by name.
const TEMPLATES: [(&str, &str); 38] = [
    ("_account.html", include_str!("templates/_account.html")),
    ("_list.html", include_str!("templates/_list.html")),
    ("_report.html", include_str!("templates/_report.html")),
    ("_banners.html", include_str!("templates/_banners.html")),
    ("_link.html", include_str!("templates/_link.html")),
    ("_month.html", include_str!("templates/_month.html")),
    ("_people.html", include_str!("templates/_people.html")),
    ("_problems.html", include_str!("templates/_problems.html")),
    ("_rule.html", include_str!("templates/_rule.html")),
    ("_setting.html", include_str!("templates/_setting.html")),
    ("_run_now.html", include_str!("templates/_run_now.html")),
    ("_set_aside.html", include_str!("templates/_set_aside.html")),
    ("_time.html", include_str!("templates/_time.html")),
    ("_tree.html", include_str!("templates/_tree.html")),
    ("_week.html", include_str!("templates/_week.html")),
    ("alerts.html", include_str!("templates/alerts.html")),
    ("calendar.html", include_str!("templates/calendar.html")),
    ("conflict.html", include_str!("templates/conflict.html")),
    ("conflicts.html", include_str!("templates/conflicts.html")),
    ("confirm.html", include_str!("templates/confirm.html")),
    ("connect_result.html", include_str!("templates/connect_result.html")),
    ("dashboard.html", include_str!("templates/dashboard.html")),
    ("error.html", include_str!("templates/error.html")),
    ("event.html", include_str!("templates/event.html")),
    ("event_choice.html", include_str!("templates/event_choice.html")),
    ("event_form.html", include_str!("templates/event_form.html")),
    ("first_sync.html", include_str!("templates/first_sync.html")),
    ("layout.html", include_str!("templates/layout.html")),
    ("microsoft_item.html", include_str!("templates/microsoft_item.html")),
    ("preview.html", include_str!("templates/preview.html")),
    ("set_aside.html", include_str!("templates/set_aside.html")),
    ("settings.html", include_str!("templates/settings.html")),
    ("sign_in.html", include_str!("templates/sign_in.html")),
    ("status.html", include_str!("templates/status.html")),
    ("status_user.html", include_str!("templates/status_user.html")),
    ("task_form.html", include_str!("templates/task_form.html")),
    ("tasks.html", include_str!("templates/tasks.html")),
    ("users.html", include_str!("templates/users.html")),
];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    // What a form proposes where a zone is entered.
    environment.add_global("time_zones", time_zones().collect::<minijinja::Value>());
    Ok(environment)
});

/// The zones by their names: those of places, and UTC.
fn time_zones() -> impl Iterator<Item = &'static str> {
    let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    names.filter(|name| *name == "UTC" || (name.contains('/') && !name.starts_with("Etc/")))
}

/// A page could not be rendered: a template and its view disagree.
#[derive(Debug, thiserror::Error)]
#[error("the page `{template}` could not be rendered")]
pub struct RenderError {
    template: &'static str,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// An entry of the main navigation.
#[derive(Clone, Debug, Serialize)]
pub struct NavItem {
    /// What it says.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether this is the place.
    pub current: bool,
}

/// Who is signed in, as the header shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ViewerLine {
    /// The name.
    pub name: String,
    /// The organization.
    pub organization: String,
}

/// What surrounds every page.
#[derive(Clone, Debug, Serialize)]
pub struct Chrome {
    /// The CRM's name.
    pub product: String,
    /// Who is signed in.
    pub viewer: Option<ViewerLine>,
    /// The main navigation.
    pub nav: Vec<NavItem>,
    /// The form token of the session; empty where there is none.
    pub csrf: String,
    /// The message to show once.
    pub flash: Option<Flash>,
    css_href: String,
    js_href: String,
    calendar_css_href: String,
    calendar_js_href: String,
    icon_href: String,
}

impl Chrome {
    /// The frame of a page for somebody who is not signed in.
    pub fn anonymous(product: &str, csrf: String) -> Self {
        Self {
            product: product.to_owned(),
            viewer: None,
            nav: Vec::new(),
            csrf,
            flash: None,
            css_href: assets::href("app.css"),
            js_href: assets::href("app.js"),
            calendar_css_href: assets::href("calendar.css"),
            calendar_js_href: assets::href("calendar.js"),
            icon_href: assets::href("icon.svg"),
        }
    }
}

/// Renders a page.
pub fn page<V: Serialize>(template: &'static str, chrome: &Chrome, view: &V) -> Result<Html<String>, RenderError> {
    let failed = |source| RenderError { template, source };
    let environment = ENVIRONMENT.as_ref().map_err(|error| failed(error.to_string().into()))?;
    let text = environment
        .get_template(template)
        .and_then(|found| found.render(context! { chrome => Serde(chrome), page => Serde(view) }))
        .map_err(|error| failed(error.into()))?;
    Ok(Html(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        let environment = ENVIRONMENT.as_ref().unwrap();
        assert_eq!(environment.templates().count(), TEMPLATES.len());
    }

    #[test]
    fn no_template_steps_around_the_escaping_or_the_content_policy() {
        for (name, source) in TEMPLATES {
            let source = source.to_ascii_lowercase();
            let inline = source.replace("<script src=", "");
            for forbidden in [
                "safe",
                "autoescape",
                "<script",
                "<style",
                " style=",
                " onclick",
                " onsubmit",
                " onload",
                "javascript:",
            ] {
                assert!(!inline.contains(forbidden), "{name} contains {forbidden}");
            }
        }
    }

    #[test]
    fn hostile_texts_stay_text_in_content_and_in_attributes() {
        let hostile = "'\"><img src=x onerror=alert(1)>";
        let mut chrome = Chrome::anonymous(hostile, hostile.to_owned());
        chrome.flash = Some(Flash { kind: "good", text: hostile.to_owned() });
        chrome.viewer = Some(ViewerLine { name: hostile.to_owned(), organization: hostile.to_owned() });
        let names = ["title", "message", "back_href", "back_label"];
        let view: BTreeMap<&str, &str> = names.into_iter().map(|name| (name, hostile)).collect();
        let html = page("error.html", &chrome, &view).unwrap().0;
        assert!(!html.contains("<img"), "{html}");
        assert!(!html.contains("\">&lt;img"), "an attribute ends early: {html}");
        assert!(html.matches("&lt;img").count() >= 6);
    }

    #[test]
    fn a_view_that_lacks_a_name_is_an_error_and_not_an_empty_text() {
        let chrome = Chrome::anonymous("Tandem CRM", String::new());
        let error = page("error.html", &chrome, &BTreeMap::<&str, &str>::new()).unwrap_err();
        assert_eq!(error.to_string(), "the page `error.html` could not be rendered");
    }
}
