use crate::script::check;

#[tokio::test]
async fn preflight_and_requests() {
    check(
        r#"
        a preflight needs no token
        OPTIONS /ports
        as: nobody
        schema: -
        Origin: http://example.com
        Access-Control-Request-Method: POST
        Access-Control-Request-Headers: apikey,x-client-info,prefer
        200
        Access-Control-Allow-Origin: *
        Access-Control-Allow-Methods: GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD
        Access-Control-Allow-Headers: Authorization, apikey, x-client-info, prefer, Accept, Accept-Language, Content-Language
        Access-Control-Max-Age: 86400

        a preflight of a function
        OPTIONS /rpc/list_projects
        as: nobody
        schema: -
        Origin: http://example.com
        Access-Control-Request-Method: POST
        200
        Access-Control-Allow-Origin: *
        Access-Control-Allow-Methods: GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD

        a read shows its headers to scripts
        GET /only_key?order=id
        Origin: http://example.com
        200 [{"id": 1}, {"id": 2}]
        Access-Control-Allow-Origin: *
        Access-Control-Expose-Headers: Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit

        a write too
        POST /only_key
        Origin: http://example.com
        {"id": 5}
        201
        Access-Control-Allow-Origin: *

        an error too
        GET /nope
        Origin: http://example.com
        404 !PGRST205
        Access-Control-Allow-Origin: *

        a refused token too
        GET /ports
        as: nobody
        Origin: http://example.com
        Authorization: Bearer x
        401 !PGRST301
        Access-Control-Allow-Origin: *
        "#,
    )
    .await;
}

#[tokio::test]
async fn options_say_what_is_allowed() {
    check(
        r#"
        a table
        OPTIONS /ports
        Accept-Profile: public
        200
        Allow: OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE
        Access-Control-Allow-Origin: *

        a table without a key
        OPTIONS /no_key
        Accept-Profile: public
        200
        Allow: OPTIONS,GET,HEAD,POST,PATCH,DELETE

        a view that cannot be written
        OPTIONS /ships_per_port
        Accept-Profile: public
        200
        Allow: OPTIONS,GET,HEAD

        a view with a trigger for inserts
        OPTIONS /ship_names
        Accept-Profile: public
        200
        Allow: OPTIONS,GET,HEAD,POST

        a volatile function
        OPTIONS /rpc/write_log
        Accept-Profile: public
        200
        Allow: OPTIONS,POST

        a stable function
        OPTIONS /rpc/all_ports
        Accept-Profile: public
        200
        Allow: OPTIONS,GET,HEAD,POST

        an immutable function
        OPTIONS /rpc/letters
        Accept-Profile: public
        200
        Allow: OPTIONS,GET,HEAD,POST

        a table that does not exist
        OPTIONS /nope
        Accept-Profile: public
        404 !PGRST205
        "#,
    )
    .await;
}
