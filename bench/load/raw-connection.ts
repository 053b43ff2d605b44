/**
 * One HTTP/1.1 connection with one request under way, on a bare socket: requests are sent as the bytes that were made beforehand, and of
 * answers only what is needed is read. The generator shares the machine with what it measures; an HTTP client of Node takes
 * several times as long per request.
 */
import { connect, type Socket } from "node:net";

export const HEADERS_END = "\r\n\r\n";
const LAST_CHUNK = "\r\n0\r\n\r\n";
const STATUS_AT = "HTTP/1.1 ".length;
const STATUS_DIGITS = 3;
const ANSWER_DEADLINE_MS = 15_000;

export type Answer = { readonly status: number; readonly retryAfterMs: number };
export type RawConnection = {
  /** @param parts of one request, in one packet if they fit. A request that gets no answer has status 0. */
  readonly exchange: (...parts: readonly (string | Buffer)[]) => Promise<Answer>;
  readonly close: () => void;
};

const NO_ANSWER: Answer = { status: 0, retryAfterMs: 0 };

const headerOf = (head: string, name: string): string | undefined => new RegExp(`^${name}: *([^\\r]*)`, "im").exec(head)?.[1];

/** An answer as far as it has come: null until it is whole. */
function readAnswer(received: string): Answer | null {
  const headEnd = received.indexOf(HEADERS_END);
  if (headEnd === -1) return null;
  const head = received.slice(0, headEnd);
  const length = headerOf(head, "content-length");
  const isWhole =
    length === undefined
      ? received.startsWith("0\r\n\r\n", headEnd + HEADERS_END.length) || received.endsWith(LAST_CHUNK)
      : received.length >= headEnd + HEADERS_END.length + Number(length);
  if (!isWhole) return null;
  const status = Number(head.slice(STATUS_AT, STATUS_AT + STATUS_DIGITS));
  return { status, retryAfterMs: Number(headerOf(head, "retry-after") ?? 0) * 1_000 };
}

/** Connects when it is first needed, and again by itself. */
export function openRaw(url: string): RawConnection {
  const { hostname, port } = new URL(url);
  let socket: Socket | undefined;
  let settle: ((answer: Answer) => void) | undefined;
  let received = "";
  const finish = (answer: Answer): void => {
    const waiting = settle;
    settle = undefined;
    received = "";
    waiting?.(answer);
  };
  const open = (): Socket => {
    const opened = connect({ host: hostname, port: Number(port), noDelay: true });
    opened.setTimeout(ANSWER_DEADLINE_MS, () => opened.destroy());
    opened.on("data", (bytes) => {
      received += bytes.toString("latin1");
      const answer = readAnswer(received);
      if (answer !== null) finish(answer);
    });
    opened.on("error", () => {});
    opened.on("close", () => {
      if (socket === opened) socket = undefined;
      finish(NO_ANSWER);
    });
    return opened;
  };
  return {
    exchange: (...parts) =>
      new Promise((resolve) => {
        settle = resolve;
        socket ??= open();
        socket.cork();
        for (const part of parts) socket.write(part, "latin1");
        socket.uncork();
      }),
    close: () => socket?.destroy(),
  };
}
