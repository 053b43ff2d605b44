/** An event store that a test plays: it answers each request as the test says, and remembers what it was asked. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type Asked = {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};
export type Play = (response: ServerResponse, asked: Asked) => void;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Play =>
  (response) =>
    void response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(body));

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Play =>
  json(status, { type: "about:blank", title: code, status, code }, { ...headers, "Content-Type": "application/problem+json" });

/** Sends some text and ends, or breaks the connection. */
export const stream =
  (text: string, isBroken = false): Play =>
  (response) => {
    response.writeHead(200);
    response.write(text, () => (isBroken ? response.destroy() : response.end()));
  };

/** Breaks the connection without an answer. */
export const hangUp: Play = (response) => void response.destroy();

export class FakeStore {
  readonly asked: Asked[] = [];
  #plays: readonly Play[] = [];
  #server: Server | null = null;

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const url = new URL(request.url ?? "/", "http://fake");
        const asked = { method: request.method ?? "", url, headers: request.headers, body };
        this.asked.push(asked);
        const [play = problem(500, "nothing_left"), ...rest] = this.#plays;
        this.#plays = rest;
        play(response, asked);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#server = server;
  }

  get url(): string {
    if (this.#server === null) throw new Error("the server has not been started");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** One for each request to come, in this order. */
  play(...plays: readonly Play[]): void {
    this.#plays = plays;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }
}
