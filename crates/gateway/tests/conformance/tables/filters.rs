use crate::script::check;

#[tokio::test]
async fn comparisons() {
    check(
        r#"
        eq
        GET /ports?select=id&name=eq.Leith
        200 [{"id": 3}]

        neq leaves out nulls
        GET /ports?select=id&country=neq.NL&order=id
        200 [{"id": 2}, {"id": 3}]

        gt
        GET /ports?select=id&id=gt.3
        200 [{"id": 4}]

        gte
        GET /ports?select=id&id=gte.3&order=id
        200 [{"id": 3}, {"id": 4}]

        lt
        GET /ports?select=id&id=lt.2
        200 [{"id": 1}]

        lte
        GET /ports?select=id&id=lte.2&order=id
        200 [{"id": 1}, {"id": 2}]

        two conditions on one column
        GET /ports?select=id&id=gt.1&id=lt.4&order=id
        200 [{"id": 2}, {"id": 3}]

        not
        GET /ports?select=id&id=not.lt.3&order=id
        200 [{"id": 3}, {"id": 4}]

        isdistinct counts null as a value
        GET /ports?select=id&country=isdistinct.NL&order=id
        200 [{"id": 2}, {"id": 3}, {"id": 4}]

        not isdistinct
        GET /ports?select=id&country=not.isdistinct.NL
        200 [{"id": 1}]

        a numeric
        GET /ports?select=id&depth=eq.15.1
        200 [{"id": 2}]

        a time with a zone
        GET /ships?select=id&launched=gte.2010-01-01T01:00:00%2B01:00&order=id
        200 [{"id": 2}, {"id": 4}]

        a value with dots, commas and parentheses is one value
        GET /ports?select=id&name=eq.a.b,(c)
        200 []

        an enumeration
        GET /ships?select=id&flag=eq.green
        200 [{"id": 4}]

        a label that the enumeration lacks
        GET /ships?flag=eq.purple
        400 !22P02 invalid input value for enum ship_flag: "purple"

        a word for a number
        GET /ports?id=eq.one
        400 {"code": "22P02", "details": null, "hint": null, "message": "invalid input syntax for type integer: \"one\""}

        a number too large
        GET /ports?id=eq.99999999999
        400 !22003

        a column that does not exist
        GET /ports?nope=eq.1
        400 !42703 column ports.nope does not exist

        no operator
        GET /ports?id=1
        400 {"code": "PGRST100", "details": "…", "hint": null, "message": "\"failed to parse filter (1)\" (line 1, column 1)"}

        an operator that does not exist
        GET /ports?id=is_like.1
        400 !PGRST100

        an empty filter
        GET /ports?id=
        400 !PGRST100

        an empty value is the empty text
        GET /ports?select=id&name=eq.
        200 []

        an operator that the type lacks
        GET /ports?id=like.1*
        404 !42883
        "#,
    )
    .await;
}

#[tokio::test]
async fn patterns() {
    check(
        r#"
        like with stars
        GET /ports?select=id&name=like.*tt*
        200 [{"id": 1}]

        like with percent signs
        GET /ports?select=id&name=like.Ham%25
        200 [{"id": 2}]

        like minds the case
        GET /ports?select=id&name=like.ham*
        200 []

        ilike does not
        GET /ports?select=id&name=ilike.ham*
        200 [{"id": 2}]

        not like
        GET /ports?select=id&name=not.like.*e*&order=id
        200 [{"id": 2}]

        like any of
        GET /ports?select=id&name=like(any).{Rot*,Lei*}&order=id
        200 [{"id": 1}, {"id": 3}]

        like all of
        GET /ports?select=id&name=ilike(all).{*E*,*h*}&order=id
        200 [{"id": 3}, {"id": 4}]

        match
        GET /ports?select=id&name=match.^H.*g$
        200 [{"id": 2}]

        imatch
        GET /ports?select=id&name=imatch.^h
        200 [{"id": 2}]

        eq any of
        GET /ports?select=id&id=eq(any).{1,3}&order=id
        200 [{"id": 1}, {"id": 3}]

        gt all of
        GET /ports?select=id&id=gt(all).{1,3}
        200 [{"id": 4}]

        a quantifier that the operator lacks
        GET /ports?id=in(any).(1)
        400 !PGRST100

        a pattern that cannot be read
        GET /ports?name=match.(
        400 !2201B
        "#,
    )
    .await;
}

#[tokio::test]
async fn membership_and_null() {
    check(
        r#"
        in
        GET /ports?select=id&id=in.(1,3,9)&order=id
        200 [{"id": 1}, {"id": 3}]

        not in
        GET /ports?select=id&id=not.in.(1,3)&order=id
        200 [{"id": 2}, {"id": 4}]

        in with quoted values
        GET /ports?select=id&name=in.("Leith","a,b",Hamburg)&order=id
        200 [{"id": 2}, {"id": 3}]

        in with nothing matches nothing
        GET /ports?id=in.()
        200 []

        not in with nothing matches all
        GET /ports?select=id&id=not.in.()&order=id
        200 [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4}]

        in with an escaped quote
        GET /ports?id=eq.1&name=in.("Rot\"","Rotterdam")&select=id
        200 [{"id": 1}]

        in with a bad value
        GET /ports?id=in.(1,x)
        400 !22P02

        in without parentheses
        GET /ports?id=in.1,2
        400 !PGRST100

        is null
        GET /ports?select=id&country=is.null
        200 [{"id": 4}]

        is not null
        GET /ports?select=id&country=not.is.null&order=id
        200 [{"id": 1}, {"id": 2}, {"id": 3}]

        is not_null
        GET /ports?select=id&depth=is.not_null&order=id
        200 [{"id": 1}, {"id": 2}]

        is in capitals
        GET /ports?select=id&depth=is.NULL&order=id
        200 [{"id": 3}, {"id": 4}]

        is true
        GET /everything?select=id&bool_=is.true
        200 [{"id": 1}]

        is false
        GET /everything?select=id&bool_=is.false
        200 []

        is unknown
        GET /everything?select=id&bool_=is.unknown
        200 [{"id": 2}]

        is something else
        GET /everything?bool_=is.maybe
        400 !PGRST100

        eq null is the word
        GET /ports?select=id&country=eq.null
        200 []
        "#,
    )
    .await;
}

#[tokio::test]
async fn arrays_ranges_and_json() {
    check(
        r#"
        an array contains
        GET /ships?select=id&tags=cs.{fast}
        200 [{"id": 1}]

        an array is contained
        GET /ships?select=id&tags=cd.{slow,fast,old}&order=id
        200 [{"id": 1}, {"id": 2}, {"id": 3}]

        arrays overlap
        GET /ships?select=id&tags=ov.{slow,old}&order=id
        200 [{"id": 1}, {"id": 2}]

        an array equals
        GET /ships?select=id&tags=eq.{fast,old}
        200 [{"id": 1}]

        an array that cannot be read
        GET /ships?tags=cs.fast
        400 !22P02

        a range contains
        GET /ships?select=id&load=cs.[12,13)
        200 [{"id": 1}]

        a range is contained
        GET /ships?select=id&load=cd.[0,20)&order=id
        200 [{"id": 1}, {"id": 3}]

        ranges overlap
        GET /ships?select=id&load=ov.[19,21)&order=id
        200 [{"id": 1}, {"id": 2}]

        strictly left
        GET /ships?select=id&load=sl.[9,10]
        200 [{"id": 3}]

        strictly right
        GET /ships?select=id&load=sr.[1,10)&order=id
        200 [{"id": 1}, {"id": 2}]

        does not extend left
        GET /ships?select=id&load=nxl.[10,30)&order=id
        200 [{"id": 1}, {"id": 2}]

        does not extend right
        GET /ships?select=id&load=nxr.[0,20)&order=id
        200 [{"id": 1}, {"id": 3}]

        adjacent
        GET /ships?select=id&load=adj.[8,10)&order=id
        200 [{"id": 1}, {"id": 3}]

        jsonb contains
        GET /ships?select=id&papers=cs.{"owner":{"name":"Ann"}}
        200 [{"id": 1}]

        jsonb equals
        GET /ships?select=id&papers=eq."a%20string"
        200 [{"id": 4}]

        jsonb that cannot be read
        GET /ships?papers=cs.{owner
        400 !22P02
        "#,
    )
    .await;
}

#[tokio::test]
async fn full_text() {
    check(
        r#"
        words of a tsvector
        GET /articles?select=id&words=fts.ship&order=id
        200 [{"id": 1}, {"id": 2}]

        and, or, not
        GET /articles?select=id&words=fts.ship%26!steam
        200 [{"id": 1}]

        plain words
        GET /articles?select=id&words=plfts.steam%20ships
        200 [{"id": 2}]

        a phrase
        GET /articles?select=id&words=phfts.quiet%20harbour
        200 [{"id": 3}]

        as on the web
        GET /articles?select=id&words=wfts.dawn%20or%20night&order=id
        200 [{"id": 1}, {"id": 3}]

        in a language
        GET /articles?select=id&words=fts(english).sails&order=id
        200 [{"id": 1}, {"id": 2}]

        not
        GET /articles?select=id&words=not.fts.ship
        200 [{"id": 3}]

        of a text
        GET /articles?select=id&body=plfts(english).harbours
        200 [{"id": 3}]

        in a language that does not exist
        GET /articles?words=fts(klingon).ship
        400 !42704

        a query that cannot be read
        GET /articles?words=fts.ship%20%26
        400 !42601
        "#,
    )
    .await;
}
