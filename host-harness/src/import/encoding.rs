//! The bytes of a file as text: UTF-8, and Windows-1252 where a line is not.
//!
//! Calendars from before UTF-8 are in the encoding of the machine that wrote
//! them; of those, Windows-1252 covers the west of Europe and America, and
//! every byte means something in it, so that no file is refused for one name.
//! Next: [`super::read`](mod@super::read).

use encoding_rs::WINDOWS_1252;

/// A file as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text.
    pub text: String,
    /// How many of its lines are no UTF-8; folded lines count once.
    pub recoded_lines: usize,
}

/// Reads bytes as text, line by line.
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), recoded_lines: 0 };
    }
    let mut decoded = Decoded { text: String::with_capacity(bytes.len()), recoded_lines: 0 };
    // Folds count bytes and may cut a letter of UTF-8 in two (section 3.1).
    for line in unfolded(bytes).split_inclusive(|byte| *byte == b'\n') {
        if let Ok(text) = std::str::from_utf8(line) {
            decoded.text.push_str(text);
        } else {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(line);
            decoded.text.push_str(&text);
            decoded.recoded_lines += 1;
        }
    }
    decoded
}

/// The bytes without line breaks that a space or a tab follows.
fn unfolded(bytes: &[u8]) -> Vec<u8> {
    let mut lines: Vec<u8> = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.split_first() {
            Some((b' ' | b'\t', rest)) if !lines.is_empty() => {
                while lines.pop_if(|last| matches!(*last, b'\r' | b'\n')).is_some() {}
                lines.extend_from_slice(rest);
            }
            Some(_) | None => lines.extend_from_slice(line),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_no_utf_8_are_read_as_windows_1252_and_counted() {
        let read = |bytes: &[u8]| {
            let decoded = decode(bytes);
            (decoded.text, decoded.recoded_lines)
        };
        assert_eq!(read("SUMMARY:\u{e9}\r\n \u{e9}\r\n".as_bytes()), ("SUMMARY:\u{e9}\r\n \u{e9}\r\n".to_owned(), 0));
        let old = b"SUMMARY:Caf\xe9 \x80\r\nLOCATION:Z\xc3\xbcrich\r\n";
        assert_eq!(read(old), ("SUMMARY:Caf\u{e9} \u{20ac}\r\nLOCATION:Z\u{fc}rich\r\n".to_owned(), 1));
        let folded = b"SUMMARY:Z\xc3\r\n \xbcrich\r\nEND:VEVENT\r\n";
        assert_eq!(read(folded), ("SUMMARY:Z\u{fc}rich\r\nEND:VEVENT\r\n".to_owned(), 0));
    }
}
