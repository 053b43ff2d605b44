/**
 * `npm run admin -- rotate-data-keys [--check] [--tenant <tenant>]`: encrypts anew what is stored under another key than the current one,
 * tenant by tenant in small batches, while the system runs. Interrupted, it is begun again, and passes over what is done.
 */
import { parseArgs } from "node:util";
import { OPERATOR_PATHS } from "../../contracts/operator.ts";
import { ROTATION_PARTS, type RotationBatch, type RotationPart } from "../../domain/privacy/rotation.ts";
import { type LaneClient, laneClient } from "../operator/lane-client.ts";
import { type AdminCommand, UsageError } from "./command.ts";
import { findStandard } from "./create-tenant.ts";

type Tally = Pick<RotationBatch, "stale" | "written" | "unreadable">;

function optionsIn(words: readonly string[]) {
  try {
    const options = { check: { type: "boolean", default: false }, tenant: { type: "string" } } as const;
    return parseArgs({ args: [...words], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function tenantsOf({ ask }: LaneClient): Promise<readonly string[]> {
  return ((await ask("GET", OPERATOR_PATHS.tenants)) as { tenants: string[] }).tenants;
}

async function rotatePart({ ask }: LaneClient, tenant: string, part: RotationPart, isCheck: boolean): Promise<Tally> {
  const tally = { stale: 0, written: 0, unreadable: 0 };
  let after: string | null = null;
  do {
    const batch = (await ask("POST", OPERATOR_PATHS.rotateDataKeys, { tenant, part, after, isCheck })) as RotationBatch;
    tally.stale += batch.stale;
    tally.written += batch.written;
    tally.unreadable += batch.unreadable;
    after = batch.next;
  } while (after !== null);
  return tally;
}

function describe({ stale, written, unreadable }: Tally, isCheck: boolean): string {
  const left = stale - written;
  const done = isCheck ? `${stale} to encrypt anew` : `${written} encrypted anew`;
  const missed = !isCheck && left > 0 ? `, ${left} changed meanwhile: run it again` : "";
  return `${done}${missed}${unreadable > 0 ? `, ${unreadable} that do not open: their key is missing, or they are damaged` : ""}`;
}

export const rotateDataKeys: AdminCommand = {
  usage: `rotate-data-keys [--check] [--tenant <tenant>]     encrypts personal data and secrets anew under the current key of DATA_KEYS;
                                                 --check only says what there is to do, and fails where there is something`,
  run: async (words) => {
    const { check: isCheck, tenant: only } = optionsIn(words);
    const { url, configKey } = findStandard();
    const client = laneClient({ urls: { standard: url, emergency: url }, configKey, isLocal: false }, "standard");
    const rest = { stale: 0, unreadable: 0 };
    for (const tenant of only === undefined ? await tenantsOf(client) : [only])
      for (const part of ROTATION_PARTS) {
        const tally = await rotatePart(client, tenant, part, isCheck);
        if (tally.stale > 0 || tally.unreadable > 0) process.stdout.write(`${tenant} ${part}: ${describe(tally, isCheck)}\n`);
        rest.stale += tally.stale - tally.written;
        rest.unreadable += tally.unreadable;
      }
    const isDone = rest.stale === 0 && rest.unreadable === 0;
    process.stdout.write(
      isDone ? "Everything is encrypted under the current key.\n" : "Not everything is encrypted under the current key.\n",
    );
    return isDone ? 0 : 1;
  },
};
