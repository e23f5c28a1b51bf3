#![allow(clippy::unwrap_used, clippy::panic)]

use clap::CommandFactory as _;
use clap::error::ErrorKind;

use super::*;

fn parse(words: &[&str]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("tandem").chain(words.iter().copied()))
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn without_a_command_the_demonstration_is_served_from_its_directory() {
    let cli = parse(&[]).unwrap();
    assert!(cli.command.is_none());
    let serving = cli.demonstration;
    assert_eq!((serving.port, serving.graph_port), (8080, 8081));
    assert_eq!(serving.data, DataDir::Path(PathBuf::from("tandem-data")));
    assert_eq!((serving.seed, serving.plugin), (None, None));
    let moved = parse(&["--port", "0", "--data", ":memory:"]).unwrap().demonstration;
    assert_eq!((moved.port, moved.data), (0, DataDir::Memory));
}

#[test]
fn every_command_is_understood_as_documented() {
    let Some(Command::Demo(demo)) = parse(&["demo", "--once", "--json"]).unwrap().command else {
        panic!("not demo");
    };
    assert!(demo.once && demo.json);
    let words = ["serve", "--port", "1", "--graph-port", "2", "--seed", "7"];
    let Some(Command::Serve(serve)) = parse(&words).unwrap().command else {
        panic!("not serve");
    };
    assert_eq!((serve.serving.port, serve.serving.graph_port), (1, 2));
    assert_eq!(serve.serving.seed, Some(7));
    let words = ["sync", "--data", "d", "--user", "anna", "--resource", "calendar", "--preview"];
    let Some(Command::Sync(sync)) = parse(&words).unwrap().command else {
        panic!("not sync");
    };
    assert_eq!(sync.resource.map(Resource::from), Some(Resource::Calendar));
    assert!(sync.preview && !sync.json);
    let resource = |words: &[&str]| match parse(&[&["sync", "--data", "d"], words].concat()).unwrap().command {
        Some(Command::Sync(sync)) => sync.resource.map(Resource::from),
        other => panic!("not sync: {other:?}"),
    };
    assert_eq!((resource(&["--resource", "tasks"]), resource(&[])), (Some(Resource::Tasks), None));
    assert!(matches!(
        parse(&["status", "--data", "d", "--json"]).unwrap().command,
        Some(Command::Status(StatusArgs { json: true, .. }))
    ));
    assert!(matches!(parse(&["inspect", "x.wasm"]).unwrap().command, Some(Command::Inspect(_))));
    let words = ["import", "--data", "d", "--user", "anna", "--side", "microsoft", "x.ics"];
    let Some(Command::Import(import)) = parse(&words).unwrap().command else {
        panic!("not import");
    };
    assert_eq!(import.side, ImportSide::Microsoft);
}

#[test]
fn wrong_words_are_wrong_usage() {
    let cases: [(&[&str], ErrorKind); 21] = [
        (&["measure"], ErrorKind::InvalidSubcommand),
        (&["sim"], ErrorKind::MissingRequiredArgument),
        (&["sim", "--seeds", "2..1"], ErrorKind::ValueValidation),
        (&["sim", "--seeds", "1"], ErrorKind::ValueValidation),
        (&["serve", "--tsl"], ErrorKind::UnknownArgument),
        (&["serve", "--cloud", "france"], ErrorKind::InvalidValue),
        (&["serve", "--tls", "--cloud", "global"], ErrorKind::ArgumentConflict),
        (&["serve", "--graph-port", "1", "--cloud", "global"], ErrorKind::ArgumentConflict),
        (
            &["serve", "--graph-port", "1", "--login-url", "https://l.example", "--graph-url", "https://g.example"],
            ErrorKind::ArgumentConflict,
        ),
        (&["check", "--data", "d"], ErrorKind::MissingRequiredArgument),
        (&["serve", "--port", "70000"], ErrorKind::ValueValidation),
        (&["serve", "--data", ""], ErrorKind::ValueValidation),
        (&["demo", "--json"], ErrorKind::MissingRequiredArgument),
        (&["demo", "--once", "--data", "d"], ErrorKind::ArgumentConflict),
        (&["sync"], ErrorKind::MissingRequiredArgument),
        (&["sync", "--data", ":memory:"], ErrorKind::ValueValidation),
        (&["sync", "--data", "d", "--resource", "mail"], ErrorKind::InvalidValue),
        (&["serve", "--login-url", "https://login.example"], ErrorKind::MissingRequiredArgument),
        (&["serve", "--login-url", "ftp://x", "--graph-url", "https://graph.example/v1.0"], ErrorKind::ValueValidation),
        (&["import", "--data", "d", "--user", "u", "--side", "both", "f"], ErrorKind::InvalidValue),
        (&["inspect"], ErrorKind::MissingRequiredArgument),
    ];
    for (words, kind) in cases {
        let error = parse(words).unwrap_err();
        assert_eq!(error.kind(), kind, "{words:?}: {error}");
        assert_eq!(error.exit_code(), 2, "{words:?}");
    }
}

#[test]
fn addresses_that_components_are_not_let_through_to_are_wrong_usage() {
    let serve = |login: &str, graph: &str| parse(&["serve", "--login-url", login, "--graph-url", graph]);
    let good = "https://graph.microsoft.com/v1.0";
    for url in [good, "http://127.0.0.1:18091/v1.0", "http://localhost:18091", "http://[::1]:18091"] {
        assert!(serve(good, url).is_ok() && serve(url, good).is_ok(), "{url}");
    }
    let refused = [
        ("http://evil.example/v1.0", "secrets and tokens would travel unencrypted"),
        ("HTTP://evil.example/v1.0", "secrets and tokens would travel unencrypted"),
        ("http://10.0.0.7/v1.0", "secrets and tokens would travel unencrypted"),
        ("https://localhost:18091/v1.0", "components are not let through to that"),
        ("https://127.0.0.1:18091/v1.0", "components are not let through to that"),
        ("https://192.168.1.7/v1.0", "components are not let through to that"),
    ];
    for (url, reason) in refused {
        for error in [serve(good, url).unwrap_err(), serve(url, good).unwrap_err()] {
            assert_eq!((error.kind(), error.exit_code()), (ErrorKind::ValueValidation, 2), "{url}");
            assert!(error.to_string().contains(reason), "{url}: {error}");
        }
    }
}

#[test]
fn asking_for_help_or_the_version_is_no_error() {
    for word in ["--help", "--version"] {
        assert_eq!(parse(&[word]).unwrap_err().exit_code(), 0, "{word}");
    }
}
