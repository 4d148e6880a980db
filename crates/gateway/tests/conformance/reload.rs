use crate::harbour::Harbour;

/// What changes in the database while the server runs is seen by the next request.
#[tokio::test]
async fn functions() {
    let harbour = Harbour::new().await;
    harbour.check("not there yet\nPOST /rpc/late\n404 !PGRST202").await;
    harbour
        .run(
            "create function late() returns text language sql stable as $$ select 'one' $$;
              grant execute on function late() to authenticated",
        )
        .await;
    harbour.check("made\nPOST /rpc/late\n200 \"one\"").await;
    harbour.run("create or replace function late() returns text language sql stable as $$ select 'two' $$").await;
    harbour.check("with another body\nPOST /rpc/late\n200 \"two\"").await;
    harbour
        .run("drop function late();
              create function late(n integer, m integer default 1) returns setof integer language sql stable as 'select n + m';
              grant execute on function late(integer, integer) to authenticated")
        .await;
    harbour
        .check("with other arguments\nPOST /rpc/late\n{\"n\": 1}\n200 [2]\n\nwithout the old ones\nPOST /rpc/late\n404 !PGRST202")
        .await;
    harbour
        .run(
            "create function late(n text) returns text language sql stable as 'select n';
              grant execute on function late(text) to authenticated",
        )
        .await;
    harbour.eventually("with an overload\nPOST /rpc/late\n{\"n\": 1}\n300 !PGRST203").await;
    harbour.run("drop function late(text)").await;
    harbour.run("alter function late(integer, integer) volatile").await;
    harbour.eventually("as volatile\nOPTIONS /rpc/late\nAccept-Profile: public\n200\nAllow: OPTIONS,POST").await;
    harbour.run("drop function late(integer, integer)").await;
    harbour.check("gone\nPOST /rpc/late\n{\"n\": 1}\n404 !PGRST202").await;
}

#[tokio::test]
async fn tables() {
    let harbour = Harbour::new().await;
    harbour.check("not there yet\nGET /late\n404 !PGRST205").await;
    harbour
        .run(
            "create table late (id integer primary key, body text); insert into late values (1, 'a');
              grant select, insert, update on late to authenticated",
        )
        .await;
    harbour.check("made\nGET /late\n200 [{\"id\": 1, \"body\": \"a\"}]").await;
    harbour.run("alter table late add column more integer default 7").await;
    harbour
        .check(
            r#"
            with a new column
            GET /late?select=id,more
            200 [{"id": 1, "more": 7}]

            which can be written
            PATCH /late?id=eq.1&select=more
            Prefer: return=representation
            {"more": 8}
            200 [{"more": 8}]
            "#,
        )
        .await;
    harbour.run("alter table late rename column more to less").await;
    harbour
        .check(
            r#"
            renamed
            PATCH /late?id=eq.1&select=less
            Prefer: return=representation
            {"less": 9}
            200 [{"less": 9}]

            the old name is gone
            PATCH /late?id=eq.1
            {"more": 9}
            400 !PGRST204
            "#,
        )
        .await;
    harbour.run("alter table late alter column less type text using less::text").await;
    harbour.check("another type\nGET /late?select=less&less=eq.9\n200 [{\"less\": \"9\"}]").await;
    harbour.check("no relationship yet\nGET /late?select=id,ports(name)\n400 !PGRST200").await;
    harbour.run("alter table late add column port integer references ports (id) default 1").await;
    harbour
        .check(
            "a foreign key\nGET /late?select=id,ports(name)\n200 [{\"id\": 1, \"ports\": {\"name\": \"Rotterdam\"}}]",
        )
        .await;
    harbour.run("drop table late").await;
    harbour.check("gone\nGET /late\n404 !PGRST205").await;
}

#[tokio::test]
async fn rights_and_views() {
    let harbour = Harbour::new().await;
    harbour.run("create view late as select id from ports where id < 2").await;
    harbour.check("not granted\nGET /late\n403 !42501").await;
    harbour.run("grant select on late to authenticated").await;
    harbour.check("granted\nGET /late\n200 [{\"id\": 1}]").await;
    harbour.run("create or replace view late as select id, name from ports where id < 2").await;
    harbour.eventually("with another column\nGET /late\n200 [{\"id\": 1, \"name\": \"Rotterdam\"}]").await;
    harbour.run("revoke select on late from authenticated").await;
    harbour.check("revoked\nGET /late\n403 !42501").await;
    harbour.run("alter type ship_flag add value 'white'").await;
    harbour.check("a new label\nGET /ships?select=id&flag=eq.white\n200 []").await;
}
