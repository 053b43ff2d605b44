/** Rows of a CSV body as it comes in: what is held at a time is a part of the body, never the whole. */
import Papa from "papaparse";
import type { CsvKind, CsvRow, CsvTable } from "../../../contracts/configuration/csv.ts";
import { itemOf } from "../../../contracts/configuration/entities.ts";
import { MAX_UPLOAD_LINE } from "../../../contracts/configuration/limits.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import { type UploadError, type UploadPart, textOf, uploadError } from "./upload-body.ts";

type Parsed = {
  readonly data: readonly string[][];
  readonly errors: readonly { readonly row?: number }[];
  readonly meta: { readonly cursor: number };
};

/** Both of the parser's other line ends become its own. A carriage return at the end waits for what follows it. */
class LineEnds {
  #held = "";

  next(text: string, isLast: boolean): string {
    const all = this.#held + text;
    this.#held = !isLast && all.endsWith("\r") ? "\r" : "";
    return (this.#held === "" ? all : all.slice(0, -1)).replaceAll(/\r\n?/g, "\n");
  }
}

const newlinesIn = (fields: readonly string[]): number =>
  fields.reduce((sum, field) => sum + (field.includes("\n") ? field.split("\n").length - 1 : 0), 0);

/** Turns rows into entities once the header is known. */
class CsvRows<Kind extends CsvKind> {
  readonly #table: CsvTable<Kind>;
  #header: readonly string[] | null = null;
  #line = 1;

  constructor(table: CsvTable<Kind>) {
    this.#table = table;
  }

  get line(): number {
    return this.#line;
  }

  get hasHeader(): boolean {
    return this.#header !== null;
  }

  read(rows: readonly string[][], brokenRows: ReadonlySet<number>): UploadPart & { readonly isHeaderBroken: boolean } {
    const items: ConfigurationItem[] = [];
    const errors: UploadError[] = [];
    for (const [index, fields] of rows.entries()) {
      const line = this.#line;
      this.#line += 1 + newlinesIn(fields);
      if (fields.length === 1 && fields[0]!.trim() === "") continue;
      if (brokenRows.has(index))
        errors.push(uploadError(line, "", "bad_format", "has quotes that are not closed, or stand within a field"));
      else if (this.#header === null) {
        const problem = this.#readHeader(fields, line);
        if (problem !== null) return { items: [], errors: [...errors, problem], isHeaderBroken: true };
      } else this.#readRow(this.#header, fields, line, items, errors);
    }
    return { items, errors, isHeaderBroken: false };
  }

  #readHeader(fields: readonly string[], line: number): UploadError | null {
    const header = fields.map((name) => name.trim());
    const { columns, required, isComplete } = this.#table;
    const unknown = header.find((name) => !columns.includes(name));
    if (unknown !== undefined)
      return uploadError(
        line,
        unknown.slice(0, 64),
        "unknown_column",
        `the first line names columns out of ${columns.join(", ")}`,
      );
    const repeated = header.find((name, index) => header.indexOf(name) !== index);
    if (repeated !== undefined) return uploadError(line, repeated, "duplicate", "the column is named twice");
    if (!isComplete(header)) return uploadError(line, "", "missing", `the first line must name ${required}`);
    this.#header = header;
    return null;
  }

  #readRow(
    header: readonly string[],
    fields: readonly string[],
    line: number,
    items: ConfigurationItem[],
    errors: UploadError[],
  ): void {
    if (fields.length > header.length) {
      errors.push(
        uploadError(line, "", "bad_format", `has ${fields.length} fields; the first line names ${header.length} columns`),
      );
      return;
    }
    const row: CsvRow = new Map(
      fields.flatMap((field, index) => (field.trim() === "" ? [] : [[header[index]!, field.trim()] as const])),
    );
    const parsed = this.#table.parse(row);
    if (parsed.ok) items.push(itemOf(this.#table.kind, parsed.value));
    else errors.push(...parsed.error.map(({ column, code, detail }) => uploadError(line, column, code, detail)));
  }
}

/** @throws UploadRefused for what is no text, or has a line of no reasonable length. */
export async function* csvRows<Kind extends CsvKind>(
  body: ReadableStream<Uint8Array> | null,
  table: CsvTable<Kind>,
): AsyncGenerator<UploadPart> {
  const rows = new CsvRows(table);
  const lineEnds = new LineEnds();
  const parser = new Papa.Parser({ delimiter: ",", newline: "\n" });
  let rest = "";
  for await (const { text, isLast } of textOf(body)) {
    rest += lineEnds.next(text, isLast);
    const parsed = parser.parse(rest, 0, !isLast) as Parsed;
    rest = isLast ? "" : rest.slice(parsed.meta.cursor);
    const broken = new Set(parsed.errors.flatMap(({ row }) => (row === undefined ? [] : [row])));
    const part = rows.read(parsed.data, broken);
    if (part.items.length > 0 || part.errors.length > 0) yield part;
    // Without its header nothing of the rest means anything.
    if (part.isHeaderBroken) return;
    if (rest.length > MAX_UPLOAD_LINE) {
      yield {
        items: [],
        errors: [uploadError(rows.line, "", "too_large", "the row, or what its quotes enclose, is too long")],
      };
      return;
    }
  }
  if (!rows.hasHeader)
    yield { items: [], errors: [uploadError(1, "", "missing", `the first line must name ${table.required}`)] };
}
