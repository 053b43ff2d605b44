/** `bench -- publish`: a tenant with 400,000 prefix rules and 200,000 rates, end to end, as a user would do it. */
import { join } from "node:path";
import { isFree } from "../../local/ports.ts";
import { type System, startSystem } from "../../local/system.ts";
import { onEnd } from "../cleanup.ts";
import { describeMachine, machineLine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import { fixed, table } from "../table.ts";
import type { Workspace } from "../workspace.ts";
import { startFloor } from "./floor.ts";
import { type Growth, watched } from "./memory.ts";
import { RATES, RULES, rateLines, ruleLines, streamOf } from "./rows.ts";

/** Seconds. */
const MAX_PUBLISH_S = 30;
const CHANGED = 123_456;
const GROUP = "/v1/routing-rules?group=world";
const RATE_TABLE = "/v1/rate-tables/deck";
const RULE_COLUMNS = 10;
const RATE_COLUMNS = 4;

/** What the bench looks at of an answer. */
type Answer = {
  readonly version?: string;
  /** Of a publication: whether anything did; of a comparison: how many. */
  readonly changed?: boolean | number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly changes?: { readonly changed: number };
};

type Row = { readonly name: string; readonly rows: number; readonly seconds: number; readonly growth: Growth | null };

async function freePair(workspace: Workspace): Promise<number> {
  for (;;) {
    const port = await workspace.port();
    if (await isFree(port + 1)) return port;
  }
}

class Tenant {
  readonly rows: Row[] = [];
  readonly #system: System;
  readonly #token: string;

  constructor(system: System, token: string) {
    this.#system = system;
    this.#token = token;
  }

  /** Through the front door. @throws for any answer but a success. */
  async ask(path: string, init: RequestInit = {}): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}`, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(`${this.#system.gateUrl}${path}`, { ...init, headers } as RequestInit);
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return text;
  }

  async json(path: string, method = "GET", body?: unknown): Promise<Answer> {
    const sent = body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return JSON.parse(await this.ask(path, { method, ...sent })) as Answer;
  }

  async step<T>(name: string, rows: number, work: () => Promise<T>): Promise<T> {
    process.stderr.write(`${name}\n`);
    const startedMs = performance.now();
    const { value, growth } = await watched(this.#system, work);
    this.rows.push({ name, rows, seconds: (performance.now() - startedMs) / 1_000, growth });
    return value;
  }

  upload(path: string, lines: Iterator<string>): Promise<string> {
    const init = { method: "PUT", body: streamOf(lines), duplex: "half", headers: { "content-type": "text/csv" } };
    return this.ask(path, init as RequestInit);
  }
}

function insist(holds: boolean, what: string): void {
  if (!holds) throw new Error(`this does not hold: ${what}`);
}

async function measure(tenant: Tenant): Promise<void> {
  const publish = () => tenant.json("/v1/config/publish", "POST", {});
  const all = RULES + RATES;
  await tenant.json(RATE_TABLE, "PUT", { currency: "EUR" });
  await tenant.step("rules up", RULES, () => tenant.upload(GROUP, ruleLines()));
  await tenant.step("rates up", RATES, () => tenant.upload(`${RATE_TABLE}/rates`, rateLines()));
  const first = await tenant.step("publish", all, publish);
  insist((first.counts?.["routing-rules"] ?? 0) > RULES, "all rules are in force");
  const down = await tenant.step("rules down", RULES, () => tenant.ask(GROUP, { headers: { accept: "text/csv" } }));
  insist(down === [...ruleLines()].join(""), "what comes down is what went up");
  await tenant.step("the same rules up", RULES, () => tenant.upload(GROUP, ruleLines()));
  const same = await tenant.step("publish, nothing new", all, publish);
  insist(same.changed === false, "the same rules are no change");
  await tenant.step("rules up, one changed", RULES, () => tenant.upload(GROUP, ruleLines(CHANGED)));
  const difference = await tenant.step("diff", all, () => tenant.json("/v1/config/diff"));
  insist(difference.changed === 1, "one rule differs");
  const second = await tenant.step("publish, one changed", all, publish);
  insist(second.changes?.changed === 1, "one rule changed");
  await tenant.step("roll back", all, () => tenant.json("/v1/config/rollback", "POST", { version: first.version }));
}

const HEADER = ["step", "s", "rows/s", "Worker MiB", "at most", "Postgres MiB", "at most"];

const cellsOf = ({ name, rows, seconds, growth }: Row): readonly string[] => [
  name,
  fixed(seconds, 2),
  fixed(rows / seconds, 0),
  fixed(growth?.before.worker ?? Number.NaN, 0),
  fixed(growth?.peak.worker ?? Number.NaN, 0),
  fixed(growth?.before.postgres ?? Number.NaN, 0),
  fixed(growth?.peak.postgres ?? Number.NaN, 0),
];

export async function benchPublish(workspace: Workspace, _options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const floor = await startFloor(join(workspace.folder, "floor"), workspace.secrets.postgres);
  const floors: Row[] = [
    { name: "floor: rules by COPY", rows: RULES, seconds: await floor(ruleLines(), RULE_COLUMNS), growth: null },
    { name: "floor: rates by COPY", rows: RATES, seconds: await floor(rateLines(), RATE_COLUMNS), growth: null },
  ];
  const system = await startSystem({ stateDir: join(workspace.folder, "publish"), port: await freePair(workspace) });
  const stop = onEnd(system.stop, () => {});
  const tenant = new Tenant(system, await system.token("admin"));
  await measure(tenant);
  await stop();
  const rows = [...floors, ...tenant.rows];
  const late = tenant.rows.filter(({ name, seconds }) => name.startsWith("publish") && seconds > MAX_PUBLISH_S);
  const notes = "Worker: resident memory of its workerd, which collects garbage late; production bounds the heap at 128 MB.";
  return {
    text: [machineLine(machine), "", table(HEADER, rows.map(cellsOf)), "", notes].join("\n"),
    data: { machine, rows },
    missed: late.map(({ name, seconds }) => `${name}: ${fixed(seconds, 1)} s, at most ${MAX_PUBLISH_S} s`),
  };
}
