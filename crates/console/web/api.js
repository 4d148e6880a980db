// Calls to /api/ops: what is refused comes back as words for a person.

export class Refused extends Error {
  constructor(message, status, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sentence(text) {
  const words = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(words) ? words : `${words}.`;
}

function inWords(status, body) {
  if (typeof body?.error === "string" && body.error) return sentence(body.error);
  if (status === 403) return "Your role does not allow this.";
  if (status === 404) return "It is not there any more.";
  if (status === 429) return "Too many requests. Wait a moment and try again.";
  if (status >= 500) return "The server could not do it. Try again in a moment.";
  return `The server refused this (${status}).`;
}

/** Answers the parsed body; throws Refused. */
export async function call(method, path, body) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method === "POST") headers["idempotency-key"] = randomKey();
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin" });
  } catch {
    throw new Refused("The server cannot be reached. Check that it runs, then try again.", 0);
  }
  const text = await response.text();
  let parsed;
  try {
    parsed = text ? JSON.parse(text) : undefined;
  } catch {
    parsed = undefined;
  }
  if (response.status === 401 && path !== "/signin") {
    location.assign(`/signin?next=${encodeURIComponent(location.pathname + location.search + location.hash)}`);
    throw new Refused("Your session is over. Sign in again.", 401);
  }
  if (!response.ok) throw new Refused(inWords(response.status, parsed), response.status, parsed);
  return parsed;
}
