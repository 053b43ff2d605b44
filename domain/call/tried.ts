/** Which destination of its plan a call has come to, as far as its events tell. */

/** `index` is its place in the plan, from zero; null: nobody said which. */
export type Tried = { readonly index: number | null; readonly answered: boolean };

/** Events that tell that a destination is being tried. A failover names the one that was given up, and says nothing of the next. */
const TRYING: ReadonlySet<unknown> = new Set(["leg.placed", "call.started", "call.ringing", "call.failover", "call.answered"]);
const MAX_INDEX = 32_767;

/** What one event says. @param name the event's, without prefix and version. */
export function triedBy(name: unknown, { applied, routeIndex }: Readonly<Record<string, unknown>>): Tried | null {
  if (!TRYING.has(name) || applied === false) return null;
  const isIndex = Number.isInteger(routeIndex) && Number(routeIndex) >= 0 && Number(routeIndex) <= MAX_INDEX;
  return { index: isIndex ? Number(routeIndex) : null, answered: name === "call.answered" };
}

/** Higher counts more: who names the destination before who does not, an answer before an attempt. Of equals, the later counts. */
export const weightOf = ({ index, answered }: Tried): number => (index === null ? 0 : 2) + (answered ? 1 : 0);

/** What is known after another word on it. */
export function afterTrying(known: Tried | undefined, next: Tried | null): Tried | undefined {
  return next === null || (known !== undefined && weightOf(known) > weightOf(next)) ? known : next;
}

/** @param planned ids of the plan's destinations, in their order. @returns the id; null: none was tried, or nobody said which of several. */
export function destinationOf(tried: Tried | null | undefined, planned: readonly string[]): string | null {
  if (tried == null) return null;
  if (tried.index !== null) return planned[tried.index] ?? null;
  return planned.length === 1 ? planned[0]! : null;
}
