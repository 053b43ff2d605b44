/**
 * A control plane that misbehaves on command: for what a proxy must survive and a healthy Trunkline never shows.
 * It speaks the two requests of the Kamailio dialect and remembers the reports that it accepted.
 */
import { createServer, type ServerResponse } from "node:http";

const LOOPBACK = "127.0.0.1";

export type Report = {
  readonly id: string;
  readonly type: string;
  readonly callId: string;
  readonly ts: number;
  readonly sipCode?: number;
  readonly q850?: number;
  readonly routeIndex?: number;
  readonly contact?: string;
  readonly lane?: string;
};

/** `hangs` accepts the request and never answers; a number is the status of an empty answer; `nonsense` is a 200 that is no plan. */
export type Manner = "answers" | "hangs" | "nonsense" | number;

export type StubControlPlane = {
  readonly url: string;
  /** @param plan members that replace or join those of the usual answer. */
  readonly behave: (manner: {
    readonly route?: Manner;
    readonly events?: Manner;
    readonly plan?: Readonly<Record<string, unknown>>;
  }) => void;
  /** What was asked, in order of arrival. */
  readonly questions: () => readonly Readonly<Record<string, string>>[];
  /** Accepted reports by SIP Call-ID, in order of arrival. */
  readonly reports: () => ReadonlyMap<string, readonly Report[]>;
  /** How often each report's id was posted, accepted or not. */
  readonly attempts: () => ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
};

/** @param destinations ports of loopback gateways, tried one after another. */
export async function startStubControlPlane(options: {
  readonly port: number;
  readonly apiKey: string;
  readonly destinations: readonly number[];
}): Promise<StubControlPlane> {
  let route: Manner = "answers";
  let events: Manner = "answers";
  const reports = new Map<string, Report[]>();
  const attempts = new Map<string, number>();
  const questions: Readonly<Record<string, string>>[] = [];
  let members: Readonly<Record<string, unknown>> = {};

  const plan = (callId: string) => ({
    version: "1.0",
    routing: "serial",
    routes: options.destinations.map((port) => ({
      uri: `sip:destination@${LOOPBACK}:${port}`,
      dst_uri: `sip:${LOOPBACK}:${port}`,
      headers: { extra: `X-Trunkline-Session: session-of-${callId}\r\n` },
      fr_timer: 1_000,
      fr_inv_timer: 30_000,
    })),
    session: `session-of-${callId}`,
    lane: "standard",
    rerouteCodes: options.destinations.map(() => "408|500|502|503|504").join(";"),
    ...members,
  });

  const behave = (manner: Manner, response: ServerResponse, answer: () => unknown): void => {
    if (manner === "hangs") return;
    response.writeHead(typeof manner === "number" ? manner : 200, { "content-type": "application/json" });
    response.end(manner === "answers" ? JSON.stringify(answer()) : manner === "nonsense" ? "<html>Bad day</html>" : "");
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      if (request.headers["x-api-key"] !== options.apiKey) return behave(401, response, () => ({}));
      if (request.url === "/pbx/kamailio/route") questions.push(body as Record<string, string>);
      if (request.url === "/pbx/kamailio/route")
        return behave(route, response, () => plan((body as { callId: string }).callId));
      const report = body as Report;
      attempts.set(report.id, (attempts.get(report.id) ?? 0) + 1);
      if (events === "answers") reports.set(report.callId, [...(reports.get(report.callId) ?? []), report]);
      return behave(events, response, () => ({ applied: true }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, LOOPBACK, resolve);
  });
  return {
    url: `http://${LOOPBACK}:${options.port}`,
    behave: (manner) => {
      route = manner.route ?? route;
      events = manner.events ?? events;
      members = manner.plan ?? members;
    },
    questions: () => questions,
    reports: () => reports,
    attempts: () => attempts,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
