/** Who may do what: people, their roles, keys, and who vouches for tokens. */
import { type Expectation, expectation, found, listed, updating } from "./editable.ts";
import type { ApiKeyRotation, NewApiKey, NewInvitation } from "./generated.ts";
import type { Answered, CallOptions, Operate } from "./operations.ts";
import type { Page } from "./paged.ts";

type Given = { readonly id: string };

/** Things whose ids whoever writes them chooses. */
function named<Item, Content, Query extends object, Found extends Page<Item>>(operations: {
  readonly list: (input: { readonly query: Query }, options?: CallOptions) => Promise<Answered<Found>>;
  readonly get: (input: Given, options?: CallOptions) => Promise<Answered<Item>>;
  readonly put: (input: Given & Expectation & { readonly body: Content }, options?: CallOptions) => Promise<Answered<Item>>;
  readonly remove: (input: Given & Expectation, options?: CallOptions) => Promise<Answered<undefined>>;
}) {
  const { put, remove } = operations;
  return {
    list: listed(operations.list),
    /** Null when there is none of this id. */
    get: found(operations.get),
    /** Makes it, or replaces it. */
    put: async (
      id: string,
      body: Content,
      { ifMatch, ifNoneMatch, ...options }: Expectation & CallOptions = {},
    ): Promise<Item> => (await put({ id, body, ...expectation(ifMatch, ifNoneMatch) }, options)).body,
    /** Reads it, replaces it by what the function gives, and begins again when somebody was faster. */
    update: updating(operations.get, put),
    delete: async (id: string, { ifMatch, ...options }: Expectation & CallOptions = {}): Promise<void> => {
      await remove({ id, ...expectation(ifMatch) }, options);
    },
  };
}

export function accessOf(operations: Operate) {
  return {
    /** A key is shown once, in the answer that makes it. */
    apiKeys: {
      list: listed(operations.listApiKeys),
      get: found(operations.getApiKey),
      create: async (body: NewApiKey, options?: CallOptions) => (await operations.createApiKey({ body }, options)).body,
      /** A new key; the old one lives on for the overlap. */
      rotate: async (id: string, body: ApiKeyRotation = {}, options?: CallOptions) =>
        (await operations.rotateApiKey({ id, body }, options)).body,
      revoke: async (id: string, options?: CallOptions) =>
        (await operations.revokeApiKey({ id }, { ...options, isRepeatable: true })).body,
    },
    users: named({
      list: operations.listUsers,
      get: operations.getUser,
      put: operations.putUser,
      remove: operations.deleteUser,
    }),
    roles: named({
      list: operations.listRoles,
      get: operations.getRole,
      put: operations.putRole,
      remove: operations.deleteRole,
    }),
    issuers: named({
      list: operations.listIssuers,
      get: operations.getIssuer,
      put: operations.putIssuer,
      remove: operations.deleteIssuer,
    }),
    invitations: {
      list: listed(operations.listInvitations),
      get: found(operations.getInvitation),
      /** Its token is shown once, in this answer. */
      create: async (body: NewInvitation, options?: CallOptions) => (await operations.createInvitation({ body }, options)).body,
      accept: async (token: string, options?: CallOptions) =>
        (await operations.acceptInvitation({ body: { token } }, options)).body,
      revoke: async (id: string, options?: CallOptions) => (await operations.revokeInvitation({ id }, options)).body,
    },
    tenants: {
      list: listed(operations.listTenants),
      get: found(operations.getTenant),
      update: updating(operations.getTenant, operations.updateTenant),
    },
  };
}
