/** Call detail records of a period, made while the events are read. */
import type { DownloadFormat } from "../../contracts/events/downloads.ts";
import { CDR_COLUMNS, cdrJson, cdrRow, headerOf } from "../../contracts/events/csv.ts";
import type { CallRecord } from "../../domain/events/cdr.ts";
import { type CdrPeriod, MAX_CALL_MS, createCdrPeriod } from "../../domain/events/cdr-period.ts";
import type { EventFilter } from "../../domain/events/query/query.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { DOWNLOAD_LIMITS, TooMuchForOneRequest } from "./download.ts";
import { ScanTally, scanSteps } from "./scan.ts";
import type { EventSources } from "./sources.ts";

/** When the calls began, Unix milliseconds, from inclusive, to exclusive. */
export type CdrRequest = {
  readonly tenant: TenantId;
  readonly fromMs: number;
  readonly toMs: number;
  readonly format: DownloadFormat;
};

const MAX_ROWS = 256;

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** The records that each stretch of events completes. */
async function* recordsIn(
  sources: EventSources,
  tenant: TenantId,
  filter: EventFilter,
  period: CdrPeriod,
  tally: ScanTally,
  isEnough: () => boolean,
): AsyncGenerator<readonly CallRecord[]> {
  const query = { tenant, filter, order: "oldest_first", after: null, limit: 0 } as const;
  let isWhole = true;
  for await (const { found, place } of scanSteps(sources, query, DOWNLOAD_LIMITS, tally)) {
    let records: CallRecord[] = [];
    for (const { event } of found) {
      records.push(...period.take(event));
      if (records.length < MAX_ROWS) continue;
      yield records;
      records = [];
    }
    yield records;
    if (isEnough()) return;
    isWhole = place === null;
  }
  if (!isWhole) throw new TooMuchForOneRequest();
}

/** Calls are followed from a call's longest duration before the period, to tell those that began before it, to as long behind it, until all have ended. */
async function* recordsOf(
  sources: EventSources,
  { tenant, fromMs, toMs }: CdrRequest,
  period: CdrPeriod,
  tally: ScanTally,
): AsyncGenerator<readonly CallRecord[]> {
  yield* recordsIn(sources, tenant, { fromMs: fromMs - MAX_CALL_MS, toMs }, period, tally, () => false);
  yield period.close();
  const isEmpty = () => period.held() === 0;
  if (!isEmpty()) yield* recordsIn(sources, tenant, { fromMs: toMs, toMs: toMs + MAX_CALL_MS }, period, tally, isEmpty);
  yield period.rest();
}

/** Lines end with `{"end": …}`; `cut`: calls that were told before their end was seen. @throws what shards and the bucket throw. */
export async function* cdrChunks(sources: EventSources, request: CdrRequest): AsyncGenerator<string> {
  const isCsv = request.format === "csv";
  const period = createCdrPeriod(request);
  const tally = new ScanTally(sources.reads());
  let count = 0;
  // With what the first reading brings: until then the answer may still be a refusal.
  let header = isCsv ? headerOf(CDR_COLUMNS) : "";
  for await (const records of recordsOf(sources, request, period, tally)) {
    if (header !== "") yield header;
    header = "";
    count += records.length;
    if (records.length > 0) yield records.map((record) => (isCsv ? cdrRow(record) : jsonLine(cdrJson(record)))).join("");
  }
  const cut = period.cut();
  if (isCsv) return;
  yield jsonLine({ end: { records: count, ...(cut === 0 ? {} : { cut }), ...(tally.damaged ? { damaged: true } : {}) } });
}
