/** Masks answers that are made line by line: NDJSON, server-sent events, CSV. What is cut off in the middle of a line is hidden. */
import { MASK, maskConfiguration, maskJson } from "../domain/privacy/mask.ts";
import { csvLine } from "./configuration/csv.ts";
import { safeCell } from "./events/csv.ts";

/** Takes text as it comes and gives what of it can be shown by now. */
export type LineMask = {
  readonly push: (text: string) => string;
  /** What was still waiting for its end. */
  readonly end: () => string;
};

/** What is hidden: personal data of calls and people, or of a configuration only what is of a person. */
export type MaskKind = "records" | "configuration";

/** Few documents of a configuration have anything to hide, and there are many: profiles, and what tells of differences between them. */
const PERSONAL_CONFIGURATION = ['"blockedCallers"', '"profiles"'];

/** A JSON text, masked. What cannot be read is hidden. */
export function maskedJsonText(text: string, kind: MaskKind): string {
  if (kind === "configuration" && !PERSONAL_CONFIGURATION.some((part) => text.includes(part))) return text;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(kind === "configuration" ? maskConfiguration(value) : maskJson(value));
  } catch {
    return JSON.stringify(MASK);
  }
}

/** @param mask of one line without its end. */
function byLine(mask: (line: string) => string): LineMask {
  let waiting = "";
  return {
    push: (text) => {
      const lines = (waiting + text).split("\n");
      waiting = lines.pop() ?? "";
      return lines.map((line) => `${mask(line)}\n`).join("");
    },
    end: () => (waiting === "" ? "" : mask(waiting)),
  };
}

export const jsonLinesMask = (kind: MaskKind): LineMask =>
  byLine((line) => (line.trim() === "" ? line : maskedJsonText(line, kind)));

const DATA_FIELD = /^data: ?/;

/** Events' data is JSON on one line; names, ids and comments are ours. */
export const eventStreamMask = (): LineMask =>
  byLine((line) => (DATA_FIELD.test(line) ? `data: ${maskedJsonText(line.replace(DATA_FIELD, ""), "records")}` : line));

const QUOTE = '"';

/** The cells of a row (RFC 4180) without its end. */
function cellsOf(row: string): string[] {
  const cells: string[] = [];
  let at = 0;
  while (at <= row.length) {
    if (row[at] !== QUOTE) {
      const comma = row.indexOf(",", at);
      const end = comma === -1 ? row.length : comma;
      cells.push(row.slice(at, end));
      at = end + 1;
      continue;
    }
    let end = at + 1;
    while (end < row.length && (row[end] !== QUOTE || row[end + 1] === QUOTE)) end += row[end] === QUOTE ? 2 : 1;
    cells.push(row.slice(at + 1, end).replaceAll('""', QUOTE));
    at = end + 2;
  }
  return cells;
}

const quotesIn = (text: string): number => text.split(QUOTE).length - 1;

/** The value that a cell stands for: JSON where the column has it, without the apostrophe that keeps it from being a formula. */
function valueOf(column: string, cell: string): unknown {
  const text = cell.replace(/^'(?=[=+\-@\t\r])/, "");
  if (text === "") return null;
  if (column !== "data") return text;
  try {
    return JSON.parse(text);
  } catch {
    return MASK;
  }
}

function cellOf(column: string, value: unknown): string {
  if (value === null || value === undefined) return "";
  return safeCell(column === "data" || typeof value !== "string" ? JSON.stringify(value) : value);
}

function maskedRow(columns: readonly string[], cells: readonly string[]): string {
  // By what the column is called, as the member of a record.
  const fields = Object.fromEntries(columns.map((column, index) => [column, valueOf(column, cells[index] ?? "")]));
  const shown = maskJson({ type: "", ...fields }) as Readonly<Record<string, unknown>>;
  return csvLine(columns.map((column) => cellOf(column, shown[column])));
}

/** Rows of events and call detail records; the first has the names of the columns. */
export function csvMask(): LineMask {
  let columns: readonly string[] | null = null;
  let row = "";
  /** Whether what there is of the row ends within quotes. Kept, since counting anew with every line would take the square of its length. */
  let isQuoted = false;
  const complete = (): string => {
    const cells = cellsOf(row.replace(/\r?\n$/, ""));
    row = "";
    isQuoted = false;
    if (columns !== null) return maskedRow(columns, cells);
    columns = cells;
    return csvLine(cells);
  };
  const lines = byLine((line) => line);
  const take = (text: string): string => {
    let shown = "";
    for (const line of text.split(/(?<=\n)/)) {
      row += line;
      if (quotesIn(line) % 2 === 1) isQuoted = !isQuoted;
      // A line may end within quotes: then the row goes on.
      if (line.endsWith("\n") && !isQuoted) shown += complete();
    }
    return shown;
  };
  return {
    push: (text) => take(lines.push(text)),
    end: () => {
      const shown = take(lines.end());
      return row === "" ? shown : shown + complete();
    },
  };
}
