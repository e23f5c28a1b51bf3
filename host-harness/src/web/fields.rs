//! Groups of fields by the names that people know.

/// The name of a group of fields, as people read it.
pub fn label(group: &str) -> String {
    let label = match group {
        "title" => "Title",
        "body" => "Description",
        "time" => "Time",
        "recurrence" => "Repetition",
        "exceptions" => "Changed occurrences",
        "attendees" => "Guests",
        "reminder" => "Reminder",
        "location" => "Place",
        "categories" => "Categories",
        "show-as" => "Free or busy",
        "sensitivity" => "Privacy",
        "importance" => "Importance",
        "response" => "Own answer",
        "status" => "Status",
        "due" => "Due date",
        // A later version of the component may know more of them.
        other => other,
    };
    label.to_owned()
}

/// Several of them in a row.
pub fn labels<'a>(groups: impl IntoIterator<Item = &'a String>) -> String {
    groups.into_iter().map(|group| label(group)).collect::<Vec<_>>().join(", ")
}
