/** The carrier over HTTP: the signed requests about legs, and the unsigned ones by which tests and people play the network. */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type LegRequest, messagePrefix, placeSchema } from "../../adapters/carriers/loopback/wire.ts";
import { isSignedBy, isTimely, signedHeaders } from "../../adapters/identity/standard-webhooks.ts";
import { type Behaviour, behaviourSchema } from "./behaviour.ts";
import { Callbacks } from "./callbacks.ts";
import { Network } from "./network.ts";

const HOST = "127.0.0.1";
const MAX_BODY_BYTES = 64 * 1024;

export type LoopbackCarrierOptions = {
  /** 0: any that is free. */
  readonly port: number;
  /** Standard Webhooks, for requests and callbacks. */
  readonly secret: string;
  readonly callbackUrl: string;
  readonly behaviour?: Behaviour;
};

export type LoopbackCarrier = { readonly url: string; stop(): Promise<void> };

type Request = { readonly method: string; readonly path: readonly string[]; readonly headers: Headers; readonly body: Buffer };
/** Null: no answer at all, for ever. */
type Answer = { readonly status: number; readonly body: unknown } | null;

const answer = (status: number, body: unknown): Answer => ({ status, body });
const refusal = (status: number, reason: string): Answer => answer(status, { reason });

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

async function read(message: IncomingMessage): Promise<Request | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MAX_BODY_BYTES) return null;
    parts.push(part);
  }
  const { pathname } = new URL(message.url ?? "/", `http://${HOST}`);
  const headers = new Headers(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
  const path = pathname.split("/").slice(1).map(decodeURIComponent);
  return { method: message.method ?? "GET", path, headers, body: Buffer.concat(parts) };
}

/** Starts the carrier; rejects when the port is taken. */
export async function startLoopbackCarrier(options: LoopbackCarrierOptions): Promise<LoopbackCarrier> {
  let behaviour = behaviourSchema.parse(options.behaviour ?? {});
  const callbacks = new Callbacks(options.callbackUrl, options.secret, behaviour.callbacks);
  const network = new Network((said) => callbacks.send(said));

  /** The signature covers the message's id, and the id names what is asked of which leg. */
  async function isSigned({ headers, body }: Request, asked: LegRequest, leg: string): Promise<boolean> {
    const signed = signedHeaders(headers);
    if (signed === null || !signed.id.startsWith(messagePrefix(asked, leg)) || !isTimely(signed, Date.now())) return false;
    return isSignedBy([options.secret], signed, body);
  }

  async function place(request: Request): Promise<Answer> {
    const body = placeSchema.safeParse(parsed(request.body));
    if (!body.success) return refusal(400, "the body is not a leg");
    if (!(await isSigned(request, "place", body.data.leg))) return refusal(401, "not signed");
    const leg = network.place(body.data, behaviour);
    return network.isSilent(leg.leg) ? null : answer(leg.requests === 1 ? 201 : 200, leg);
  }

  async function aboutLeg(request: Request, leg: string, asked: "status" | "cancel" | "hangUp"): Promise<Answer> {
    if (!(await isSigned(request, asked, leg))) return refusal(401, "not signed");
    const known = asked === "status" ? network.leg(leg) : network.end(leg, asked === "cancel");
    if (known === null) return refusal(404, "there is no such leg");
    return network.isSilent(leg) ? null : answer(200, known);
  }

  function setBehaviour({ body }: Request): Answer {
    const wanted = behaviourSchema.safeParse(parsed(body));
    if (!wanted.success) return answer(400, { reason: "the behaviour cannot be read", issues: wanted.error.issues });
    behaviour = wanted.data;
    callbacks.set(behaviour.callbacks);
    return answer(200, behaviour);
  }

  async function route(request: Request): Promise<Answer> {
    const [first, id = "", third] = request.path;
    switch (`${request.method} /${[first, id === "" ? null : ":id", third].filter((part) => part != null).join("/")}`) {
      case "POST /legs":
        return place(request);
      case "GET /legs":
        return answer(200, { items: network.dialled() });
      case "GET /legs/:id":
        return aboutLeg(request, id, "status");
      case "POST /legs/:id/cancel":
        return aboutLeg(request, id, "cancel");
      case "POST /legs/:id/hangUp":
        return aboutLeg(request, id, "hangUp");
      case "GET /calls/:id":
        return answer(200, { items: network.dialled(id) });
      case "POST /calls/:id/caller-hang-up":
        return network.hangUpCaller(id) ? answer(202, {}) : refusal(404, "there is no such call");
      case "GET /behaviour":
        return answer(200, behaviour);
      case "PUT /behaviour":
        return setBehaviour(request);
      default:
        return refusal(404, "there is nothing here");
    }
  }

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let said: Answer;
    try {
      const request = await read(message);
      said = request === null ? refusal(413, "too long") : await route(request);
    } catch {
      said = refusal(400, "the request cannot be read");
    }
    if (said === null) return;
    response.writeHead(said.status, { "Content-Type": "application/json" }).end(JSON.stringify(said.body));
  }

  const server: Server = createServer((message, response) => void serve(message, response));
  server.listen(options.port, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${port}`,
    stop: async () => {
      network.stop();
      callbacks.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
