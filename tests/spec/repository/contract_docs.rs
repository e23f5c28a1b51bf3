//! Does every item of the contract say what it is, and since when?
//!
//! WIT is the only thing that an engineer of another CRM reads, so an item
//! without a sentence is a fault. `@since` is asked of what can carry it:
//! interfaces, worlds, types and functions. What a `use` or an `import` brings
//! in is documented where it is defined.

use std::collections::BTreeMap;

use wit_parser::{Docs, Function, Interface, PackageId, Resolve, SourceMap, Stability, Type, TypeDef, TypeDefKind};
use wit_parser::{UnresolvedPackageGroup, World, WorldItem, WorldKey};

use super::assert_none;
use super::files::{ProjectFile, with_extension};

/// The folder of the package that needs all others.
const OUTERMOST: &str = "wit/plugin";

/// WASI's packages, one per file; elsewhere a package is a folder.
const VENDORED: &str = "wit/deps/";

#[test]
fn every_item_of_the_contract_has_a_doc_comment_and_a_since() {
    let resolve = contract();
    let ours: Vec<PackageId> =
        resolve.packages.iter().filter(|(_, package)| package.name.namespace == "tandem").map(|(id, _)| id).collect();
    assert_eq!(ours.len(), 2, "the contract is the packages tandem:host and tandem:plugin");
    let mut findings = Vec::new();
    for package in ours {
        let report = inspect(&resolve, package);
        assert!(report.items > 50, "expected a whole package, but found {} items", report.items);
        findings.extend(report.findings);
    }
    assert_none("items of the contract that are not described", &findings);
}

/// Whoever has these files alone has no table that a number of a row could be looked
/// up in.
#[test]
fn the_contract_refers_to_nothing_that_is_not_in_it() {
    let is_number = |word: &str| {
        let digits = word.strip_prefix(|first: char| first.is_ascii_uppercase()).unwrap_or_default();
        !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit())
    };
    let refers = |words: &[&str]| matches!(words, ["row" | "rows", number] if is_number(number));
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let found = |text: &str| {
        let words = words(text);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.windows(2).filter(|pair| refers(pair)).map(|pair| pair.join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(found("/// As it was (Oro row\n /// C4), in rows E12 and 13, a row of A"), ["row C4", "rows E12"]);
    let ours = with_extension(&["wit"]).into_iter().filter(|file| !file.path.starts_with(VENDORED));
    let findings =
        ours.flat_map(|file| found(&file.text).into_iter().map(move |words| format!("{}: {words}", file.path)));
    assert_none("references of the contract that lead out of it", &findings.collect::<Vec<_>>());
}

#[test]
fn a_missing_doc_comment_or_since_is_found_at_every_kind_of_item() {
    let findings = findings_of(
        "package a:b@0.1.0;
        interface i {
            record r { f: u32 }
            variant v { c(r) }
            enum e { m }
            flags g { n }
            type t = list<r>;
            resource h { go: func(); }
            call: func(r: r);
        }
        world w { export run: func(); }",
    );
    let expected = [
        "a:b@0.1.0: no doc comment",
        "a:b@0.1.0/i: no doc comment",
        "a:b@0.1.0/i: no @since",
        "a:b@0.1.0/i.r: no doc comment",
        "a:b@0.1.0/i.r: no @since",
        "a:b@0.1.0/i.r.f: no doc comment",
        "a:b@0.1.0/i.v.c: no doc comment",
        "a:b@0.1.0/i.e.m: no doc comment",
        "a:b@0.1.0/i.g.n: no doc comment",
        "a:b@0.1.0/i.t: no doc comment",
        "a:b@0.1.0/i.h: no doc comment",
        "a:b@0.1.0/i.[method]h.go: no doc comment",
        "a:b@0.1.0/i.call: no doc comment",
        "a:b@0.1.0/i.call: no @since",
        "a:b@0.1.0/w: no doc comment",
        "a:b@0.1.0/w.run: no doc comment",
    ];
    for line in expected {
        assert!(findings.iter().any(|found| found == line), "expected `{line}`, but found {findings:#?}");
    }
}

#[test]
fn a_described_package_passes_and_what_it_uses_is_not_asked_again() {
    let findings = findings_of(
        "/// A package.
        package a:b@0.1.0;
        /// One.
        @since(version = 0.1.0)
        interface one {
            /// A length in bytes.
            @since(version = 0.1.0)
            type length = u64;
        }
        /// Two.
        @since(version = 0.1.0)
        interface two {
            use one.{length};
            /// The length.
            @since(version = 0.1.0)
            get: func() -> length;
        }
        /// A world.
        @since(version = 0.1.0)
        world w { import two; }",
    );
    assert_none("nothing is missing here", &findings);
}

fn findings_of(text: &str) -> Vec<String> {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("sample.wit", text).expect("the sample is WIT");
    inspect(&resolve, package).findings
}

/// The packages below `wit/`, resolved.
fn contract() -> Resolve {
    let mut packages: BTreeMap<String, SourceMap> = BTreeMap::new();
    for ProjectFile { path, text } in with_extension(&["wit"]) {
        let package =
            if path.starts_with(VENDORED) { path.as_str() } else { path.rsplit_once('/').expect("a folder").0 };
        packages.entry(package.to_owned()).or_default().push_str(&path, text);
    }
    let mut parsed: BTreeMap<String, UnresolvedPackageGroup> =
        packages.into_iter().map(|(name, sources)| (name, parse(sources))).collect();
    let outermost = parsed.remove(OUTERMOST).expect("the component's package");
    let mut resolve = Resolve::default();
    if let Err(error) = resolve.push_groups(outermost, parsed.into_values().collect()) {
        panic!("{}", error.render(&resolve.source_map));
    }
    resolve
}

fn parse(sources: SourceMap) -> UnresolvedPackageGroup {
    sources.parse().unwrap_or_else(|(sources, error)| panic!("{}", error.render(&sources)))
}

/// What was looked at, and what is missing.
#[derive(Default)]
struct Inspection {
    items: usize,
    findings: Vec<String>,
}

impl Inspection {
    fn docs(&mut self, name: &str, docs: &Docs) {
        self.items += 1;
        if docs.contents.as_deref().is_none_or(|text| text.trim().is_empty()) {
            self.findings.push(format!("{name}: no doc comment"));
        }
    }

    fn since(&mut self, name: &str, stability: &Stability) {
        match stability {
            Stability::Stable { .. } => {}
            Stability::Unknown | Stability::Unstable { .. } => self.findings.push(format!("{name}: no @since")),
        }
    }

    fn interface(&mut self, resolve: &Resolve, name: &str, interface: &Interface) {
        self.docs(name, &interface.docs);
        self.since(name, &interface.stability);
        for (type_name, id) in &interface.types {
            let item = &resolve.types[*id];
            if !is_used_from_elsewhere(resolve, item) {
                self.type_def(&format!("{name}.{type_name}"), item);
            }
        }
        self.functions(name, interface.functions.values());
    }

    fn functions<'a>(&mut self, owner: &str, functions: impl Iterator<Item = &'a Function>) {
        for function in functions {
            let name = format!("{owner}.{}", function.name);
            self.docs(&name, &function.docs);
            self.since(&name, &function.stability);
        }
    }

    fn type_def(&mut self, name: &str, item: &TypeDef) {
        self.docs(name, &item.docs);
        self.since(name, &item.stability);
        let members: Vec<(&str, &Docs)> = match &item.kind {
            TypeDefKind::Record(record) => record.fields.iter().map(|m| (m.name.as_str(), &m.docs)).collect(),
            TypeDefKind::Variant(variant) => variant.cases.iter().map(|m| (m.name.as_str(), &m.docs)).collect(),
            TypeDefKind::Enum(cases) => cases.cases.iter().map(|m| (m.name.as_str(), &m.docs)).collect(),
            TypeDefKind::Flags(flags) => flags.flags.iter().map(|m| (m.name.as_str(), &m.docs)).collect(),
            _ => Vec::new(),
        };
        for (member, docs) in members {
            self.docs(&format!("{name}.{member}"), docs);
        }
    }

    fn world(&mut self, name: &str, world: &World) {
        self.docs(name, &world.docs);
        self.since(name, &world.stability);
        for (key, item) in world.imports.iter().chain(&world.exports) {
            match (key, item) {
                (WorldKey::Name(_), WorldItem::Function(function)) => self.functions(name, std::iter::once(function)),
                (WorldKey::Name(_) | WorldKey::Interface(_), _) => {}
            }
        }
    }
}

fn inspect(resolve: &Resolve, id: PackageId) -> Inspection {
    let mut inspection = Inspection::default();
    let package = &resolve.packages[id];
    inspection.docs(&package.name.to_string(), &package.docs);
    for (name, interface) in &package.interfaces {
        inspection.interface(resolve, &format!("{}/{name}", package.name), &resolve.interfaces[*interface]);
    }
    for (name, world) in &package.worlds {
        inspection.world(&format!("{}/{name}", package.name), &resolve.worlds[*world]);
    }
    inspection
}

/// `use other.{name}` makes an alias whose target belongs to another interface.
fn is_used_from_elsewhere(resolve: &Resolve, item: &TypeDef) -> bool {
    match item.kind {
        TypeDefKind::Type(Type::Id(target)) => resolve.types[target].owner != item.owner,
        _ => false,
    }
}
