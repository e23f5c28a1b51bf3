//! Messages in MIME format (RFC 5322, RFC 2045; concepts/outlook-get-mime-message,
//! concepts/outlook-send-mime-message).

pub(crate) mod read;
pub(crate) mod write;
