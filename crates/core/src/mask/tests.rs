use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

const SECRET: &str = "p4ss/w+rd \"q\" & ü>?";

fn secrets(values: &[&str]) -> Secrets {
    Secrets::new(values.iter().map(|value| ("NAME", *value))).unwrap()
}

fn masked(secrets: &Secrets, chunks: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut masker = secrets.masker();
    for chunk in chunks {
        masker.push(chunk, &mut out);
    }
    masker.flush(&mut out);
    out
}

fn hides(secrets: &Secrets, text: &str) -> bool {
    !secrets.mask(&format!("before {text} after")).contains(text)
}

#[test]
fn plain_encoded_and_escaped_forms_are_hidden() {
    let secrets = secrets(&[SECRET]);
    assert_eq!(secrets.mask(&format!("a {SECRET} b")), "a *** b");
    for form in [
        STANDARD.encode(SECRET),
        STANDARD_NO_PAD.encode(SECRET),
        URL_SAFE.encode(SECRET),
        URL_SAFE_NO_PAD.encode(SECRET),
        serde_json::to_string(SECRET).unwrap(),
        "p4ss\\/w+rd \\\"q\\\" & \\u00fc>?".to_owned(),
        "p4ss/w+rd \\\"q\\\" \\u0026 ü\\u003e?".to_owned(),
        "p4ss%2Fw%2Brd%20%22q%22%20%26%20%C3%BC%3E%3F".to_owned(),
        "p4ss%2fw%2brd%20%22q%22%20%26%20%c3%bc%3e%3f".to_owned(),
        "p4ss%2Fw%2Brd+%22q%22+%26+%C3%BC%3E%3F".to_owned(),
        "p4ss/w%2Brd%20%22q%22%20%26%20%C3%BC%3E%3F".to_owned(),
        url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
    ] {
        assert!(hides(&secrets, &form), "{form} shows");
    }
}

#[test]
fn base64_of_a_longer_text_shows_at_most_the_shared_characters() {
    let secrets = secrets(&["s3cr3t-value"]);
    for before in ["", "u", "us", "use", "user"] {
        for after in ["", "1", "12", "123"] {
            let text = format!("{before}s3cr3t-value{after}");
            for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                let shown = secrets.mask(&encoded);
                assert!(shown.contains("***"), "{text} shows as {shown}");
                // What is left decodes to the neighbours and at most a part of one character of the secret.
                assert!(
                    shown.len() <= 3 + before.len() * 4 / 3 + 2 + after.len() * 4 / 3 + 5,
                    "{text} shows as {shown}"
                );
            }
        }
    }
}

#[test]
fn every_line_of_a_key_is_hidden_by_itself() {
    let key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nAb\n9w0BAQEFAASCBKcwggSj\n-----END KEY-----\n";
    let secrets = secrets(&[key]);
    assert_eq!(secrets.mask("x MIIEvQIBADANBgkqhkiG y"), "x *** y");
    assert_eq!(secrets.mask(&format!("<{key}>")), "<***>");
    assert_eq!(secrets.mask(&format!("<{}>", key.trim())), "<***>");
    assert!(!secrets.mask(&key.replace('\n', "\r\n")).contains("Ab"));
    assert!(!secrets.mask(&key.replace('\n', "\\n")).contains("MIIE"));
}

#[test]
fn overlapping_secrets_leave_nothing_behind() {
    let secrets = secrets(&["abcdef12", "ef12ghijk"]);
    assert_eq!(secrets.mask("-abcdef12ghijk-"), "-***-");
    assert_eq!(secrets.mask("-abcdef12abcdef12-"), "-***-");
    assert_eq!(secrets.mask("-abcdef12 abcdef12-"), "-*** ***-");
}

#[test]
fn only_what_may_become_a_secret_is_held_back() {
    let secrets = secrets(&["hunter2hunter3"]);
    let mut masker = secrets.masker();
    let mut out = Vec::new();
    masker.push(b"password is hunt", &mut out);
    assert_eq!(out, b"password is ");
    assert_eq!(masker.held_bytes(), 4);
    masker.push(b"ing season\n", &mut out);
    assert_eq!(out, b"password is hunting season\n");
    assert_eq!(masker.held_bytes(), 0);
    masker.push(b"hunter2hunter", &mut out);
    masker.push(b"3", &mut out);
    masker.push(b".", &mut out);
    assert!(out.ends_with(b"season\n***."));
    masker.push(b"hunter2", &mut out);
    masker.flush(&mut out);
    assert!(out.ends_with(b"***.hunter2"));
}

#[test]
fn unmaskable_secrets_are_refused_by_name_only() {
    for value in ["", "abc", "12345", "  abc  ", "aaaaaaaaaa", "ababababab", "password", "Production", "localhost\n"] {
        let error = Secrets::new([("DB_PASS", value)]).unwrap_err().to_string();
        assert!(error.contains("DB_PASS"), "{error}");
        assert!(value.trim().len() < 4 || !error.contains(value.trim()), "{error}");
    }
    assert!(matches!(Secrets::new([("A", "xyz123".repeat(20_000).as_str())]), Err(Unmaskable::TooLong { .. })));
    let big: Vec<String> = (0..6).map(|i| format!("{i}abc").repeat(15_000)).collect();
    assert_eq!(Secrets::new(big.iter().map(|v| ("A", v.as_str()))).err(), Some(Unmaskable::TooMany));
}

#[test]
fn without_secrets_everything_passes() {
    let none = Secrets::new([]).unwrap();
    assert_eq!(masked(&none, &[b"a\xff", b"b"]), b"a\xffb");
}

/// The definition, byte by byte: hide whatever any occurrence covers.
fn by_definition(patterns: &[Vec<u8>], text: &[u8]) -> Vec<u8> {
    let mut hidden = vec![false; text.len()];
    for pattern in patterns {
        for start in 0..text.len() {
            if text[start..].starts_with(pattern) {
                hidden[start..start + pattern.len()].fill(true);
            }
        }
    }
    let mut out = Vec::new();
    for (i, byte) in text.iter().enumerate() {
        if !hidden[i] {
            out.push(*byte);
        } else if i == 0 || !hidden[i - 1] {
            out.extend_from_slice(REPLACEMENT);
        }
    }
    out
}

fn cut(text: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    let mut rest = text;
    for size in cuts {
        let (chunk, tail) = rest.split_at((*size).min(rest.len()));
        chunks.push(chunk.to_vec());
        rest = tail;
    }
    chunks.push(rest.to_vec());
    chunks
}

/// Secrets over few letters, so that they overlap themselves and each other.
fn small_secret() -> impl Strategy<Value = String> {
    "[abc]{6,9}".prop_filter("distinct enough", |s| ["a", "b", "c"].iter().all(|c| s.contains(c)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn chunked_equals_whole_equals_the_definition(
        values in prop::collection::vec(small_secret(), 1..4),
        filler in prop::collection::vec("[abc ]{0,8}", 0..12),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        cuts in prop::collection::vec(0..7_usize, 0..60),
    ) {
        let mut text = String::new();
        for (filler, pick) in filler.iter().zip(&picks) {
            text.push_str(filler);
            text.push_str(&values[pick.index(values.len())]);
        }
        let secrets = Secrets::new(values.iter().map(|v| ("S", v.as_str()))).unwrap();
        let chunks = cut(text.as_bytes(), &cuts);
        let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
        let patterns: Vec<Vec<u8>> = values.iter().flat_map(|v| variants::of(v)).collect();
        let whole = masked(&secrets, &[text.as_bytes()]);
        prop_assert_eq!(&masked(&secrets, &chunks), &whole);
        prop_assert_eq!(&whole, &by_definition(&patterns, text.as_bytes()));
    }

    #[test]
    fn no_form_of_a_secret_ever_leaks(
        secret in "[!-~ü]{8,30}",
        noise in prop::collection::vec(any::<u8>(), 0..40),
        cuts in prop::collection::vec(0..9_usize, 0..60),
    ) {
        let Ok(secrets) = Secrets::new([("S", secret.as_str())]) else { return Ok(()) };
        let forms = [secret.clone(), STANDARD.encode(&secret), URL_SAFE.encode(&secret),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(), serde_json::to_string(&secret).unwrap()];
        for form in forms {
            let text = [noise.as_slice(), form.as_bytes(), noise.as_slice()].concat();
            let chunks = cut(&text, &cuts);
            let chunks: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
            let out = masked(&secrets, &chunks);
            let inner = form.trim_matches('"').as_bytes();
            prop_assert!(!out.windows(inner.len()).any(|w| w == inner), "{} shows", form);
        }
    }
}
