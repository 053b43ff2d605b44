/** Live feeds are not part of the simulated world: what they are told is forgotten. */
import type { FeedWriter } from "../../../../domain/sessions/feed.ts";

export const createFeedWriter = (): FeedWriter => ({ put: async () => {}, projected: async () => {} });
