/** Receives webhooks and verifies each (https://www.standardwebhooks.com): sets an endpoint up, has it tested, takes it away. */
import { once } from "node:events";
import { type IncomingMessage, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { client } from "./client.ts";

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

/** Known once the endpoint has been made. */
let webhook: Webhook | null = null;
const server = createServer((request, response) => {
  void textOf(request).then((body) => {
    try {
      const event = webhook!.verify(body, request.headers as Record<string, string>) as { readonly type: string };
      console.log("verified", event.type);
      response.writeHead(204).end();
    } catch {
      console.log("refused: not signed by the endpoint's secret");
      response.writeHead(401).end();
    }
  });
});
server.listen(Number(process.env["RECEIVER_PORT"] ?? 0), "127.0.0.1");
await once(server, "listening");

const { port } = server.address() as AddressInfo;
const endpoint = await client.webhooks.create({ url: `http://127.0.0.1:${port}/hooks`, eventTypes: ["dev.trunkline.call.*"] });
try {
  // Shown this once: a receiver keeps it as it keeps a password.
  webhook = new Webhook(endpoint.secret);
  console.log("delivery", (await client.webhooks.test(endpoint.id)).status);
} finally {
  await client.webhooks.delete(endpoint.id);
  server.close();
}
