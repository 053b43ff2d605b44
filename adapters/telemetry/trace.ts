/** W3C Trace Context (https://www.w3.org/TR/trace-context/): one trace id follows a call through Workers, objects and events. */
import { toHex } from "../../domain/shared/hex.ts";

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const ZERO_TRACE = "0".repeat(32);
const ZERO_SPAN = "0".repeat(16);

export type Trace = {
  /** 32 hex digits. */
  readonly traceId: string;
  /** What is passed on: our own span as the parent of what follows. */
  readonly traceparent: string;
};

/** Continues the trace of a `traceparent` header, or starts one when there is none or it is malformed. @param random 24 bytes. */
export function continueTrace(header: string | null, random: Uint8Array): Trace {
  const match = header === null ? null : TRACEPARENT.exec(header);
  const usable = match !== null && match[1] !== ZERO_TRACE && match[2] !== ZERO_SPAN;
  const traceId = usable ? match[1]! : toHex(random.subarray(0, 16));
  // Of the flags only "sampled" is defined; the others have to be sent as zero.
  const sampled = !usable || (Number.parseInt(match[3]!, 16) & 1) === 1;
  const flags = sampled ? "01" : "00";
  return { traceId, traceparent: `00-${traceId}-${toHex(random.subarray(16, 24))}-${flags}` };
}

export function traceIdOf(traceparent: string): string {
  return TRACEPARENT.exec(traceparent)?.[1] ?? "";
}
