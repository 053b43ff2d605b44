/** Where events are sent to, and what became of each delivery. Receivers verify them with the package `standardwebhooks`. */
import { type Expectation, expectation, found, listed, updating } from "./editable.ts";
import type { WebhookInput } from "./generated.ts";
import type { CallOptions, Operate, QueryOf } from "./operations.ts";
import { paged } from "./paged.ts";

export function webhooksOf(operations: Operate) {
  return {
    list: listed(operations.listWebhooks),
    /** Null when there is none of this id. */
    get: found(operations.getWebhook),
    /** Its secret is in this answer, and in that of `rotateSecret`. */
    create: async (body: WebhookInput, options?: CallOptions) => (await operations.createWebhook({ body }, options)).body,
    put: async (id: string, body: WebhookInput, { ifMatch, ...options }: Expectation & CallOptions = {}) =>
      (await operations.putWebhook({ id, body, ...expectation(ifMatch) }, options)).body,
    /** Reads it, replaces it by what the function gives, and begins again when somebody was faster. */
    update: updating(operations.getWebhook, operations.putWebhook),
    delete: async (id: string, { ifMatch, ...options }: Expectation & CallOptions = {}): Promise<void> => {
      await operations.removeWebhook({ id, ...expectation(ifMatch) }, options);
    },
    enable: async (id: string, options?: CallOptions) =>
      (await operations.enableWebhook({ id }, { ...options, isRepeatable: true })).body,
    rotateSecret: async (id: string, options?: CallOptions) => (await operations.rotateWebhookSecret({ id }, options)).body,
    test: async (id: string, options?: CallOptions) => (await operations.testWebhook({ id }, options)).body,
    /** Delivers again what was recorded in a time. */
    replay: async (id: string, query: QueryOf<"replayWebhook"> = {}, options?: CallOptions) =>
      (await operations.replayWebhook({ id, query }, options)).body,
    deliveries: (id: string, query: QueryOf<"listDeliveries"> = {}, options?: CallOptions) =>
      paged(async (cursor) => {
        const place = cursor === undefined ? {} : { cursor };
        return (await operations.listDeliveries({ id, query: { ...query, ...place } }, options)).body;
      }),
  };
}
