/**
 * Where an issuer's public keys come from. Built once per issuer and kept for the life of the isolate.
 *
 * A remote key set is fetched when it is first needed, again when it is older than `CACHE_MAX_AGE_MS`, and again when a token names
 * a key that is not in it (at most once per `COOLDOWN_MS`, so that made-up key ids do not become a flood against the issuer). When
 * the issuer does not answer, the last good keys go on being used until they are `LAST_GOOD_MAX_AGE_MS` old: an issuer's outage
 * must not become an outage of calls, and a key withdrawn meanwhile must not live for ever.
 */
import {
  type JSONWebKeySet,
  type JWTHeaderParameters,
  type RemoteJWKSet,
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
} from "jose";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { type Guard, deadlineOnly } from "../platform/guard.ts";
import { readBounded } from "../platform/read-bounded.ts";

const FETCH_TIMEOUT_MS = 2_000;
/** Requests of an isolate that wait for one key set: the library has one fetch serve them all. */
const MAX_WAITING = 256;
/** Of a URL, as the name by which an issuer is known; it may be in logs. */
const MAX_NAME_LENGTH = 200;
/** Dozens of RSA keys with their certificates. More of an answer is not held: a tenant chooses who sends it. */
export const MAX_KEY_SET_BYTES = 256 * 1024;
/** Keys that are tried for a token that names none. Each costs a verification. */
const MAX_KEYS_TRIED = 8;
const CACHE_MAX_AGE_MS = 10 * 60_000;
const LAST_GOOD_MAX_AGE_MS = 24 * 60 * 60_000;
/** Between two fetches while keys are at hand. */
const COOLDOWN_MS = 30_000;
/** Between two fetches while there are none, after the first failed: callers are being turned away. */
const RETRY_PAUSE_MS = 5_000;

export type KeyProblem = { readonly tag: "no_such_key" } | { readonly tag: "unreachable"; readonly retryAfterS: number };

export type KeySource = {
  /**
   * The keys that may have signed a token with this header: one when the header names it, otherwise all that fit its algorithm.
   */
  keysFor(header: JWTHeaderParameters): Promise<Result<readonly CryptoKey[], KeyProblem>>;
};

/** How a resolver of jose answers, as a value. */
async function lookUp(
  resolve: (header: JWTHeaderParameters) => Promise<CryptoKey>,
  header: JWTHeaderParameters,
): Promise<readonly CryptoKey[]> {
  try {
    return [await resolve(header)];
  } catch (problem) {
    const keys: CryptoKey[] = [];
    if (problem instanceof errors.JWKSMultipleMatchingKeys) {
      for await (const key of problem) {
        keys.push(key);
        if (keys.length === MAX_KEYS_TRIED) break;
      }
    }
    // A set may also hold keys that cannot be used (of another kind, malformed): to a token they are not there.
    return keys;
  }
}

const found = (keys: readonly CryptoKey[]): Result<readonly CryptoKey[], KeyProblem> =>
  keys.length > 0 ? ok(keys) : err({ tag: "no_such_key" });

function inlineKeys(jwks: JSONWebKeySet): KeySource {
  const resolve = createLocalJWKSet(jwks);
  return { keysFor: async (header) => found(await lookUp(resolve, header)) };
}

/** Redirects are not followed (the library asks for that): a key set is where it was said to be. */
async function fetchBounded(url: string, options: RequestInit): Promise<Response> {
  const answer = await fetch(url, options);
  const body = await readBounded(answer.body as ReadableStream<Uint8Array> | null, MAX_KEY_SET_BYTES);
  if (body === null) throw new RangeError("a key set is larger than is taken");
  return new Response(body as Uint8Array<ArrayBuffer>, { status: answer.status });
}

class RemoteKeys implements KeySource {
  readonly #set: RemoteJWKSet;
  readonly #guard: Guard;
  readonly #name: string;
  readonly #nowMs: () => number;
  #fetchedMs: number | null = null;
  #triedMs: number | null = null;
  #failed = false;
  #fetching: { readonly done: Promise<void>; readonly startedMs: number } | null = null;

  constructor(url: URL, nowMs: () => number, guard: Guard) {
    this.#nowMs = nowMs;
    this.#guard = guard;
    this.#name = `${url.host}${url.pathname}`.slice(0, MAX_NAME_LENGTH);
    // The library fetches, checks and imports; when to fetch is decided here, because its own policy has neither a clock that can
    // be set nor a pause after a failure.
    this.#set = createRemoteJWKSet(url, {
      timeoutDuration: FETCH_TIMEOUT_MS,
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: Number.POSITIVE_INFINITY,
      [customFetch]: fetchBounded,
    });
  }

  async keysFor(header: JWTHeaderParameters): Promise<Result<readonly CryptoKey[], KeyProblem>> {
    if (this.#ageMs() >= CACHE_MAX_AGE_MS && this.#mayFetch()) await this.#fetch();
    if (this.#ageMs() >= LAST_GOOD_MAX_AGE_MS) return this.#unreachable();
    let keys = await lookUp(this.#set, header);
    if (keys.length === 0 && this.#mayFetch()) {
      await this.#fetch();
      keys = await lookUp(this.#set, header);
    }
    // While the issuer is away, a key that is not known here may still be a new one of its own.
    return keys.length === 0 && this.#failed ? this.#unreachable() : found(keys);
  }

  #ageMs(): number {
    return this.#fetchedMs === null ? Number.POSITIVE_INFINITY : this.#nowMs() - this.#fetchedMs;
  }

  #pauseMs(): number {
    return this.#ageMs() < LAST_GOOD_MAX_AGE_MS ? COOLDOWN_MS : RETRY_PAUSE_MS;
  }

  /** With keys at hand one request tries and the others go on with those; without any, all wait for the first answer. */
  #mayFetch(): boolean {
    if (this.#triedMs === null) return true;
    if (this.#ageMs() >= LAST_GOOD_MAX_AGE_MS && !this.#failed) return true;
    return this.#nowMs() - this.#triedMs >= this.#pauseMs();
  }

  /** Whoever asks while a fetch is under way waits for that one: made-up key ids are no way to make many of it. */
  #fetch(): Promise<void> {
    const nowMs = this.#nowMs();
    const underWay = this.#fetching;
    // A request that was cancelled may leave one that never ends.
    if (underWay !== null && nowMs - underWay.startedMs < FETCH_TIMEOUT_MS) return underWay.done;
    const done = this.#fetchNow().finally(() => {
      if (this.#fetching?.done === done) this.#fetching = null;
    });
    this.#fetching = { done, startedMs: nowMs };
    return done;
  }

  async #fetchNow(): Promise<void> {
    this.#triedMs = this.#nowMs();
    const limits = { deadlineMs: FETCH_TIMEOUT_MS, maxAtOnce: MAX_WAITING };
    const fetched = await this.#guard({ kind: "issuer", name: this.#name }, limits, () => this.#set.reload());
    if (fetched.ok) this.#fetchedMs = this.#nowMs();
    this.#failed = !fetched.ok;
  }

  #unreachable(): Result<never, KeyProblem> {
    return err({ tag: "unreachable", retryAfterS: this.#pauseMs() / 1000 });
  }
}

/** Where the keys are: at a URL, or here. The first counts. */
export type KeyPlace = { readonly jwksUrl?: string | undefined; readonly jwks?: JSONWebKeySet | undefined };

/** @param nowMs Unix milliseconds. @param guard what fetches go through. */
export function keySource({ jwksUrl, jwks }: KeyPlace, nowMs: () => number, guard: Guard = deadlineOnly): KeySource {
  return jwksUrl === undefined ? inlineKeys(jwks ?? { keys: [] }) : new RemoteKeys(new URL(jwksUrl), nowMs, guard);
}
