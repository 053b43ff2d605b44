/** A connection that sends JSON, of which the head is written once. */
import { type Answer, HEADERS_END, openRaw } from "../../load/raw-connection.ts";

export type { Answer } from "../../load/raw-connection.ts";
export type Connection = { readonly send: (body: Buffer) => Promise<Answer>; readonly close: () => void };

/** POST requests with JSON. A request that gets no answer has status 0. */
export function openConnection(url: string, headers: Readonly<Record<string, string>>): Connection {
  const { host, pathname, search } = new URL(url);
  const fields = { host, "content-type": "application/json", ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${pathname}${search} HTTP/1.1\r\n${lines.join("")}content-length: `;
  const { exchange, close } = openRaw(url);
  return { send: (body) => exchange(`${head}${body.length}${HEADERS_END}`, body), close };
}
