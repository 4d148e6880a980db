use crate::script::check;

const ROW: &str = r#"[{"id": 1, "int2_": 2, "int8_": 9007199254740993, "numeric_": 12345678901234567890.123, "real_": 1.5,
    "float8_": 2.5, "bool_": true, "text_": "text", "varchar_": "varch", "char_": "ch ", "bytea_": "\\x00ff",
    "date_": "2020-02-29", "time_": "12:34:56", "timestamptz_": "2020-02-29T12:34:56.789+00:00",
    "interval_": "1 day 02:03:04", "uuid_": "6f2b1c1e-8f0a-4c8e-9d0e-000000000001", "json_": {"a": 2},
    "jsonb_": {"b": [1, null]}, "ints_": [1, 2, null], "range_": "[1,5)", "enum_": "green", "domain_": 7,
    "inet_": "10.0.0.1", "composite_": {"x": 3, "y": 4}}]"#;

#[tokio::test]
async fn every_type_read_and_written() {
    let row = ROW.replace('\n', " ");
    let written = row.replace("\"id\": 1,", "\"id\": 3,").replace("\"ch \"", "\"ch\"");
    let expected = written.replace("\"ch\"", "\"ch \"");
    check(&format!(
        r#"
        read
        GET /everything?id=eq.1
        200 {row}

        nulls
        GET /everything?id=eq.2&select=int2_,text_,json_,ints_,composite_
        200 [{{"int2_": null, "text_": null, "json_": null, "ints_": null, "composite_": null}}]

        written and read back
        POST /everything
        Prefer: return=representation
        {written}
        201 {expected}

        every number to its last digit
        GET /everything?id=eq.1&select=int8_,numeric_
        200 = [{{"int8_":9007199254740993,"numeric_":12345678901234567890.123}}]

        the text of JSON is kept as it stands
        GET /everything?id=eq.1&select=json_
        200 = [{{"json_":{{"a" : 1, "a" : 2}}}}]

        updated through its text forms
        PATCH /everything?id=eq.2&select=ints_,range_,enum_,date_,interval_,composite_
        Prefer: return=representation
        {{"ints_": "{{4,5}}", "range_": "[2,3]", "enum_": "red", "date_": "20210304", "interval_": "PT1H", "composite_": "(8,9)"}}
        200 [{{"ints_": [4, 5], "range_": "[2,4)", "enum_": "red", "date_": "2021-03-04", "interval_": "01:00:00", "composite_": {{"x": 8, "y": 9}}}}]

        too long for its type
        PATCH /everything?id=eq.2
        {{"varchar_": "toolong"}}
        400 !22001 value too long for type character varying(5)

        an array for a number
        PATCH /everything?id=eq.2
        {{"int2_": [1]}}
        400 !22P02

        an object for an array
        PATCH /everything?id=eq.2
        {{"ints_": {{"a": 1}}}}
        400 !22P02

        a time that does not exist
        PATCH /everything?id=eq.2
        {{"date_": "2021-02-30"}}
        400 !22008

        a word for a time
        GET /everything?timestamptz_=eq.tomorrowish
        400 !22007
        "#
    ))
    .await;
}
