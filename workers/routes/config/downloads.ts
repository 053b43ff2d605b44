/** Tables as streams: page by page out of the database, as fast as the reader takes them. */
import { type CsvKind, type CsvTable, csvLine } from "../../../contracts/configuration/csv.ts";
import { itemJson } from "../../../contracts/configuration/entities.ts";
import type { EntityOf } from "../../../domain/configuration/model.ts";
import { type ConfigurationStore, DraftChanged, type Page } from "../../../domain/configuration/store.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import type { AppContext } from "../../context.ts";
import { answerProblem } from "../../problem.ts";

export const CSV = "text/csv";
export const JSON_LINES = "application/x-ndjson";

const DOWNLOAD_PAGE_ROWS = 2_000;

/** Whether the reader asks for CSV; JSON is what it gets when it asks for nothing. */
export function prefersCsv(c: AppContext): boolean {
  return (c.req.header("accept") ?? "").split(",").some((type) => type.split(";", 1)[0]!.trim().toLowerCase() === CSV);
}

/**
 * The texts as a body. The first one is made before there is an answer, so that a database that is away is an answer of its own; what
 * fails later breaks the body off, which a reader notices.
 */
async function streamOf(texts: AsyncIterator<string>): Promise<ReadableStream<Uint8Array>> {
  const encoder = new TextEncoder();
  let next: IteratorResult<string> | null = await texts.next();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = next ?? (await texts.next());
      next = null;
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return?.();
    },
  });
}

type Source<Kind extends CsvKind> = (afterKey: string | null, limit: number) => Promise<Page<EntityOf[Kind]>>;

/** @throws DraftChanged when rows change meanwhile: pages of two states would be neither. */
async function* csvTexts<Kind extends CsvKind>(
  table: CsvTable<Kind>,
  source: Source<Kind>,
  revision: () => Promise<number>,
): AsyncGenerator<string> {
  const before = await revision();
  let afterKey: string | null = null;
  let text = csvLine(table.columns.slice(0, table.written));
  do {
    const page: Page<EntityOf[Kind]> = await source(afterKey, DOWNLOAD_PAGE_ROWS);
    for (const entity of page.items) text += csvLine(table.write(entity));
    afterKey = page.nextKey;
    if (afterKey === null && (await revision()) !== before) throw new DraftChanged();
    yield text;
    text = "";
  } while (afterKey !== null);
}

/** @param headers of the answer, when there is one. */
async function answerStream(c: AppContext, texts: AsyncIterator<string>, headers: Record<string, string>): Promise<Response> {
  try {
    return c.body(await streamOf(texts), 200, { ...headers, "Cache-Control": "private, no-cache" });
  } catch (error) {
    if (!(error instanceof DraftChanged)) throw error;
    return answerProblem(c, { code: "conflict", detail: "it was changed while it was read; ask again" });
  }
}

export function answerCsv<Kind extends CsvKind>(
  c: AppContext,
  table: CsvTable<Kind>,
  source: Source<Kind>,
  revision: () => Promise<number>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const type = `${CSV}; charset=utf-8; header=present`;
  return answerStream(c, csvTexts(table, source, revision), { ...headers, "Content-Type": type });
}

async function* draftTexts(store: ConfigurationStore, tenant: TenantId): AsyncGenerator<string> {
  for await (const items of store.readDraft(tenant)) yield items.map((item) => `${JSON.stringify(itemJson(item))}\n`).join("");
}

/** The whole draft as JSON lines. */
export function answerDraft(c: AppContext, etag: string): Promise<Response> {
  const texts = draftTexts(c.get("deps").configuration, c.get("principal").tenant);
  return answerStream(c, texts, { "Content-Type": JSON_LINES, ETag: etag });
}
