//! A `match` that tells endpoints apart, so that tests can take one away.
//!
//! [`routes!`] around a `match` is that `match` and nothing else in a program.
//! In a build for tests each branch but the last one, which is where requests
//! end that nobody else wants, can be closed: the request goes on as if the
//! branch were not written there. `tests::checklist` closes one after the other,
//! so that a row which passes without its endpoint is found.
//!
//! A branch is one endpoint or a part of the way to several. One that names a method
//! is one endpoint: other methods and other paths have branches of their own, so that
//! each is taken away by itself. What is told apart in two steps, such as the path and
//! then the method, has a branch in each. What answers inside of a branch is not looked at; that
//! is for the tests of its subject.

/// A `match` whose branches are endpoints, or lead to them.
#[cfg(not(test))]
macro_rules! routes {
    ($written:expr) => {{
        #[allow(clippy::match_same_arms, reason = "each endpoint has a branch, also where one handler answers several")]
        let answered = $written;
        answered
    }};
}

/// The same, where each branch but the last can be closed. What is asked for is
/// a name or stands in parentheses.
#[cfg(test)]
macro_rules! routes {
    (match $asked:tt { $($branches:tt)+ }) => {
        $crate::graph::routes::routes!(@branch $asked [] [] $($branches)+)
    };
    // Behind a block there need be no comma.
    (@branch $asked:tt $done:tt $names:tt $asks:pat $(if $guard:expr)? => $answer:block $(,)? $($rest:tt)+) => {
        $crate::graph::routes::routes!(@add $asked $done $names ($asks) ($($guard)?) ($answer) $($rest)+)
    };
    (@branch $asked:tt $done:tt $names:tt $asks:pat $(if $guard:expr)? => $answer:expr, $($rest:tt)+) => {
        $crate::graph::routes::routes!(@add $asked $done $names ($asks) ($($guard)?) ($answer) $($rest)+)
    };
    (@branch $asked:tt [$($done:tt)*] [$($name:expr,)*] $asks:pat => $answer:expr $(,)?) => {{
        $crate::graph::routes::know(&[$($name,)*]);
        match $asked {
            $($done)*
            $asks => $answer
        }
    }};
    (@add $asked:tt [$($done:tt)*] [$($name:expr,)*] ($asks:pat) ($($guard:expr)?) ($answer:expr) $($rest:tt)+) => {
        $crate::graph::routes::routes!(@branch $asked
            [$($done)*
            $asks if $crate::graph::routes::is_open($crate::graph::routes::name!($asks $(if $guard)?)) $(&& $guard)? => {
                $crate::graph::routes::take($crate::graph::routes::name!($asks $(if $guard)?));
                $answer
            }]
            [$($name,)* $crate::graph::routes::name!($asks $(if $guard)?),]
            $($rest)+)
    };
}

/// What a branch is called: its module, where the `match` begins, its pattern and
/// its condition.
#[cfg(test)]
macro_rules! name {
    ($asks:pat $(if $guard:expr)?) => {
        concat!(module_path!(), ":", line!(), " ", stringify!($asks) $(, " if ", stringify!($guard))?)
    };
}

#[cfg(test)]
pub(crate) use name;
pub(crate) use routes;
#[cfg(test)]
pub(crate) use switch::{is_open, know, take};

/// Which branches there are, which of them were taken, and which one is closed:
/// on this thread, which is that of one test.
#[cfg(test)]
pub(crate) mod switch {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;

    /// The name of a branch.
    pub(crate) type Branch = &'static str;

    thread_local! {
        static CLOSED: Cell<Option<Branch>> = const { Cell::new(None) };
        static TAKEN: RefCell<BTreeSet<Branch>> = const { RefCell::new(BTreeSet::new()) };
        static KNOWN: RefCell<BTreeSet<Branch>> = const { RefCell::new(BTreeSet::new()) };
    }

    /// Whether a branch can be taken.
    pub(crate) fn is_open(branch: Branch) -> bool {
        CLOSED.get() != Some(branch)
    }

    /// Notes that a request went this way.
    pub(crate) fn take(branch: Branch) {
        TAKEN.with_borrow_mut(|taken| taken.insert(branch));
    }

    /// Notes the branches of a `match` that a request came to.
    pub(crate) fn know(branches: &[Branch]) {
        KNOWN.with_borrow_mut(|known| known.extend(branches));
    }

    /// Closes a branch, or opens all of them.
    pub(crate) fn close(branch: Option<Branch>) {
        CLOSED.set(branch);
    }

    /// The branches taken since this was asked for the last time.
    pub(crate) fn taken() -> BTreeSet<Branch> {
        TAKEN.take()
    }

    /// All branches of what requests came to so far.
    pub(crate) fn known() -> BTreeSet<Branch> {
        KNOWN.with_borrow(Clone::clone)
    }
}
