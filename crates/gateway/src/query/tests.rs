use proptest::prelude::*;

use super::*;

fn names(items: &[(Path, Filter)]) -> Vec<String> {
    items.iter().map(|(path, filter)| format!("{}/{}", path.join("."), filter.field.name)).collect()
}

#[test]
fn tells_parameters_apart() {
    let query = parse(
        "select=id&id=eq.1&clients.name=like.A*&clients.order=name&limit=5&offset=2&clients.limit=1&or=(a.eq.1,b.eq.2)\
         &clients.not.and=(c.is.null)&columns=a,b&on_conflict=x%2Cy&order=id.desc&flag&data->a=eq.1",
        false,
    )
    .expect("all of it is known");
    assert_eq!(names(&query.filters), ["/id", "clients/name", "/data"]);
    assert_eq!(query.trees.len(), 2);
    assert_eq!(query.trees[1].0, ["clients"]);
    assert_eq!(query.top_range(), RowRange { offset: 2, limit: Some(5) });
    assert_eq!(query.ranges[1], (vec!["clients".into()], RowRange { offset: 0, limit: Some(1) }));
    assert_eq!(query.columns, Some(vec!["a".into(), "b".into()]));
    assert_eq!(query.on_conflict, Some(vec!["x".into(), "y".into()]));
    assert_eq!(query.order.len(), 2);
    assert!(query.arguments.is_empty());
    assert!(query.canonical.starts_with("clients.limit=1&clients.name=like.A%2A&"), "{}", query.canonical);
}

#[test]
fn a_call_takes_arguments_from_what_is_no_filter() {
    let query = parse("id=5&id=gt.2&name=a+b&arr=%7B1,2%7D&select=id&t.x=eq.1&flag", true).unwrap();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(query.arguments, [pair("id", "5"), pair("name", "a b"), pair("arr", "{1,2}")]);
    assert_eq!(names(&query.filters), ["/id", "t/x"]);
}

#[test]
fn what_cannot_be_read_is_a_bad_request() {
    for raw in ["a=1", "a=eq.%ff", "a=eq.%00", "%00=eq.1", "a=eq.%", "a=eq.%4", "a=eq.%zz", "a.=eq.1", "=eq.1"] {
        let error = parse(raw, false).expect_err(raw);
        assert_eq!((error.status(), &error.json()["code"]), (400, &serde_json::json!("PGRST100")), "{raw}");
    }
    let many: Vec<_> = (0..1_001).map(|n| format!("a{n}=eq.1")).collect();
    assert_eq!(parse(&many.join("&"), false).unwrap_err().status(), 400);
    let tree = format!("or=({})", vec!["a.eq.1"; 1_001].join(","));
    assert_eq!(parse(&tree, false).unwrap_err().status(), 400);
}

#[test]
fn numbers_that_are_none_are_left_out() {
    let range = |raw: &str| parse(raw, false).unwrap().top_range();
    assert_eq!(range("limit=x&offset=-4"), RowRange::ALL);
    assert_eq!(range("limit=99999999999999999999").limit, Some(i64::MAX));
    assert_eq!(range("limit=-1").limit, Some(-1));
}

proptest! {
    #[test]
    fn any_string_parses_or_errs(raw in "\\PC*", arguments: bool) {
        let _ = parse(&raw, arguments);
    }

    #[test]
    fn any_string_of_its_own_alphabet_parses_or_errs(
        raw in "(select|order|or|and|a|a\\.b|limit)=([a-z0-9.,()!:*\"\\\\{}>\\-]|not\\.|eq\\.|in\\.|->>?|is\\.|%[0-9a-f]{2}){0,40}",
        arguments: bool,
    ) {
        let _ = parse(&raw, arguments);
    }

    #[test]
    fn encoding_comes_back(text in "[^\\x00]*") {
        prop_assert_eq!(decode(&encode(&text), true).unwrap(), text);
    }
}
