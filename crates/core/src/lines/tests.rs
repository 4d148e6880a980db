use proptest::prelude::*;

use super::*;

fn split(chunks: &[&[u8]]) -> Vec<Line> {
    let mut out = Vec::new();
    let mut splitter = LineSplitter::new();
    for chunk in chunks {
        splitter.push(chunk, &mut out);
    }
    splitter.flush(&mut out);
    out
}

fn texts(bytes: &[u8]) -> Vec<String> {
    split(&[bytes]).into_iter().map(|line| line.text).collect()
}

#[test]
fn line_breaks_of_both_worlds() {
    assert_eq!(texts(b"a\nb\r\n\nc"), ["a", "b", "", "c"]);
    assert_eq!(texts(b"a\r\r\nb\n"), ["a", "b"]);
    assert_eq!(texts(b""), [""; 0]);
    assert_eq!(texts(b"\n"), [""]);
}

#[test]
fn progress_bars_keep_their_last_state() {
    assert_eq!(texts(b"10%\r20%\r100%\ndone\n"), ["100%", "done"]);
    assert_eq!(texts(b"50%\r"), ["50%"]);
    assert_eq!(texts(b"Fetching\r\x1b[KDone\n"), ["Done"]);
    assert_eq!(texts(b"Fetching\r\x1b[K\nnext"), ["", "next"]);
    assert_eq!(texts(b"spin |\x1b[2K\x1b[1Gspin /\x1b[2K\x1b[1Gok\n"), ["ok"]);
    assert_eq!(texts(b"text\x1b[K\n"), ["text"]);
}

#[test]
fn colours_stay_and_other_escapes_go() {
    assert_eq!(texts(b"\x1b[1;31mred\x1b[0m\x1b[m\n"), ["\u{1b}[1;31mred\u{1b}[0m\u{1b}[m"]);
    assert_eq!(texts(b"\x1b[38:2::1:2:3mx\n"), ["\u{1b}[38:2::1:2:3mx"]);
    assert_eq!(texts(b"a\x1b[2Jb\x1b[10;5Hc\x1b[?25ld\n"), ["abcd"]);
    assert_eq!(texts(b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1bPq\x1b\\c\n"), ["abc"]);
    assert_eq!(texts(b"\x1b(Ba\x1b=b\x1bMc\n"), ["abc"]);
    // `CSI > … m` sets keyboard modes; it only looks like a colour.
    assert_eq!(texts(b"\x1b[>4;1ma\n"), ["a"]);
}

#[test]
fn broken_escapes_and_bytes_are_kept_visibly() {
    let lines = split(&[b"a\x1b]0;never ended\nb\xff\\c\0\x07\n\xc3\n\xe2\x82"]);
    let shown: Vec<&str> = lines.iter().map(|l| l.text.as_str()).collect();
    assert_eq!(shown, ["a\\x1B]0;never ended", "b\\xFF\\\\c\\x00\\x07", "\\xC3", "\\xE2\\x82"]);
    assert!(lines.iter().all(|l| l.flags == Kind::ESCAPED));
    assert_eq!(unescape(&lines[1].text), b"b\xff\\c\0\x07");
    assert_eq!(split(&[b"C:\\dir\n"])[0], Line { text: "C:\\dir".into(), flags: 0, level: Level::Info, mark: None });
    // A C1 control character begins an escape on some terminals.
    assert_eq!(texts("a\u{9b}31mb\n".as_bytes()), ["a\\xC2\\x9B31mb"]);
}

#[test]
fn long_lines_are_cut_between_characters() {
    let text = "ü".repeat(MAX_LINE_BYTES);
    let lines = split(&[text.as_bytes(), b"\nnext\n"]);
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|l| l.text.len() <= MAX_LINE_BYTES && l.flags & Kind::ESCAPED == 0));
    assert_eq!(lines.iter().map(|l| l.flags & Kind::CONTINUES != 0).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(lines[..2].iter().map(|l| l.text.as_str()).collect::<String>(), text);

    let mut text = "x".repeat(MAX_LINE_BYTES - 2);
    text.push_str("\u{1b}[31mred\n");
    let lines = split(&[text.as_bytes()]);
    assert_eq!(lines[1].text, "\u{1b}[31mred");
}

#[test]
fn a_line_of_exactly_the_limit_is_whole_and_binary_fits_too() {
    let line = vec![b'x'; MAX_LINE_BYTES];
    assert_eq!(split(&[&line, b"\n"]).len(), 1);
    let binary = vec![0xff; MAX_LINE_BYTES];
    let lines = split(&[&binary]);
    assert_eq!(lines.len(), 4);
    assert!(lines.iter().all(|l| l.text.len() == MAX_LINE_BYTES));
}

#[test]
fn a_huge_line_is_never_held_whole() {
    let mut out = Vec::new();
    let mut splitter = LineSplitter::new();
    for _ in 0..64 {
        splitter.push(&[b'y'; 50_000], &mut out);
        assert!(splitter.held_bytes() <= 2 * MAX_LINE_BYTES);
        out.clear();
    }
}

#[test]
fn parts_of_a_line_share_its_level_and_have_one_mark() {
    let text = format!("error: {}\nfine\n", "x".repeat(2 * MAX_LINE_BYTES));
    let lines = split(&[text.as_bytes()]);
    assert_eq!(
        lines.iter().map(|l| l.level).collect::<Vec<_>>(),
        [Level::Error, Level::Error, Level::Error, Level::Info]
    );
    assert_eq!(lines.iter().filter(|l| l.mark.is_some()).count(), 1);
    assert_eq!(lines[0].mark.as_ref().unwrap().1.chars().count(), MAX_LABEL_CHARS);
}

#[test]
fn markers_of_both_dialects() {
    let mark = |text: &str| split(&[text.as_bytes()])[0].mark.clone();
    assert_eq!(mark("::group::Install"), Some((MarkKind::Group, "Install".into())));
    assert_eq!(mark("::endgroup::"), Some((MarkKind::GroupEnd, String::new())));
    assert_eq!(mark("::error file=a.rs,line=3::broken"), Some((MarkKind::Error, "broken".into())));
    assert_eq!(mark("::warning::careful"), Some((MarkKind::Warning, "careful".into())));
    assert_eq!(mark("--- :hammer: Build"), Some((MarkKind::Group, ":hammer: Build".into())));
    assert_eq!(mark("\u{1b}[1m+++ Tests\u{1b}[0m"), Some((MarkKind::Group, "Tests".into())));
    for text in [
        "--- a/src/lib.rs",
        "+++ b/src/lib.rs",
        "--- /dev/null",
        "--- old.c\t2026-01-01",
        "---",
        "--- ",
        "----- x",
        "--- PASS: TestA (0.00s)",
        "::set-output name=x::1",
        "::",
        "std::error::Error",
        "  --- x",
    ] {
        assert_eq!(mark(text), None, "{text}");
    }
    assert_eq!(mark("--- FAIL: TestA (0.00s)").unwrap().0, MarkKind::Error);
    assert_eq!(split(&[b"::error::x"])[0].level, Level::Error);
}

#[test]
fn errors_are_recognised() {
    for text in [
        "error: could not compile `shop`",
        "error[E0308]: mismatched types",
        "\u{1b}[1m\u{1b}[38;5;9merror\u{1b}[0m: aborting",
        "src/main.c:3:5: error: expected ';'",
        "/usr/bin/ld: error: undefined symbol",
        "src/a.ts(3,5): error TS2304: Cannot find name",
        "fatal: not a git repository",
        "Fatal error: x",
        "npm ERR! code ELIFECYCLE",
        "npm error code E404",
        "Traceback (most recent call last):",
        "ValueError: bad value",
        "ModuleNotFoundError: No module named 'x'",
        "java.lang.NullPointerException: x",
        "FAILED tests/test_a.py::test_b - assert 1 == 2",
        "E   assert 1 == 2",
        "test a::b ... FAILED",
        "test result: FAILED. 1 passed; 1 failed",
        "thread 'main' panicked at src/main.rs:1:1:",
        "make: *** [Makefile:2: all] Error 2",
        "make[1]: *** No rule to make target 'x'.  Stop.",
        "not ok 3 - works",
        "[ERROR] Failed to execute goal",
        "2026-01-01 12:00:00,123 ERROR odoo.modules: boom",
        "2026-01-01T12:00:00Z ERROR shop: boom",
        "bash: line 1: cargoo: command not found",
        "FAIL: test_x (tests.T)",
        "FAIL\tgithub.com/a/b\t0.1s",
        "--- FAIL: TestA (0.00s)",
        "panic: runtime error: index out of range",
        "ERROR: process \"/bin/sh\" failed",
        "time=1 level=error msg=x",
        "sh: 1: syntax error: x",
    ] {
        assert_eq!(split(&[text.as_bytes()])[0].level, Level::Error, "{text}");
    }
}

#[test]
fn warnings_are_recognised() {
    for text in [
        "warning: unused variable: `x`",
        "\u{1b}[33mwarning\u{1b}[0m: x",
        "src/a.c:3:5: warning: x",
        "npm WARN deprecated a@1",
        "npm warn x",
        "WARNING: x",
        "[WARN] x",
        "[WARNING] x",
        "2026-01-01 12:00:00 WARNING root: x",
        "DeprecationWarning: x",
        "/a/b.py:3: DeprecationWarning: x",
        "  warn: x",
    ] {
        assert_eq!(split(&[text.as_bytes()])[0].level, Level::Warn, "{text}");
    }
}

#[test]
fn good_news_is_not_an_error() {
    for text in [
        "0 errors",
        "0 errors, 0 warnings",
        "no error",
        "errors: 0",
        "error: 0",
        "Errors: none",
        "test error_is_shown ... ok",
        "   Compiling thiserror v2.0.0",
        "   Compiling error-chain v0.12",
        "test result: ok. 12 passed; 0 failed; 0 ignored",
        "Tests: 12 passed, 0 failed",
        "found 0 vulnerabilities",
        "gcc -Werror -c a.c",
        "adding error handling: done",
        "error",
        "warning",
        "use std::error::Error;",
        "collected 3 items / 0 errors",
        "Failed: 0",
        "docs: explain error: codes",
        "[INFO] no ERROR here",
        "{\"error\": null}",
        "checking for error: no",
        "ok 3 - error handling",
        "Finished: SUCCESS",
        "ERROR",
        "errors.rs: fine",
        "\"error\": \"x\" is what the API answers",
        "PASS src/error.test.js",
        "-- Warnings as errors: ON",
        "ErrorBoundary: rendered",
    ] {
        assert_eq!(split(&[text.as_bytes()])[0].level, Level::Info, "{text}");
    }
}

/// Bytes that often form something: escapes, breaks, UTF-8, long runs.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        8 => prop::collection::vec(any::<u8>(), 0..6),
        8 => prop::sample::select(vec![
            &b"\x1b["[..],
            b"31m",
            b"\x1b[0m",
            b"\x1b]0;t",
            b"\x07",
            b"\r",
            b"\n",
            b"\r\n",
            b"\x1b[K",
            b"\x1b[2K",
            b"\\x41",
            b"\\",
            b"\xc3\xbc",
            b"\xe2\x82\xac",
            b"\xf0\x9f\x9a\xa2",
            b"\xc2\x9b",
            b"error: ",
            b"::group::",
            b"--- ",
        ])
        .prop_map(<[u8]>::to_vec),
        1 => (any::<u8>(), 0..20_000_usize).prop_map(|(byte, n)| vec![byte; n]),
    ];
    prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
}

fn rejoin(lines: &[Line]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        if line.flags & Kind::ESCAPED == 0 {
            out.extend_from_slice(line.text.as_bytes());
        } else {
            out.extend(unescape(&line.text));
        }
        if line.flags & Kind::CONTINUES == 0 {
            out.push(b'\n');
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_chunking_gives_the_same_storable_lines(bytes in soup(), cuts in prop::collection::vec(0..40_usize, 0..60)) {
        let whole = split(&[&bytes]);
        let mut out = Vec::new();
        let mut splitter = LineSplitter::new();
        let mut rest = bytes.as_slice();
        for size in cuts {
            let (chunk, tail) = rest.split_at(size.min(rest.len()));
            splitter.push(chunk, &mut out);
            rest = tail;
        }
        splitter.push(rest, &mut out);
        splitter.flush(&mut out);
        prop_assert_eq!(&out, &whole);
        for line in &whole {
            prop_assert!(line.text.len() <= MAX_LINE_BYTES);
            let harmless = |c: char| !c.is_control() || c == '\t' || c == '\u{1b}';
            prop_assert!(line.text.chars().all(harmless), "{:?}", line.text);
            prop_assert!(!without_colours(&line.text).contains('\u{1b}'), "{:?}", line.text);
        }
    }

    #[test]
    fn without_returns_and_escapes_nothing_is_lost(mut bytes in soup()) {
        bytes.retain(|b| !matches!(b, b'\r' | 0x1b));
        let mut expected = bytes.clone();
        if !expected.is_empty() && !expected.ends_with(b"\n") {
            expected.push(b'\n');
        }
        prop_assert_eq!(rejoin(&split(&[&bytes])), expected);
    }

    #[test]
    fn escaping_is_reversible(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(unescape(&escape(&bytes)), bytes);
    }
}
