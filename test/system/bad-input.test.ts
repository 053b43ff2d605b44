/** What should never be sent is sent, to a started system, and every answer is looked at: see client.ts. */
import { afterAll, beforeAll, describe } from "vitest";
import { type World, startWorld } from "./harness.ts";
import { bodies } from "./bad-input/bodies.ts";
import { emergency } from "./bad-input/emergency.ts";
import { fields } from "./bad-input/fields.ts";
import { fuzz } from "./bad-input/fuzz.ts";
import { tenants } from "./bad-input/tenants.ts";
import { tokens } from "./bad-input/tokens.ts";
import { transport } from "./bad-input/transport.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.end();
});

describe("bad input", () => {
  bodies(() => world);
  fields(() => world);
  emergency(() => world);
  tokens(() => world);
  tenants(() => world);
  transport(() => world);
  fuzz(() => world);
});
