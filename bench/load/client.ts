/** An HTTP client that keeps its connections and measures each request. */
import { Agent, type IncomingHttpHeaders, request as httpRequest } from "node:http";

/** More would measure queues, and workerd runs out of file descriptors. */
const REQUEST_DEADLINE_MS = 15_000;

export type Answer = {
  readonly status: number;
  readonly text: string;
  readonly ms: number;
  readonly headers: IncomingHttpHeaders;
};

export type Target = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

export type Client = {
  /** @param path appended to the target's URL. A request that gets no answer has status 0. */
  send(method: "GET" | "POST", path: string, body?: string): Promise<Answer>;
  close(): void;
};

export function createClient({ url, headers }: Target, connections: number): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
  const { hostname, port, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, "");
  return {
    send: (method, path, body) =>
      new Promise((resolve) => {
        const startedMs = performance.now();
        const finish = (status: number, text: string, received: IncomingHttpHeaders = {}) =>
          resolve({ status, text, ms: performance.now() - startedMs, headers: received });
        const content =
          body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
        const sent = httpRequest(
          {
            agent,
            hostname,
            port,
            method,
            path: base + path || "/",
            headers: { ...headers, ...content },
            timeout: REQUEST_DEADLINE_MS,
          },
          (response) => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", (chunk: string) => (text += chunk));
            response.on("end", () => finish(response.statusCode ?? 0, text, response.headers));
            response.on("error", () => finish(0, text));
          },
        );
        sent.on("timeout", () => sent.destroy(new Error("late")));
        sent.on("error", () => finish(0, ""));
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}
