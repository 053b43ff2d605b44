import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { Json } from "../client.ts";
import type { World } from "../harness.ts";
import { EVENTS, REPORTS, ROUTE, newCallId, question } from "./requests.ts";

let messages = 0;

export function signatures(world: () => World): void {
  describe("a signed request", () => {
    const NOW = () => new Date();
    type Forgery = {
      readonly secret?: string;
      readonly at?: Date;
      readonly trunk?: string;
      readonly sent?: string;
      readonly id?: string;
    };

    const signed = (
      { secret = world().system.webhookSecret, at = NOW(), trunk = "demo/pbx-main", sent, id = `msg_${++messages}` }: Forgery,
      body: Json,
      path = ROUTE,
    ) => {
      const text = JSON.stringify(body);
      const signature = new Webhook(secret).sign(id, at, text);
      return world()
        .gate.as(undefined)
        .post(path, sent ?? text, {
          headers: {
            "webhook-id": id,
            "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
            "webhook-signature": signature,
            "trunkline-trunk": trunk,
          },
        });
    };

    it("[AUTH-5] by Standard Webhooks is taken on both routes, and acts for the trunk that signed", async () => {
      const callId = newCallId();
      const asked = await signed({}, question(callId, "+4930555000"));
      expect(asked.json).toMatchObject({ lane: "standard", routes: [{}, {}] });
      expect((await signed({}, { ...REPORTS[0]!, callId }, EVENTS)).json).toMatchObject({
        applied: true,
        session: asked.json["session"],
      });
      expect((await world().gate.get(`/v1/sessions/${String(asked.json["session"])}`)).json["trunk"]).toBe("pbx-main");
      expect((await signed({}, { ...question(newCallId(), "+4930555000"), trunk: "main" })).status).toBe(403);
      expect((await signed({}, question(newCallId(), "112"))).json["lane"]).toBe("emergency");
    });

    it.each<readonly [string, () => Forgery, boolean]>([
      ["that is stale", () => ({ at: new Date(Date.now() - 600_000) }), true],
      ["from the future", () => ({ at: new Date(Date.now() + 600_000) }), true],
      ["with another secret", () => ({ secret: `whsec_${Buffer.alloc(32, 7).toString("base64")}` }), true],
      ["over another body", () => ({ sent: JSON.stringify(question("tampered@pbx", "+19005550100")) }), false],
      ["over the same body with a space more", () => ({ sent: `${JSON.stringify(question("x", "1"))} ` }), false],
      ["for a trunk that did not sign", () => ({ trunk: "demo/main" }), true],
      ["for another tenant's trunk", () => ({ trunk: "acme/main" }), true],
      ["for no trunk", () => ({ trunk: "" }), false],
      ["for a trunk that is a path", () => ({ trunk: "demo/../acme/main" }), false],
      ["with an empty id", () => ({ id: "" }), true],
    ])(
      "[AUTH-5] [EMG-14] %s is 401; a call for help by a trunk that is known is served all the same",
      async (_, forge, helps) => {
        const refused = { status: 401, code: "unauthenticated" };
        const ordinary = await signed(forge(), question("forged@pbx", "+4930555000"));
        const report = await signed(forge(), { ...REPORTS[4]!, callId: "forged@pbx" }, EVENTS);
        const emergency = await signed(forge(), question("forged@pbx", "112"));
        expect([ordinary.json, report.json]).toMatchObject([refused, refused]);
        expect(emergency.json).toMatchObject(helps ? { lane: "emergency" } : refused);
      },
    );

    it("[AUTH-5] sent again within the tolerance does nothing twice", async () => {
      const callId = newCallId();
      const repeated = { id: "msg_replayed", at: NOW() };
      const [first, second] = [
        await signed(repeated, question(callId, "+4930555000")),
        await signed(repeated, question(callId, "+4930555000")),
      ];
      expect(second.json).toEqual(first.json);
      await signed({}, { ...REPORTS[1]!, callId }, EVENTS);
      expect((await signed({}, { ...REPORTS[1]!, callId }, EVENTS)).json["applied"]).toBe(false);
    });
  });
}
