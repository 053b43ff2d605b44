/** For how long one part that fails may hold up all others. In memory alone: a restart begins anew. */

/** What has failed for so long, while others of its kind may not, is passed over: ten minutes. */
export const PATIENCE_MS = 10 * 60_000;
/** Parts that are remembered; more fail together only when something bigger is away, and then nothing is passed over anyway. */
const MAX_REMEMBERED = 1_000;

export type Patience = {
  /** It has failed now. @returns whether it has failed ever since `PATIENCE_MS` ago. */
  readonly isOver: (part: string) => boolean;
  readonly recovered: (part: string) => void;
};

export function createPatience(nowMs: () => number): Patience {
  const since = new Map<string, number>();
  return {
    isOver: (part) => {
      const firstMs = since.get(part);
      if (firstMs !== undefined) return nowMs() - firstMs >= PATIENCE_MS;
      if (since.size < MAX_REMEMBERED) since.set(part, nowMs());
      return false;
    },
    recovered: (part) => void since.delete(part),
  };
}
