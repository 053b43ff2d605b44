/** Following audit trails: what Postgres has against what the objects that write them know, and exports by themselves. */
import { createHash } from "node:crypto";
import { type AuditEnd, auditEndSchema, parseAuditEntry } from "../../contracts/audit.ts";
import { type AuditLine, type AuditState, OPERATOR_PATHS } from "../../contracts/operator.ts";
import type { AuditEntry } from "../../domain/audit/entry.ts";
import { type ChainFault, type Walked, walkChain } from "../../domain/audit/verify.ts";
import { OperatorError } from "./deployment.ts";
import type { LaneClient } from "./lane-client.ts";

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

export type AuditPeriod = { readonly fromMs?: number; readonly toMs?: number };

/** What came of following one chain. */
export type Verdict = Walked & {
  /** Entries that the object has not handed over to Postgres yet. */
  readonly waiting: number;
  /** Where Postgres had something else when an entry was handed over. */
  readonly disputed: readonly number[];
};

/** A row that cannot be read as an entry was altered, too. */
async function* entriesOf(lines: AsyncIterable<AuditLine>): AsyncGenerator<AuditEntry> {
  for await (const line of lines) {
    if ("end" in line) return;
    const entry = parseAuditEntry(line.entry);
    if (entry === null) throw new OperatorError(`This is no entry of an audit trail: ${JSON.stringify(line.entry)}`);
    yield entry;
  }
}

/** @throws {OperatorError} when the lane does not answer. */
export async function verifyTrail(client: LaneClient, tenant: string, { fromMs, toMs }: AuditPeriod): Promise<Verdict> {
  const stateOf = async () =>
    (await client.ask("GET", `${OPERATOR_PATHS.auditState}?${new URLSearchParams({ tenant }).toString()}`)) as AuditState;
  const query = new URLSearchParams({ tenant });
  if (fromMs !== undefined) query.set("fromMs", String(fromMs));
  if (toMs !== undefined) query.set("toMs", String(toMs));
  // Before and after: entries are added while rows are read.
  const { handed } = await stateOf();
  const entries: AuditEntry[] = [];
  for await (const entry of entriesOf(client.lines("GET", `${OPERATOR_PATHS.auditEntries}?${query.toString()}`)))
    entries.push(entry);
  const now = await stateOf();
  const walked = await walkChain(entries, {
    hashOf,
    isPart: fromMs !== undefined,
    atLeast: toMs === undefined ? handed : 0,
    atMost: now.sequence,
    known: now.kept,
  });
  return { ...walked, waiting: now.sequence - now.handed, disputed: now.disputed.map(({ sequence }) => sequence) };
}

export type ExportVerdict = Walked & { readonly tenant: string; readonly lane: string };

/**
 * Follows the chain of an export (`GET /v1/audit/export`), without asking anybody.
 * @throws {OperatorError} when it is no export, or not whole.
 */
export async function verifyExport(text: string): Promise<ExportVerdict> {
  const lines = text.split("\n").filter((line) => line !== "");
  const parsed = lines.map((line, index): AuditEntry | AuditEnd => {
    const json = jsonOf(line);
    const end = auditEndSchema.safeParse(json);
    const read = end.success ? end.data : parseAuditEntry(json);
    if (read === null) throw new OperatorError(`Line ${index + 1} is no entry of an audit trail.`);
    return read;
  });
  const last = parsed.at(-1);
  if (last === undefined || !("end" in last)) throw new OperatorError("The export is not whole: its last line is missing.");
  const { tenant, lane, sequence, hash, from, to } = last.end;
  const entries = parsed.slice(0, -1).flatMap((line) => ("end" in line ? [] : [line]));
  const stray = entries.find((entry) => entry.tenant !== tenant || entry.lane !== lane);
  if (stray !== undefined)
    return { fault: { tag: "inserted", sequence: stray.sequence }, entries: 0, lastSequence: 0, tenant, lane };
  const bounds = { atLeast: to ? 0 : sequence, atMost: sequence, known: sequence === 0 ? [] : [{ sequence, hash }] };
  return { ...(await walkChain(entries, { hashOf, isPart: from, ...bounds })), tenant, lane };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}

const FAULTS: Readonly<Record<ChainFault["tag"], string>> = {
  missing: "is missing",
  altered: "is not what was written: its hash is not the one of its content",
  unlinked: "does not follow from the entry before it: one of both was written anew",
  out_of_place: "is out of place",
  inserted: "was never written by this trail",
  rewritten: "is not the one that was written there: the chain was written anew from here or before",
};

export const describeFault = ({ tag, sequence }: ChainFault): string => `entry ${sequence} ${FAULTS[tag]}`;
