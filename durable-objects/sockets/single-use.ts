/** Tickets that were used, so that none is used twice: remembered on disk, until they would be refused for their age anyway. */

const TICKETS_KEY = "tickets";
/** More tickets than this within their short life are not asked for by people; the next one is refused. */
export const MAX_USED_TICKETS = 5_000;

/** Nonce → when the ticket expires, Unix milliseconds. */
type Used = Readonly<Record<string, number>>;

/** @returns false when it was used before. True only once, also across restarts: what follows is held back until it is on disk. */
export function useTicket(storage: DurableObjectStorage, nonce: string, expiresMs: number, nowMs: number): boolean {
  const used = storage.kv.get<Used>(TICKETS_KEY) ?? {};
  if (Object.hasOwn(used, nonce)) return false;
  const known = Object.entries(used).filter(([, untilMs]) => untilMs > nowMs);
  if (known.length >= MAX_USED_TICKETS) return false;
  storage.kv.put(TICKETS_KEY, Object.fromEntries([...known, [nonce, expiresMs]]));
  return true;
}

/** For an object that gives up its storage. */
export function forgetTickets(storage: DurableObjectStorage): void {
  // A deletion is billed, also of what is not there.
  if (storage.kv.get(TICKETS_KEY) !== undefined) storage.kv.delete(TICKETS_KEY);
}
