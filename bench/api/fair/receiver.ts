/** Endpoints of two tenants: one answers at once, the other when it is told to. */
import { createServer } from "node:http";
import { onEnd } from "../../cleanup.ts";

const HOST = "127.0.0.1";

export type Receiver = {
  /** Of a tenant's endpoint. */
  readonly urlOf: (tenant: string) => string;
  /** From now on the endpoint of this tenant takes so long to answer; null: none does. */
  readonly slow: (tenant: string | null, afterMs: number) => void;
  /** How long after it was made each event came, since the last call. */
  readonly takeDelays: (tenant: string) => number[];
  readonly stop: () => Promise<void>;
};

export async function startReceiver(port: number): Promise<Receiver> {
  let slow: { readonly tenant: string | null; readonly afterMs: number } = { tenant: null, afterMs: 0 };
  const delays = new Map<string, number[]>();
  const timers = new Set<NodeJS.Timeout>();
  const server = createServer((request, response) => {
    const tenant = (request.url ?? "/").slice(1);
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (text += chunk));
    request.on("end", () => {
      const { time } = JSON.parse(text) as { time: string };
      const known = delays.get(tenant) ?? [];
      known.push(Date.now() - Date.parse(time));
      delays.set(tenant, known);
      const answer = (): void => void response.writeHead(204).end();
      if (tenant !== slow.tenant) return answer();
      const timer = setTimeout(() => {
        timers.delete(timer);
        answer();
      }, slow.afterMs);
      timers.add(timer);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  const close = (): void => {
    for (const timer of timers) clearTimeout(timer);
    server.closeAllConnections();
    server.close();
  };
  return {
    urlOf: (tenant) => `http://${HOST}:${port}/${tenant}`,
    slow: (tenant, afterMs) => void (slow = { tenant, afterMs }),
    takeDelays: (tenant) => {
      const taken = delays.get(tenant) ?? [];
      delays.delete(tenant);
      return taken;
    },
    stop: onEnd(close, close),
  };
}
