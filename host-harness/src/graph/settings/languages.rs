//! The languages of mailboxes (api/outlookuser-supportedlanguages).
//!
//! A locale with its name in its own language, as the page shows them.
//! DIFFERENCE: the service has more of them; which, its documentation does not
//! say.

/// Locales and their names, in the order of the locales.
pub(crate) const ALL: [(&str, &str); 44] = [
    ("af-ZA", "Afrikaans (Suid-Afrika)"),
    ("bg-BG", "български (България)"),
    ("ca-ES", "català (Espanya)"),
    ("cs-CZ", "čeština (Česko)"),
    ("da-DK", "dansk (Danmark)"),
    ("de-AT", "Deutsch (Österreich)"),
    ("de-CH", "Deutsch (Schweiz)"),
    ("de-DE", "Deutsch (Deutschland)"),
    ("el-GR", "Ελληνικά (Ελλάδα)"),
    ("en-AU", "English (Australia)"),
    ("en-CA", "English (Canada)"),
    ("en-GB", "English (United Kingdom)"),
    ("en-IE", "English (Ireland)"),
    ("en-US", "English (United States)"),
    ("es-ES", "español (España)"),
    ("es-MX", "español (México)"),
    ("et-EE", "eesti (Eesti)"),
    ("fi-FI", "suomi (Suomi)"),
    ("fr-BE", "français (Belgique)"),
    ("fr-CA", "français (Canada)"),
    ("fr-CH", "français (Suisse)"),
    ("fr-FR", "français (France)"),
    ("hr-HR", "hrvatski (Hrvatska)"),
    ("hu-HU", "magyar (Magyarország)"),
    ("it-IT", "italiano (Italia)"),
    ("ja-JP", "日本語 (日本)"),
    ("ko-KR", "한국어 (대한민국)"),
    ("lt-LT", "lietuvių (Lietuva)"),
    ("lv-LV", "latviešu (Latvija)"),
    ("nb-NO", "norsk bokmål (Norge)"),
    ("nl-BE", "Nederlands (België)"),
    ("nl-NL", "Nederlands (Nederland)"),
    ("pl-PL", "polski (Polska)"),
    ("pt-BR", "português (Brasil)"),
    ("pt-PT", "português (Portugal)"),
    ("ro-RO", "română (România)"),
    ("ru-RU", "русский (Россия)"),
    ("sk-SK", "slovenčina (Slovensko)"),
    ("sl-SI", "slovenščina (Slovenija)"),
    ("sv-SE", "svenska (Sverige)"),
    ("tr-TR", "Türkçe (Türkiye)"),
    ("uk-UA", "українська (Україна)"),
    ("zh-CN", "中文(中国)"),
    ("zh-TW", "中文(台灣)"),
];

/// A supported locale in its usual spelling.
pub(crate) fn find(locale: &str) -> Option<&'static str> {
    ALL.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(locale))
}

/// The name of a locale; the locale itself if it has none here.
pub(crate) fn display_name(locale: &str) -> &str {
    ALL.iter().find(|(known, _)| known.eq_ignore_ascii_case(locale)).map_or(locale, |(_, name)| name)
}
