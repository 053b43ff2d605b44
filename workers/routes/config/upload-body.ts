/** A streamed body as text, bounded, and what is wrong with its lines. */
import { within } from "../../../adapters/platform/deadline.ts";
import { MAX_UPLOAD_BYTES } from "../../../contracts/configuration/limits.ts";
import type { FieldError } from "../../../contracts/issues.ts";
import type { Problem } from "../../../contracts/problem.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";

/** `pointer` is the line (from 1), then the column or a pointer into the line's JSON. */
export type UploadError = FieldError & { readonly line: number; readonly column?: string };

export type UploadPart = { readonly items: readonly ConfigurationItem[]; readonly errors: readonly UploadError[] };

/** The upload as a whole is refused; nothing has been changed. */
export class UploadRefused extends Error {
  override readonly name = "UploadRefused";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** @param column of the header; empty for the row as a whole. */
export function uploadError(line: number, column: string, code: string, detail: string): UploadError {
  return column === ""
    ? { line, pointer: `/${line}`, code, detail }
    : { line, column, pointer: `/${line}/${column}`, code, detail };
}

/** Characters that are handed on at a time: who sends a byte at a time must not have a row read again for each of them. */
const PART_CHARACTERS = 4_096;
/** So long a sender that has been refused is let finish. */
const DISCARD_MS = 2_000;

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function discard(reader: Reader): Promise<void> {
  while (!(await reader.read()).done);
}

/** Many senders look for the answer only when they have sent everything, and find a broken connection when nobody reads that. */
async function letGo(reader: Reader): Promise<void> {
  await within(
    discard(reader).catch(() => {}),
    DISCARD_MS,
  );
  await reader.cancel().catch(() => {});
}

/**
 * The body as it comes in; `isLast` only with the last part, which may be empty.
 * @throws UploadRefused for a body that is too large, no UTF-8, or broken off.
 */
export async function* textOf(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<{ readonly text: string; readonly isLast: boolean }> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new UploadRefused({ code: "bad_json", detail: "the body is not UTF-8" });
    }
  };
  let length = 0;
  let held = "";
  const reader = body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await reader.read().catch(() => {
        throw new UploadRefused({ code: "bad_json", detail: "the body could not be read to its end" });
      });
      if (done) break;
      length += value.length;
      if (length > MAX_UPLOAD_BYTES)
        throw new UploadRefused({ code: "body_too_large", detail: `at most ${MAX_UPLOAD_BYTES} bytes are taken` });
      held += decode(value);
      if (held.length < PART_CHARACTERS) continue;
      yield { text: held, isLast: false };
      held = "";
    }
    yield { text: held + decode(), isLast: true };
  } finally {
    if (reader !== undefined) await letGo(reader);
  }
}
