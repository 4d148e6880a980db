// supabase-js signs people in against our /auth/v1.

import assert from "node:assert/strict";
import { good, invite } from "../support/world.js";

const payload = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());

export const scenarios = [
  ["sign-in: with address and password, then the first call", async ({ world }) => {
    const client = world.client(world.status.ANON_KEY);
    const { id, email, password } = world.people.owner;
    const { data, error } = await client.auth.signInWithPassword({ email, password });
    assert.equal(error, null);
    const { session, user } = data;
    assert.deepEqual({ id: user.id, email: user.email, aud: user.aud, role: user.role }, { id, email, aud: "authenticated", role: "authenticated" });
    for (const key of ["app_metadata", "user_metadata", "created_at"]) assert.ok(key in user, key);
    assert.equal(session.token_type, "bearer");
    assert.ok(session.expires_in > 0 && session.expires_at * 1000 > Date.now());
    assert.ok(session.refresh_token.length >= 12);
    const claims = payload(session.access_token);
    assert.deepEqual({ sub: claims.sub, role: claims.role, aud: claims.aud, email: claims.email }, { sub: id, role: "authenticated", aud: "authenticated", email });
    assert.equal(claims.exp, session.expires_at);
    const projects = good(await client.schema("ops").rpc("list_projects"));
    assert.ok(projects.length > 0);
    assert.deepEqual([...new Set(projects.map(({ org_id }) => org_id))], [world.orgs.acme]);
  }],

  ["sign-in: a wrong password and an unknown address look the same", async ({ world }) => {
    const client = world.client(world.status.ANON_KEY);
    for (const email of [world.people.viewer.email, "nobody@acme.example"]) {
      const { data, error } = await client.auth.signInWithPassword({ email, password: "not the password" });
      assert.equal(data.session, null);
      assert.deepEqual({ status: error.status, code: error.code, message: error.message }, { status: 400, code: "invalid_credentials", message: "Invalid login credentials" });
    }
  }],

  ["sign-in: the user, the session, and a client that is handed one", async ({ world }) => {
    const client = await world.as("viewer");
    const { data: { user }, error } = await client.auth.getUser();
    assert.equal(error, null);
    assert.equal(user.email, world.people.viewer.email);
    const { data: { session } } = await client.auth.getSession();
    const other = world.client(world.status.ANON_KEY);
    const handed = await other.auth.setSession({ access_token: session.access_token, refresh_token: session.refresh_token });
    assert.equal(handed.error, null);
    assert.equal(handed.data.user.id, world.people.viewer.id);
    assert.ok(good(await other.schema("ops").rpc("my_org_ids")).includes(world.orgs.acme));
    const { data: claimed, error: unclaimed } = await client.auth.getClaims();
    assert.equal(unclaimed, null);
    assert.equal(claimed.claims.sub, world.people.viewer.id);
    const nobody = await world.client(world.status.ANON_KEY).auth.getUser("not.a.token");
    assert.ok([401, 403].includes(nobody.error.status), `${nobody.error}`);
  }],

  ["sign-in: a session is refreshed, and then ended", async ({ world }) => {
    const client = world.client(world.status.ANON_KEY);
    const { email, password } = world.people.guest;
    const first = (await client.auth.signInWithPassword({ email, password })).data.session;
    const { data, error } = await client.auth.refreshSession();
    assert.equal(error, null);
    assert.equal(data.user.email, email);
    assert.notEqual(data.session.refresh_token, first.refresh_token, "each refresh token is for one use");
    assert.ok(good(await client.schema("ops").rpc("list_projects")).length > 0, "the new token is good");

    assert.equal((await client.auth.signOut()).error, null);
    assert.equal((await client.auth.getSession()).data.session, null);
    const ended = await client.auth.refreshSession({ refresh_token: data.session.refresh_token });
    assert.equal(ended.data.session, null);
    assert.equal(ended.error.status, 400, `${ended.error}`);
    const gone = await client.auth.getUser(data.session.access_token);
    assert.equal(gone.data.user, null, "a session that was ended is nobody's");
    const { error: signedOut, status } = await client.schema("ops").rpc("list_projects");
    assert.equal(status, 401);
    assert.equal(signedOut.code, "42501");
  }],

  ["sign-in: an unknown refresh token is refused as Supabase refuses it", async ({ world }) => {
    const { data, error } = await world.client(world.status.ANON_KEY).auth.refreshSession({ refresh_token: "unknown-token" });
    assert.equal(data.session, null);
    assert.deepEqual({ status: error.status, code: error.code }, { status: 400, code: "refresh_token_not_found" });
  }],

  ["sign-up: nobody gets in without an invitation", async ({ world }) => {
    const { data, error } = await world.client(world.status.ANON_KEY).auth.signUp({ email: "uninvited@example.org", password: "a long password" });
    assert.equal(data.session, null);
    assert.ok(error.status >= 400 && error.status < 500, `${error}`);
    assert.equal(error.code, "signup_disabled");
  }],

  ["sign-up: by an invitation, once, with a password and words about oneself", async ({ world }) => {
    const email = "newcomer@acme.example";
    const { link } = await invite(world, world.orgs.acme, email, "viewer");
    const client = world.client(world.status.ANON_KEY);
    const wanted = { email, password: "a password of their own", options: { data: { invite_token: link, name: "New Comer" } } };
    const { data, error } = await client.auth.signUp(wanted);
    assert.equal(error, null, `${error}`);
    assert.deepEqual({ email: data.user.email, said: data.user.user_metadata.name }, { email, said: "New Comer" });
    assert.deepEqual(good(await client.schema("ops").rpc("my_org_ids")), [world.orgs.acme]);
    const again = await world.client(world.status.ANON_KEY).auth.signUp(wanted);
    assert.equal(again.error?.code, "signup_disabled", "an invitation is for one use");
    assert.equal((await world.client(world.status.ANON_KEY).auth.signInWithPassword(wanted)).error, null);
  }],

  ["sign-up: by the link alone, and a password afterwards", async ({ world }) => {
    const email = "linked@acme.example";
    const { link } = await invite(world, world.orgs.acme, email, "viewer");
    const token_hash = new URL(link).searchParams.get("token");
    const client = world.client(world.status.ANON_KEY);
    const { data, error } = await client.auth.verifyOtp({ type: "invite", token_hash });
    assert.equal(error, null, `${error}`);
    assert.equal(data.session.user.email, email);
    const changed = await client.auth.updateUser({ password: "chosen afterwards", data: { name: "Linked" } });
    assert.equal(changed.error, null, `${changed.error}`);
    assert.equal(changed.data.user.user_metadata.name, "Linked");
    assert.equal((await world.client(world.status.ANON_KEY).auth.signInWithPassword({ email, password: "chosen afterwards" })).error, null);
    const short = await client.auth.updateUser({ password: "short" });
    assert.equal(short.error.name, "AuthWeakPasswordError", `${short.error}`);
    const again = await world.client(world.status.ANON_KEY).auth.verifyOtp({ type: "invite", token_hash });
    assert.equal(again.data.session, null, "a link is for one use");
  }],
];
