/** Streams of JSON lines whose last line says that they are whole. */
import { ExportBroken } from "./refused.ts";
import type { Requests } from "./requests.ts";
import { textLines } from "./text-lines.ts";

/** What stands in a stream beside events and records. */
type Notice = {
  /** `next`: it is more than one request may read, and goes on behind this place. */
  readonly end?: { readonly next?: string };
  /** What could not be read, and is missing. */
  readonly damaged?: { readonly object?: string };
};

/** Events are CloudEvents and records have a call; notices have neither. */
function noticeOf(line: object): Notice | null {
  return Object.hasOwn(line, "specversion") || Object.hasOwn(line, "callId") ? null : (line as Notice);
}

/**
 * Line by line, over as many requests as it takes. Throws `ExportBroken` when the last line is missing.
 * @param onDamaged is told of what could not be read and is missing.
 */
export async function* exportedLines<Line extends object>(
  requests: Requests,
  path: string,
  onDamaged: (object: string) => void = () => {},
): AsyncGenerator<Line, void, undefined> {
  let count = 0;
  let next: string | undefined;
  do {
    const from = next === undefined ? path : `${path}&after=${next}`;
    const answer = await requests.send("GET", from, { headers: { Accept: "application/x-ndjson" } });
    let end: Notice["end"];
    for await (const line of lines(answer, () => count)) {
      const notice = noticeOf(line);
      if (notice === null) {
        count += 1;
        yield line as Line;
      }
      if (notice?.damaged !== undefined) onDamaged(notice.damaged.object ?? "");
      end = notice?.end;
      if (end !== undefined) break;
    }
    if (end === undefined) throw new ExportBroken(count);
    next = end.next;
  } while (next !== undefined);
}

async function* lines({ body }: Response, count: () => number): AsyncGenerator<object, void, undefined> {
  if (body === null) return;
  const texts = textLines(body.getReader());
  try {
    for (;;) {
      const parsed = await nextLine(texts, count);
      if (parsed === null) return;
      yield parsed;
    }
  } finally {
    await texts.return();
  }
}

/** A connection that was reset and half a line are the same: the end is missing. Null: there is no further line. */
async function nextLine(texts: AsyncGenerator<string, void, undefined>, count: () => number): Promise<object | null> {
  try {
    for (;;) {
      const { done, value } = await texts.next();
      if (done === true) return null;
      if (value !== "") return JSON.parse(value) as object;
    }
  } catch (cause) {
    throw new ExportBroken(count(), cause);
  }
}
