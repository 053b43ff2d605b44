/** Asks both lanes for what they hold of a period. */
import {
  type EventsLine,
  MAX_VIEWS,
  OPERATOR_PATHS,
  type ObjectAnswer,
  type Period,
  type RowsLine,
  type ShardLag,
} from "../../contracts/operator.ts";
import { type SessionId, type TenantId, laneOf } from "../../domain/shared/ids.ts";
import { LANES, type LaneClient, type Lanes } from "../operator/lane-client.ts";
import { type Behind, behindKey } from "./compare.ts";
import { Witnesses } from "./witnesses.ts";

/** Batches of objects that a lane is asked for at the same time. */
const BATCHES_AT_ONCE = 3;
const EPOCH_AND_NUMBER = /(\d+-\d+)$/;

const queryOf = (period: Period, more: Readonly<Record<string, string>> = {}): string =>
  new URLSearchParams({ ...more, fromMs: String(period.fromMs), toMs: String(period.toMs) }).toString();

/** Everything that the logs have acknowledged goes to R2, where it can be read. */
export async function flush(lanes: Lanes): Promise<void> {
  await Promise.all(LANES.map((lane) => lanes[lane].ask("POST", OPERATOR_PATHS.flush)));
}

export async function lagsOf({ ask }: LaneClient): Promise<readonly ShardLag[]> {
  return ((await ask("GET", OPERATOR_PATHS.lag)) as { shards: ShardLag[] }).shards;
}

/** Shards whose projection has not read everything up to a time. */
export async function behindOf(lanes: Lanes, untilMs: number): Promise<Behind> {
  const all = await Promise.all(LANES.map(async (lane) => (await lagsOf(lanes[lane])).map((lag) => ({ lane, ...lag }))));
  return new Map(
    all.flat().flatMap(({ lane, shard, oldestUnreadMs }): [string, number][] => {
      const place = EPOCH_AND_NUMBER.exec(shard)?.[1];
      return oldestUnreadMs === null || oldestUnreadMs >= untilMs || place === undefined
        ? []
        : [[behindKey(lane, place), oldestUnreadMs]];
    }),
  );
}

async function collectStored(client: LaneClient, witnesses: Witnesses): Promise<void> {
  const target = `${OPERATOR_PATHS.events}?${queryOf(witnesses.period)}`;
  for await (const line of client.lines<EventsLine>("GET", target)) {
    if ("event" in line) witnesses.addStored(line.event);
    else if ("unreadable" in line)
      witnesses.damage.push({ what: "unreadable", text: `${client.lane} lane: ${line.unreadable} cannot be read whole` });
  }
}

async function collectRows(client: LaneClient, tenant: TenantId, witnesses: Witnesses): Promise<void> {
  const target = `${OPERATOR_PATHS.rows}?${queryOf(witnesses.period, { tenant })}`;
  for await (const line of client.lines<RowsLine>("GET", target)) {
    if ("session" in line) witnesses.addRow(line.session);
    else if ("event" in line) witnesses.addRowEvent(line.event);
  }
}

async function collectObjects(client: LaneClient, witnesses: Witnesses): Promise<void> {
  const own = [...witnesses.all].filter(({ id }) => laneOf(id) === client.lane);
  const byId = Map.groupBy(own, ({ id }) => id);
  const batches: SessionId[][] = [];
  for (const id of byId.keys()) {
    const last = batches.at(-1);
    if (last === undefined || last.length === MAX_VIEWS) batches.push([id]);
    else last.push(id);
  }
  const workers = Array.from({ length: BATCHES_AT_ONCE }, async () => {
    for (let ids = batches.pop(); ids !== undefined; ids = batches.pop()) {
      const { sessions } = (await client.ask("POST", OPERATOR_PATHS.sessions, { ids })) as { sessions: ObjectAnswer[] };
      for (const answer of sessions) for (const witness of byId.get(answer.id) ?? []) witness.object = answer;
    }
  });
  await Promise.all(workers);
}

async function tenantsOf({ ask }: LaneClient): Promise<readonly TenantId[]> {
  return ((await ask("GET", OPERATOR_PATHS.tenants)) as { tenants: TenantId[] }).tenants;
}

const each = (lanes: Lanes, work: (client: LaneClient) => Promise<void>): Promise<unknown> =>
  Promise.all(LANES.map((lane) => work(lanes[lane])));

/**
 * What the stores hold of a period that is over. A session that only its object knows is not found: objects cannot be listed.
 * @throws {OperatorError} when a lane does not answer.
 */
export async function collect(lanes: Lanes, period: Period): Promise<Witnesses> {
  const witnesses = new Witnesses(period);
  await each(lanes, (client) => collectStored(client, witnesses));
  const tenants = new Set([...(await tenantsOf(lanes.standard)), ...witnesses.tenants()]);
  for (const tenant of tenants) await collectRows(lanes.standard, tenant, witnesses);
  await each(lanes, (client) => collectObjects(client, witnesses));
  return witnesses;
}
