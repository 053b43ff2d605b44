/** A decision service on this machine, and somebody who asks it. */
import { type IncomingHttpHeaders, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createGuard } from "../../../adapters/platform/guard.ts";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import type { DecisionService } from "../../../domain/configuration/model.ts";
import type { Question } from "../../../domain/routing/question.ts";
import type { RoutingCall } from "../../../domain/routing/router.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";
import { type Ask, type AskedFor, createAsk } from "../../../workers/decisions/ask.ts";
import { callTo, number, service } from "../../domain/routing/fixtures.ts";

export const CONFIG_KEY = "Y29uZmlndXJhdGlvbiBrZXkgb2YgdGVzdHMgb25seSE=";
export const TENANT = "acme" as TenantId;
export const AGENT = { action: "route", destinations: ["agent"] } as const;

type Asked = { readonly method: string; readonly headers: IncomingHttpHeaders; readonly body: string };
type Behaviour = (response: ServerResponse, asked: Asked) => void;

export const answers =
  (json: unknown, status = 200, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));

export class LocalService {
  readonly asked: Asked[] = [];
  behaviour: Behaviour = answers(AGENT);
  readonly #server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const asked = { method: request.method!, headers: request.headers, body: Buffer.concat(parts).toString("utf8") };
      this.asked.push(asked);
      this.behaviour(response, asked);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/decide`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export const CALL = callTo(number("+493012345678"), { metadata: { tier: "gold" } });
export const VERSION = "20260601T000000000Z-0123456789ab";

const session = (digit: number) => `01a1febc-c375-7520-963b-c31d98c9123${digit.toString(16)}` as SessionId;

/** Somebody who asks; its clock stands still. */
export class Asker {
  nowMs = Date.parse("2026-06-17T08:00:00Z");
  /** What the breaker was told. */
  readonly noted: string[] = [];
  isOpen = false;
  mayAsk = true;
  readonly #ask: Ask;
  #calls = 0;

  constructor() {
    const clock = { nowMs: () => this.nowMs };
    const breakers = {
      state: () => "closed" as const,
      admit: () => !this.isOpen,
      note: (target: string, outcome: string) => void this.noted.push(`${target} ${outcome}`),
    };
    this.#ask = createAsk({
      guard: createGuard({ breakers, clock, meter: createMeter({}) }),
      clock,
      randomness: { bytes: (count) => new Uint8Array(count).fill(7), fraction: () => 0.5 },
      configKey: CONFIG_KEY,
      fetcher: (request) => fetch(request),
      mayAsk: () => this.mayAsk,
    });
  }

  /** Every call is another session's. */
  ask(
    to: LocalService | (Partial<DecisionService> & Pick<DecisionService, "url">),
    call: RoutingCall = CALL,
    question: Partial<Question> = {},
    about: Partial<AskedFor> = {},
  ): ReturnType<Ask> {
    const changes = to instanceof LocalService ? { url: to.url } : to;
    const asked: Question = { ruleId: "asks", service: service("crm", changes), called: call.to, ...question };
    return this.#ask(asked, call, { tenant: TENANT, session: session(this.#calls++ % 16), version: VERSION, ...about });
  }
}
