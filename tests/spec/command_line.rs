//! Exit codes and sentences of commands (architecture: 0 done, 1 failed, 2
//! wrong usage).

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde_json::json;
use tandem_tests::{START, World, options_on_disk, refused_start, tandem};

/// Where an `SQLite` file keeps `user_version`, four bytes in network order
/// (sqlite.org/fileformat2.html, "The Database Header").
const USER_VERSION_OFFSET: u64 = 60;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A data directory in which somebody works.
async fn used(directory: &Path) {
    let world = World::on_disk(directory).await;
    world.add_user("anna", "Acme").await;
}

/// All files of a directory with their contents.
fn contents(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| (text(&path).to_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    found
}

/// A file that is there and holds something else.
const NO_CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

#[tokio::test]
async fn what_was_typed_wrong_ends_with_two_and_says_what_was_expected() {
    let table: [(&[&str], &str); 17] = [
        (&["dance"], "unrecognized subcommand"),
        (
            &["serve", "--tls", "--login-url", "https://l.example", "--graph-url", "https://g.example"],
            "the argument '--tls' cannot be used with",
        ),
        (
            &["serve", "--tls", "--data", ":memory:", "--port", "0", "--graph-port", "0"],
            "expected a data directory that keeps the certificate authority of --tls",
        ),
        (&["serve", "--trust", "ca.pem", "--cloud", "global"], "the argument '--trust <FILE>' cannot be used with"),
        (
            &["serve", "--trust", NO_CERTIFICATE, "--data", ":memory:", "--port", "0", "--graph-port", "0"],
            "expected certificates in PEM, but found none",
        ),
        (&["sync", "--data", "d", "--resource", "dreams"], "possible values: calendar, tasks"),
        (&["serve", "--port", "99999"], "expected a port number from 0 to 65535, but found `99999`"),
        (&["serve", "--port", "abc"], "expected a port number from 0 to 65535, but found `abc`"),
        (&["demo", "--graph-port", ""], "expected a port number from 0 to 65535, but found ``"),
        (&["--graph-port=-1"], "expected a port number from 0 to 65535, but found `-1`"),
        (&["serve", "--login-url", "https://login.example"], "--graph-url"),
        (&["serve", "--login-url", "x", "--graph-url", "y"], "expected an http or https address"),
        (&["demo", "--json"], "--once"),
        (&["status", "--data", ":memory:"], "which holds nothing yet"),
        (&["alerts", "--data", "d", "--release", "abc"], "expected the number in front of an alert, but found `abc`"),
        (&["sim", "--seeds", "1..2", "--steps", "0"], "0 is not in 1.."),
        (&["import", "--data", "d", "--user", "anna", "--side", "left", "f.ics"], "possible values: crm, microsoft"),
    ];
    for (arguments, said) in table {
        let error = tandem(arguments).await.refused(2);
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn what_was_typed_wrong_ends_with_a_hint_that_names_the_help_of_the_command() {
    let table: [(&[&str], &str); 8] = [
        (&["dance"], "tandem --help"),
        (&["--porte", "1"], "tandem --help"),
        (&["sync"], "tandem sync --help"),
        (&["serve", "--port", "99999"], "tandem serve --help"),
        (&["serve", "--data", "status", "--tsl"], "tandem serve --help"),
        (&["demo", "--json"], "tandem demo --help"),
        (&["status", "--data", ":memory:"], "tandem status --help"),
        (&["sim", "--seeds", "2..1"], "tandem sim --help"),
    ];
    for (arguments, help) in table {
        let error = tandem(arguments).await.refused(2);
        assert!(error.starts_with("error: ") && !error.contains("For more information"), "{arguments:?}: {error}");
        let (_, hint) = error.trim_end().rsplit_once('\n').unwrap();
        assert_eq!(hint, format!("hint: `{help}` says what can be typed"), "{arguments:?}: {error}");
        assert_eq!(error.matches("hint: ").count(), 1, "{arguments:?}: {error}");
    }
}

/// What was asked for decides what else somebody can do while the data are in use.
#[tokio::test]
async fn data_in_use_are_refused_with_what_that_command_can_do_about_it() {
    let directory = tempfile::tempdir().unwrap();
    used(directory.path()).await;
    let data = text(directory.path());
    let held = std::fs::File::open(directory.path().join("secret.key")).unwrap();
    held.lock().unwrap();
    let ports = ["--port", "0", "--graph-port", "0"];
    let table: [(Vec<&str>, &str); 5] = [
        (vec!["sync", "--data", data], "use Sync now and Preview on its pages"),
        (
            vec!["import", "--data", data, "--user", "anna", "--side", "microsoft", "f.ics"],
            "stop the `tandem` that serves it, import, and start it again",
        ),
        ([&["serve", "--data", data][..], &ports].concat(), "use the pages of the `tandem` that serves it"),
        ([&["demo", "--data", data][..], &ports].concat(), "name another directory with `--data DIR`"),
        ([&["--data", data][..], &ports].concat(), "use the pages of the `tandem` that serves it"),
    ];
    for (arguments, hint) in table {
        let error = tandem(&arguments).await.refused(1);
        assert!(error.contains("but found it in use") && error.contains(hint), "{arguments:?}: {error}");
        assert_eq!(error.contains("Sync now"), arguments[0] == "sync", "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn a_file_in_place_of_a_data_directory_is_called_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("calendar.ics");
    std::fs::write(&file, "a file").unwrap();
    let data = text(&file);
    let ports = ["--port", "0", "--graph-port", "0"];
    for arguments in [
        vec!["status", "--data", data],
        vec!["sync", "--data", data],
        vec!["alerts", "--data", data],
        vec!["import", "--data", data, "--user", "anna", "--side", "crm", data],
        [&["serve", "--data", data][..], &ports].concat(),
        [&["demo", "--data", data][..], &ports].concat(),
        [&["--data", data][..], &ports].concat(),
    ] {
        let error = tandem(&arguments).await.refused(1);
        let said = format!("error: expected a data directory at `{data}`, but found a file\nhint: ");
        assert!(error.starts_with(&said) && error.contains("--data DIR"), "{arguments:?}: {error}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a file");
}

#[tokio::test]
async fn a_file_that_is_only_read_has_to_be_readable_alone() {
    let directory = tempfile::tempdir().unwrap();
    used(directory.path()).await;
    let (data, missing) = (text(directory.path()), directory.path().join("missing.ics"));
    let arguments = ["import", "--data", data, "--user", "anna", "--side", "crm", text(&missing)];
    let error = tandem(&arguments).await.refused(1);
    assert!(error.starts_with(&format!("error: the file `{}` cannot be read\n", text(&missing))), "{error}");
    assert!(error.contains("hint: check the path and that you may read it\n"), "{error}");
}

#[tokio::test]
async fn a_plugin_file_that_is_something_else_is_refused_with_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let module = wat::parse_str("(module)").unwrap();
    let other = wat::parse_str(r#"(component (import "tandem:host/config@9.0.0" (instance)))"#).unwrap();
    let empty = wat::parse_str("(component)").unwrap();
    let table = [
        ("a calendar", b"BEGIN:VCALENDAR".to_vec(), "a file of another kind", "wasm32-wasip2"),
        ("nothing", Vec::new(), "a file of another kind", "wasm32-wasip2"),
        ("a core module", module, "a core WebAssembly module", "wasm32-wasip2"),
        ("a text", b"(component)".to_vec(), "WebAssembly text", "binary"),
        ("half a component", other[..other.len() / 2].to_vec(), "a damaged one", "again"),
        (
            "another version",
            other,
            "expected a component for tandem:host 0.1.0, but found one for tandem:host 9.0.0",
            "version of the contract",
        ),
        ("an empty component", empty, "expected a component that exports", "built for this host"),
    ];
    for (what, bytes, message, remedy) in table {
        let file = directory.path().join("plugin.wasm");
        std::fs::write(&file, bytes).unwrap();
        for arguments in [
            vec!["inspect", text(&file)],
            vec!["demo", "--once", "--plugin", text(&file)],
            vec!["sim", "--seeds", "1..3", "--plugin", text(&file)],
        ] {
            let error = tandem(&arguments).await.refused(1);
            assert!(error.starts_with("error: ") && error.contains(message), "{what}: {error}");
            assert!(error.contains("hint: ") && error.contains(remedy), "{what}: {error}");
        }
    }
    let missing = directory.path().join("missing.wasm");
    let error = tandem(&["inspect", text(&missing)]).await.refused(1);
    assert!(error.contains("missing.wasm") && error.contains("check the path"), "{error}");
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_option_for_another_one() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (command, option, other) in
        [("serve", "--port", "--graph-port"), ("serve", "--graph-port", "--port"), ("demo", "--port", "--graph-port")]
    {
        let arguments = [command, option, port.as_str(), other, "0", "--data", text(&data)];
        let error = tandem(&arguments).await.refused(1);
        assert!(error.contains(&format!("expected port {port} to be free")), "{error}");
        assert!(error.contains(&format!("`{option} PORT`")), "{error}");
        assert!(!data.exists(), "nothing was begun");
    }
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_made_or_written_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, "a file").unwrap();
    let occupied = directory.path().join("occupied");
    std::fs::create_dir_all(occupied.join("crm.sqlite")).unwrap();
    let foreign = directory.path().join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("crm.sqlite"), "not a database, but long enough to look at").unwrap();
    for path in [file.join("below"), occupied, foreign.clone()] {
        let (message, hint) = refused_start(options_on_disk(&path, START.parse().unwrap())).await;
        assert!(message.starts_with("expected a") && message.contains(text(&path)), "{message}");
        assert!(hint.contains("--data DIR"), "{hint}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "a file");
    assert!(std::fs::read_to_string(foreign.join("crm.sqlite")).unwrap().starts_with("not a database"));
}

#[tokio::test]
async fn data_of_a_newer_version_are_left_as_they_are() {
    let directory = tempfile::tempdir().unwrap();
    used(directory.path()).await;
    let database = directory.path().join("crm.sqlite");
    let mut file = std::fs::OpenOptions::new().write(true).open(&database).unwrap();
    file.seek(SeekFrom::Start(USER_VERSION_OFFSET)).unwrap();
    file.write_all(&99_u32.to_be_bytes()).unwrap();
    drop(file);
    let before = contents(directory.path());
    for command in ["status", "sync"] {
        let error = tandem(&[command, "--data", text(directory.path())]).await.refused(1);
        assert!(error.contains("but found version 99") && error.contains("hint: use the newer `tandem`"), "{error}");
    }
    assert_eq!(contents(directory.path()), before);
}

#[tokio::test]
async fn a_mistyped_data_directory_or_user_is_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let (data, mistyped) = (directory.path().join("data"), directory.path().join("dtaa"));
    used(&data).await;
    for command in ["status", "sync"] {
        let error = tandem(&[command, "--data", text(&mistyped)]).await.refused(1);
        assert!(error.contains("expected a data directory of tandem") && error.contains("hint: "), "{error}");
        assert!(!mistyped.exists());
    }
    let error = tandem(&["sync", "--data", text(&data), "--user", "ana"]).await.refused(1);
    assert!(error.contains("expected one of the users `anna`, but found `ana`"), "{error}");
}

#[tokio::test]
async fn where_there_is_no_alert_that_is_said_and_where_they_are_listed() {
    let directory = tempfile::tempdir().unwrap();
    used(directory.path()).await;
    let data = text(directory.path());
    for arguments in [&["alerts", "--data", data][..], &["alerts", "--data", data, "--summary"]] {
        let shown = tandem(arguments).await;
        assert_eq!((shown.code, shown.out.as_str()), (0, "There are no alerts.\n"), "{arguments:?}");
    }
    let error = tandem(&["alerts", "--data", data, "--release", "7"]).await.refused(1);
    assert!(error.contains("expected an existing alert, but found none with the number 7"), "{error}");
    assert!(error.contains(&format!("`tandem alerts --data {data}`")), "{error}");
    let error = tandem(&["alerts", "--data", data, "--user", "ana"]).await.refused(1);
    assert!(error.contains("expected one of the users `anna`, but found `ana`"), "{error}");
    assert!(error.contains("`tandem status --data DIR`"), "{error}");
}

#[tokio::test]
async fn a_run_that_cannot_be_made_ends_with_one_and_its_report() {
    let directory = tempfile::tempdir().unwrap();
    used(directory.path()).await;
    let data = text(directory.path());
    let ended = tandem(&["sync", "--data", data, "--user", "anna", "--json"]).await;
    assert_eq!(ended.code, 1, "{ended:?}");
    assert!(ended.error.contains("hint: "), "{ended:?}");
    let report: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(report["runs"][0]["blocked"], "not-configured", "{report}");
}

#[tokio::test]
async fn a_sync_without_a_resource_runs_everything_that_is_switched_on() {
    let directory = tempfile::tempdir().unwrap();
    let data = text(directory.path());
    {
        let world = World::on_disk(directory.path()).await;
        world.configure().await;
        world.switch_tasks_on().await;
        world.add_user("anna", "Acme").await;
        world.connect("anna").await;
    }
    let resources = async |arguments: &[&str]| -> Vec<String> {
        let ended = tandem(&[&["sync", "--data", data, "--json"], arguments].concat()).await;
        let report: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        let runs = report["runs"].as_array().unwrap().iter();
        runs.map(|run| run["resource"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(resources(&[]).await, ["calendar", "tasks"]);
    assert_eq!(resources(&["--user", "anna"]).await, ["calendar", "tasks"]);
    assert_eq!(resources(&["--resource", "tasks"]).await, ["tasks"]);
    assert_eq!(resources(&["--user", "anna", "--resource", "calendar"]).await, ["calendar"]);
}

#[tokio::test]
async fn the_status_command_shows_the_five_columns() {
    // E1
    let directory = tempfile::tempdir().unwrap();
    used(directory.path()).await;
    let shown = tandem(&["status", "--data", text(directory.path())]).await;
    assert_eq!(shown.code, 0, "{shown:?}");
    for column in ["Resource Type", "Enabled", "In Progress", "Last Sync At", "Next Sync At"] {
        assert!(shown.out.lines().next().unwrap().contains(column), "{}", shown.out);
    }
    let rows = tandem(&["status", "--data", text(directory.path()), "--json"]).await.json();
    assert_eq!((&rows[0]["user"], &rows[0]["resource"]), (&json!("anna"), &json!("calendar")));
}

/// To a real tenant, everything that is linked with the emulator would seem to be
/// deleted, and the other way round.
#[tokio::test]
async fn data_of_the_emulator_and_of_a_real_tenant_are_never_mixed() {
    let directory = tempfile::tempdir().unwrap();
    let real = ["--login-url", "https://login.example", "--graph-url", "https://graph.example/v1.0"];
    for (name, before, after) in [("emulated", &[][..], &real[..]), ("real", &real[..], &[][..])] {
        let data = directory.path().join(name);
        let endpoints = match before {
            [] => json!({"crmUrl": "http://127.0.0.1:8080", "microsoftUrl": "http://127.0.0.1:8081"}),
            _ => json!({
                "crmUrl": "http://127.0.0.1:8080", "microsoftUrl": "http://127.0.0.1:8081", "loginUrl": real[1],
                "graphUrl": real[3],
            }),
        };
        used(&data).await;
        std::fs::write(data.join("endpoints.json"), endpoints.to_string()).unwrap();
        let data = data.to_str().unwrap();
        let serve = ["serve", "--data", data, "--port", "0"];
        let refused = tandem(&[&serve[..], after].concat()).await.refused(1);
        assert!(refused.contains("as before, but found"), "{refused}");
        let hint = match before {
            [] => "leave out --cloud, --login-url and --graph-url".to_owned(),
            _ => format!("serve it with `tandem serve --data {data} {}`", real.join(" ")),
        };
        assert!(refused.contains(&format!("hint: {hint}")), "{refused}");
        // The demonstration has no such options, so its hint has to name the command.
        for demonstration in [&["demo"][..], &[]].iter().filter(|_| !before.is_empty()) {
            let refused = tandem(&[demonstration, &serve[1..]].concat()).await.refused(1);
            assert!(refused.contains(&format!("hint: {hint}")), "{refused}");
        }
        let kept = std::fs::read_to_string(directory.path().join(name).join("endpoints.json")).unwrap();
        assert_eq!(kept, endpoints.to_string());
    }
}
