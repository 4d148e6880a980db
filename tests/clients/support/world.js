// Two organisations with people of each role, made as an operator makes them: over HTTP, with the service key.

import { createClient } from "@supabase/supabase-js";
import "./websocket.js";

const PASSWORD = "correct horse battery staple";

/** Who takes part: name, organisation, role. Tests remove the leaver and sign the guest out everywhere; the others stay. */
const PEOPLE = [
  ["owner", "acme", "owner"],
  ["developer", "acme", "developer"],
  ["viewer", "acme", "viewer"],
  ["leaver", "acme", "developer"],
  ["guest", "acme", "viewer"],
  ["stranger", "globex", "owner"],
];

let lastAddress = 0;

/** An address nobody else of this run comes from. */
export function ownAddress() {
  lastAddress += 1;
  return `10.9.${lastAddress >> 8}.${lastAddress & 255}`;
}

async function call(url, method, path, { key, body, headers } = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: { "content-type": "application/json", "x-forwarded-for": ownAddress(), ...(key && { authorization: `Bearer ${key}` }), ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return { headers: answer.headers, body: text ? JSON.parse(text) : null };
}

/** Invites somebody; the answer holds the link they are sent. */
export async function invite({ url, status: { SERVICE_ROLE_KEY: key } }, org, email, role) {
  return (await call(url, "POST", `/api/ops/orgs/${org}/members`, { key, body: { email, role } })).body;
}

/** Invites a person and does what they would do in a browser: open the link, choose a password. */
async function join(url, status, org, email, role) {
  const invited = await invite({ url, status }, org, email, role);
  const token = new URL(invited.link).searchParams.get("token");
  const { headers } = await call(url, "POST", "/signin", { body: { token } });
  const cookie = headers.getSetCookie()[0].split(";")[0];
  await call(url, "PUT", "/api/ops/password", { body: { new_password: PASSWORD }, headers: { cookie, origin: url } });
  return { id: invited.user_id, email, password: PASSWORD };
}

/** Fills the server and answers what tests need: addresses, keys, ids, and clients of each person. */
export async function makeWorld(server) {
  const { API_URL: url, SERVICE_ROLE_KEY: key } = server.status;
  const orgs = {};
  for (const name of ["acme", "globex"]) orgs[name] = (await call(url, "POST", "/api/ops/orgs", { key, body: { name } })).body.id;
  const people = {};
  for (const [name, org, role] of PEOPLE) people[name] = await join(url, server.status, orgs[org], `${name}@${org}.example`, role);

  const clients = new Map();
  /** A client with this key, nobody signed in. */
  const client = (apiKey, { at = url, headers } = {}) =>
    createClient(at, apiKey, { auth: { persistSession: false, autoRefreshToken: false }, global: { headers: { "x-forwarded-for": ownAddress(), ...headers } } });
  /** The one client of `anon`, `service` or a person, who is signed in. */
  const as = async (name) => {
    if (!clients.has(name)) clients.set(name, make(name));
    return clients.get(name);
  };
  const make = async (name) => {
    if (name === "anon") return client(server.status.ANON_KEY);
    if (name === "service") return client(key);
    const made = client(server.status.ANON_KEY);
    const { email, password } = people[name];
    const { error } = await made.auth.signInWithPassword({ email, password });
    if (error) throw error;
    return made;
  };
  return { url, status: server.status, orgs, people, client, as };
}

/** What a call answered, or its error as an exception that says which call. */
export function good({ data, error, status, count }, what = "a call") {
  if (error) throw new Error(`${what} answered ${status}: ${JSON.stringify({ ...error, message: error.message })}`);
  return count === null || count === undefined ? data : { data, count };
}
