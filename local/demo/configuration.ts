/** Chapter 6: why a call goes where it goes, and a rule that is changed, published and taken back. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  callSchema,
  explanationSchema,
  inForceSchema,
  type Plan,
  publicationSchema,
  type RuleLook,
  ruleSchema,
} from "./answers.ts";
import { type Client, DemoError, ensure } from "./client.ts";
import { bold, chapter, columns, dim, good, line, proven } from "./narrator.ts";
import { CALLER } from "./ordinary-call.ts";

/** Rules "clinic-day" and "clinic-night", by the calendar "office-hours" in New York. */
const CLINIC = "+1 555 123 0003";
const MOMENTS = [
  { at: "2026-12-01T15:00:00Z", said: "Tuesday, 10:00", ruleId: "clinic-day" },
  { at: "2026-12-02T03:00:00Z", said: "Tuesday, 22:00", ruleId: "clinic-night" },
  { at: "2026-12-24T19:00:00Z", said: "Christmas Eve", ruleId: "clinic-night" },
] as const;

const RULE = "front-desk";
const NUMBER = "+1 555 123 0002";
const OTHER_DESTINATION = "priority-desk";
/** What is published is in force everywhere within 10 s (spec, CFG-10); more is a failure. */
const IN_FORCE_DEADLINE_MS = 15_000;
const POLL_INTERVAL_MS = 200;
const MS_PER_SECOND = 1_000;

const whereTo = ({ destinations }: Pick<Plan, "destinations">): string => destinations.map(({ id }) => id).join(", ");
const call = (to: string) => ({ from: CALLER, to, channel: "api" });

/** The first condition that keeps a rule from matching. */
function whyNot({ ruleId, conditions }: RuleLook): string {
  const failing = conditions.find(({ holds }) => !holds);
  if (failing === undefined) return `${ruleId} matches too, and comes later`;
  return `not ${ruleId}: ${failing.field} is ${JSON.stringify(failing.actual)}, not ${JSON.stringify(failing.expected)}`;
}

async function explainMoments(client: Client): Promise<void> {
  line(`to ${bold(CLINIC)}, at three moments in New York: ${dim("nothing is called, nothing is stored")}`);
  for (const { at, said, ruleId } of MOMENTS) {
    const { plan, looks } = (await client.post("/v1/routing/explain", { call: call(CLINIC), at }, explanationSchema, [200]))
      .body;
    ensure(plan.ruleId === ruleId, `At ${at} the rule ${ruleId} should decide; it is ${plan.ruleId}.`);
    const other = looks[0]?.rules.find((rule) => rule.ruleId.startsWith("clinic-") && rule.ruleId !== ruleId);
    columns(
      [said, 15],
      ["→", 1, dim],
      [ruleId, 13, bold],
      [whereTo(plan), 36],
      [other === undefined ? "" : whyNot(other), 0, dim],
    );
  }
}

const routeOf = (rule: { readonly action: Readonly<Record<string, unknown>> }) => rule.action["destinations"];

async function changeDraft(client: Client, destinations: unknown): Promise<void> {
  await client.patch(`/v1/routing-rules/${RULE}`, { action: { destinations } }, ruleSchema, [200]);
}

async function showBoth(client: Client): Promise<void> {
  const versions = ["draft", "current"] as const;
  for (const version of versions) {
    const body = { call: call(NUMBER), version };
    const { plan } = (await client.post("/v1/routing/explain", body, explanationSchema, [200])).body;
    columns([version === "draft" ? "by the draft" : "in force", 15, dim], ["→", 1, dim], [whereTo(plan), 0, bold]);
    const expected = version === "draft" ? OTHER_DESTINATION : RULE;
    ensure(whereTo(plan) === expected, `By ${version} the call should go to ${expected}; it goes to ${whereTo(plan)}.`);
  }
}

/** Places calls until one is led there. @returns how long it took, in milliseconds. */
async function untilInForce(client: Client, version: string, destination: string): Promise<number> {
  const startedAt = Date.now();
  for (;;) {
    const { plan } = (await client.post("/v1/calls", call(NUMBER), callSchema, [201])).body;
    if (plan.snapshotVersion === version && whereTo(plan) === destination) return Date.now() - startedAt;
    if (Date.now() - startedAt > IN_FORCE_DEADLINE_MS)
      throw new DemoError(`After ${IN_FORCE_DEADLINE_MS / MS_PER_SECOND} s calls are not led by ${version} yet.`);
    await sleep(POLL_INTERVAL_MS);
  }
}

async function showInForce(client: Client, what: string, version: string, destination: string): Promise<void> {
  const ms = await untilInForce(client, version, destination);
  columns(
    [what, 15, dim],
    [version, 33],
    [`a call goes to ${destination}`, 28, good],
    [`after ${(ms / MS_PER_SECOND).toFixed(1)} s`, 0, dim],
  );
}

/** Publishes if the demo's change is the only one in the draft: what somebody is still working on is not the demo's to publish. */
async function publishTheChange(admin: Client): Promise<string> {
  const publish = async (dryRun: boolean) =>
    (await admin.post("/v1/config/publish", { note: "npm run demo", dryRun }, publicationSchema, [200])).body;
  const { changes } = await publish(true);
  ensure(
    changes !== null && changes.changed === 1 && changes.added + changes.removed === 0,
    "The draft has changes of yours that are not published. Publish them, or take them back, and run the demo again.",
  );
  const { version } = await publish(false);
  ensure(version !== null, "A publication should answer with its version.");
  return version;
}

/** The draft is left as it was, and what was in force is again. @param admin with a token that may publish. */
export async function changeConfiguration(client: Client, admin: Client): Promise<void> {
  chapter(6, "Why, what if, and a change", "POST /v1/routing/explain, /v1/config/publish");
  await explainMoments(client);

  line();
  const usual = routeOf((await admin.get(`/v1/routing-rules/${RULE}`, ruleSchema)).body);
  const before = (await client.post("/v1/calls", call(NUMBER), callSchema, [201])).body.plan.snapshotVersion;
  ensure(before !== null, "A published configuration should be in force.");
  line(`${dim(`PATCH /v1/routing-rules/${RULE}:`)} calls to ${bold(NUMBER)} shall go to ${bold(OTHER_DESTINATION)}`);
  await changeDraft(admin, [{ id: OTHER_DESTINATION }]);
  try {
    await showBoth(client);
    const version = await publishTheChange(admin);
    await showInForce(client, "published", version, OTHER_DESTINATION);
  } finally {
    await changeDraft(admin, usual);
    await admin.post("/v1/config/rollback", { version: before }, inForceSchema, [200]);
  }
  await showInForce(client, "rolled back", before, RULE);
  proven("a draft decides nothing; a version is in force within seconds, and so is the one before it again.");
}
