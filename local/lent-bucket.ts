/**
 * The emergency lane's configuration bucket, lent to the standard lane, which is another process with storage of its own.
 *
 * Two workerd processes on one storage folder do not work: tried with the pinned versions, one put in ten fails with "database is
 * locked", and a reader beside a single writer sometimes finds an object's content already replaced. So the lane that owns the bucket
 * answers for it on a socket, in the protocol that R2 bindings speak anyhow: what is bound on the other side is a complete `R2Bucket`,
 * with conditions, ranges and checksums. Miniflare lets a plugin name the services of bindings; this is that plugin, for both sides.
 */
import { fileURLToPath } from "node:url";
import { type Plugin, ProxyNodeBinding } from "miniflare";

/** Only who knows the token, the other lane, gets to the bucket: other users of the machine do not. */
export type LentBucket = { readonly bucket: string; readonly port: number; readonly token: string };

type WorkerOptions = Parameters<Plugin["getBindings"]>[0];
type UnsafeBinding = {
  readonly name: string;
  readonly type: string;
  readonly plugin: { readonly package: string; readonly name: string };
  readonly options: LentBucket;
};

const HOST = "127.0.0.1";
const LENT = "lent-bucket";
const BORROWED = "borrowed-bucket";
const TOKEN_HEADER = "trunkline-bucket-token";
/** Miniflare's service for all R2 buckets of a process, and the property that tells it which one. */
const R2_SERVICE = "r2:bucket:entry";
const R2_BUCKET_PROPERTY = "MINIFLARE_NAMESPACE";

const COMPATIBILITY_DATE = "2026-10-23";
const LENDER_SCRIPT = `export default {
  fetch: (request, env) =>
    request.headers.get("${TOKEN_HEADER}") === env.TOKEN ? env.BUCKET.fetch(request) : new Response(null, { status: 403 }),
};`;

const binding = (name: string, type: string, lent: LentBucket): UnsafeBinding => ({
  name,
  type,
  plugin: { package: fileURLToPath(import.meta.url), name: type },
  options: lent,
});

/** For `unsafeBindings` of the Worker that borrows. */
export const borrowedBucket = (name: string, lent: LentBucket): UnsafeBinding => binding(name, BORROWED, lent);

/** A Worker beside the one that has the bucket bound. */
export const lendingWorker = (lent: LentBucket) => ({
  name: LENT,
  compatibilityDate: COMPATIBILITY_DATE,
  modules: true as const,
  script: LENDER_SCRIPT,
  bindings: { TOKEN: lent.token },
  unsafeBindings: [binding("BUCKET", LENT, lent)],
  unsafeDirectSockets: [{ host: HOST, port: lent.port }],
});

function bound({ config }: WorkerOptions, type: string): readonly (readonly [name: string, lent: LentBucket])[] {
  const entries = Object.entries((config.env ?? {}) as Readonly<Record<string, { type: string; dev?: { options?: unknown } }>>);
  return entries.flatMap(([name, each]) =>
    each.type === `unsafe:${type}` ? [[name, each.dev?.options as LentBucket] as const] : [],
  );
}

const serviceOf = (name: string): string => `${BORROWED}:${name}`;

/** Read by Miniflare. */
export const plugins: Readonly<Record<string, Plugin>> = {
  [LENT]: {
    getBindings: (options) =>
      bound(options, LENT).map(([name, { bucket }]) => ({
        name,
        service: { name: R2_SERVICE, props: { json: JSON.stringify({ [R2_BUCKET_PROPERTY]: bucket }) } },
      })),
    getNodeBindings: () => ({}),
    getServices: () => [],
  },
  [BORROWED]: {
    getBindings: (options) => bound(options, BORROWED).map(([name]) => ({ name, r2Bucket: { name: serviceOf(name) } })),
    getNodeBindings: (options) => Object.fromEntries(bound(options, BORROWED).map(([name]) => [name, new ProxyNodeBinding()])),
    getServices: ({ options }) =>
      bound(options, BORROWED).map(([name, { port, token }]) => ({
        name: serviceOf(name),
        external: { address: `${HOST}:${port}`, http: { injectRequestHeaders: [{ name: TOKEN_HEADER, value: token }] } },
      })),
  },
};
