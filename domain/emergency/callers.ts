/** Who has called for help lately: an answering point that calls back is to reach them ([EMG-15]; RFC 7090 on why that is hard to tell). */
import type { EmergencySettings } from "../configuration/model.ts";
import { type Address, routingKey } from "../numbers/address.ts";
import type { SessionId } from "../shared/ids.ts";

export type EmergencyCaller = {
  /** E.164: by which number the answering point was told to call back. */
  readonly callback: string;
  /** Who called: perhaps an extension behind that number. */
  readonly from: Address;
  readonly session: SessionId;
  readonly atMs: number;
};

/** Remembered per tenant; the oldest go first. */
export const MAX_CALLERS = 1_000;

/** Newest first, at most one for each callback number and caller. */
export function withCaller(
  callers: readonly EmergencyCaller[],
  caller: EmergencyCaller,
  keepMs: number,
): readonly EmergencyCaller[] {
  const isSame = (one: EmergencyCaller): boolean =>
    one.session === caller.session || (one.callback === caller.callback && routingKey(one.from) === routingKey(caller.from));
  const others = callers.filter((one) => !isSame(one) && caller.atMs - one.atMs < keepMs);
  return [caller, ...others].toSorted((a, b) => b.atMs - a.atMs).slice(0, MAX_CALLERS);
}

/** A routing key, or a prefix that ends in `*`. */
const isListed = (listed: readonly string[], key: string): boolean =>
  listed.some((entry) => (entry.endsWith("*") ? key.startsWith(entry.slice(0, -1)) : key === entry));

export type Callback = {
  readonly caller: EmergencyCaller;
  /** That it comes from an answering point is known, and not only possible: then nothing of the caller's keeps it away. */
  readonly isAnsweringPoint: boolean;
};

export type CalledBack = {
  readonly from: Address;
  readonly to: Address;
  /** Whether the network says that it is one (SIP `Priority: psap-callback`, RFC 7090). */
  readonly isSaid: boolean;
};

/**
 * The caller whom an answering point calls back with this call; null: it is an ordinary call.
 * @param callers newest first: of several behind one number it is the last who called.
 */
export function calledBack(
  callers: readonly EmergencyCaller[],
  { from, to, isSaid }: CalledBack,
  { callbackWindowMs, answeringPointNumbers }: EmergencySettings,
  nowMs: number,
): Callback | null {
  if (callbackWindowMs === 0) return null;
  const isAnsweringPoint = isSaid || isListed(answeringPointNumbers, routingKey(from));
  if (!isAnsweringPoint && answeringPointNumbers.length > 0) return null;
  const key = routingKey(to);
  const recent = callers.filter(({ atMs }) => nowMs - atMs < callbackWindowMs);
  const caller = recent.find((one) => one.callback === key || routingKey(one.from) === key);
  return caller === undefined ? null : { caller, isAnsweringPoint };
}
