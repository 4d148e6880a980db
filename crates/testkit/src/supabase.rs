//! A login role as Supabase's `postgres` is: CREATEROLE and BYPASSRLS, no superuser, in a database whose `auth` schema
//! and request roles belong to others.

use crate::TestDb;

/// Such a role in an empty test database. It is the whole server's, so it outlives the database: see [`Owner::drop_after`].
pub struct Owner {
    name: String,
    url: String,
}

impl Owner {
    /// Makes the role, the request roles where the server has none yet, and an `auth` schema that is not the role's own.
    pub async fn of(test: &TestDb) -> Self {
        let name = format!("{}_owner", test.name());
        test.client()
            .await
            .batch_execute(&format!(
                "do $$ begin
                   perform pg_advisory_lock(hashtextextended('plimsoll.migrate', 0));
                   if to_regrole('anon') is null then create role anon nologin noinherit; end if;
                   if to_regrole('authenticated') is null then create role authenticated nologin noinherit; end if;
                   if to_regrole('service_role') is null then create role service_role nologin noinherit bypassrls; end if;
                   if to_regrole('authenticator') is null then
                     create role authenticator login noinherit;
                     grant anon, authenticated, service_role to authenticator;
                   end if;
                   perform pg_advisory_unlock(hashtextextended('plimsoll.migrate', 0));
                 end $$;
                 create role {name} login createrole bypassrls password 'secret';
                 create role {name}_auth nologin;
                 grant anon, authenticated, service_role to {name} with admin option;
                 grant create on database {database} to {name};
                 create schema auth authorization {name}_auth;
                 set role {name}_auth;
                 create table auth.users (instance_id uuid, id uuid primary key, email varchar(255), last_sign_in_at timestamptz, created_at timestamptz);
                 create function auth.uid() returns uuid language sql stable as
                   $f$ select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid $f$;
                 create function auth.jwt() returns jsonb language sql stable as
                   $f$ select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{{}}')::jsonb $f$;
                 grant usage on schema auth to anon, authenticated, service_role, {name};
                 grant all on auth.users to {name};
                 reset role",
                database = test.name(),
            ))
            .await
            .expect("make a role like Supabase's");
        let url = test.url_as(&name, "secret");
        Self { name, url }
    }

    /// The database's direct URL for this role.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Drops the roles once `test`, in which they own things, is gone.
    pub async fn drop_after(self, test: TestDb) {
        drop(test);
        let other = TestDb::empty().await;
        let sql = format!("drop role {name}; drop role {name}_auth", name = self.name);
        other.client().await.batch_execute(&sql).await.expect("drop the roles");
    }
}
