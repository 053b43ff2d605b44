/** Requests that say of themselves which one they are, so that a repetition is known as one. */

/** What a request is known by. */
export type RepeatKey = {
  /** Who asks for what: a digest of client, route and the client's own key. */
  readonly key: string;
  /** A digest of all that the request asks for: another one under the same key is another request. */
  readonly fingerprint: string;
};

/** An answer as it is kept: what it says is encrypted, since it may hold a secret that is shown once. */
export type KeptAnswer = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly sealedBody: string;
};

export type Begun =
  /** Nobody has asked this before: act, then `finish` with the lease, or `forget` it. */
  | { readonly tag: "fresh"; readonly lease: string }
  | { readonly tag: "answered"; readonly answer: KeptAnswer }
  /** It was answered, with more than can be kept. */
  | { readonly tag: "answered_at_length"; readonly status: number }
  | { readonly tag: "under_way"; readonly untilMs: number }
  | { readonly tag: "another_request" };

/** How long an answer is kept. */
export const IDEMPOTENCY_MS = 24 * 60 * 60_000;
/** Longer than any request may take: whoever has not finished by then has died, and the next one acts. */
export const LEASE_MS = 150_000;
/** Characters of an encrypted answer; of a longer one it is known only that it was given. */
export const MAX_KEPT_CHARACTERS = 1_048_576;
