/** Bytes on a socket: what no well-behaved HTTP client would send. */
import { connect } from "node:net";
import type { Answer, Json } from "./client.ts";

const HOST = "127.0.0.1";
const DEADLINE_MS = 10_000;

/** Sends the bytes and gives everything that comes back until the other side closes, or until the deadline. */
export function exchange(port: number, bytes: string | Uint8Array, deadlineMs = DEADLINE_MS): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(port, HOST, () => void socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), deadlineMs);
    socket.on("data", (part) => void parts.push(part));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // A server that refuses a body may close before it has been sent.
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") reject(error);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts).toString("latin1"));
    });
  });
}

export type RawRequest = {
  readonly line: string;
  readonly host?: string | null;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
};

/** A request as it is written, closing the connection; `Content-Length` is added unless the headers frame the body themselves. */
export function written({ line, host = "trunkline.test", headers = [], body = "" }: RawRequest): Buffer {
  const bytes = Buffer.from(body as string, "utf8");
  const framed = headers.some((header) => /^(?:content-length|transfer-encoding):/i.test(header));
  const head = [
    line,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...headers,
    ...(framed || bytes.length === 0 ? [] : [`Content-Length: ${bytes.length}`]),
    "Connection: close",
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), bytes]);
}

/** The body in chunks (RFC 9112 §7.1). */
export function chunked(body: Uint8Array | string, size = 4_096): Buffer {
  const bytes = Buffer.from(body as string);
  const parts: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    const part = bytes.subarray(from, from + size);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/** The status lines in what came back: more than one means that one request was taken for several. */
export const statusesIn = (text: string): number[] =>
  [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));

export function firstAnswer(text: string): Answer {
  const end = text.indexOf("\r\n\r\n");
  const [line = "", ...fields] = text.slice(0, end === -1 ? undefined : end).split("\r\n");
  const headers = new Headers();
  for (const field of fields) headers.append(field.slice(0, field.indexOf(":")), field.slice(field.indexOf(":") + 1).trim());
  const body = end === -1 ? "" : Buffer.from(text.slice(end + 4), "latin1").toString("utf8");
  let json: Json = {};
  try {
    json = JSON.parse(body) as Json;
  } catch {
    // Not every answer has a JSON body.
  }
  return { status: Number(line.split(" ")[1] ?? 0), headers, text: body, json };
}
