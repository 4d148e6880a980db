// A proxy that loses what the test says it should: the server is well, the way to it is not.

import { createServer, request } from "node:http";

/**
 * Stands before `target`. The header `x-fault: KIND ID` makes the first request with that ID suffer, and lets those after
 * it pass: `cut` hands the request on and closes the connection instead of answering, `busy` answers 503 at once.
 */
export async function startFaults(target) {
  const { hostname, port } = new URL(target);
  const seen = new Map();
  const server = createServer((from, answer) => {
    const { "x-fault": fault = "none", ...headers } = from.headers;
    const [kind, id] = fault.split(" ");
    seen.set(id, (seen.get(id) ?? 0) + 1);
    const suffers = seen.get(id) === 1 ? kind : "none";
    if (suffers === "busy") {
      from.resume();
      answer.writeHead(503, { "retry-after": "0", "content-type": "application/json" }).end(JSON.stringify({ message: "try again" }));
      return;
    }
    const to = request({ hostname, port, method: from.method, path: from.url, headers }, (answered) => {
      if (suffers === "cut") {
        answered.resume();
        // The server has done it all; only the answer is lost.
        answered.on("end", () => from.socket.destroy());
        return;
      }
      answer.writeHead(answered.statusCode, answered.headers);
      answered.pipe(answer);
    });
    to.on("error", () => from.socket.destroy());
    from.pipe(to);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** How many requests came with this ID. */
    seen: (id) => seen.get(id) ?? 0,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
