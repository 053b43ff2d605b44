/** Sessions, and the calls that they are of. */
import type { NewSession, SessionAmendment, SessionCommand, SessionEnd } from "./generated.ts";
import { type Expectation, expectation, found, listed, updating } from "./editable.ts";
import type { CallOptions, InputOf, Operate, QueryOf } from "./operations.ts";
import { paged } from "./paged.ts";

export function sessionsOf(operations: Operate) {
  return {
    /** Newest first, unless `sort` says otherwise. */
    list: listed(operations.listSessions),
    /** Null when there is none of this id. */
    get: found(operations.getSession),
    /** Keeps the record of a call that another system handles. */
    create: async (body: NewSession, options?: CallOptions) => (await operations.recordSession({ body }, options)).body,
    amend: async (id: string, body: SessionAmendment, { ifMatch, ...options }: Expectation & CallOptions = {}) =>
      (await operations.amendSession({ id, body, ...expectation(ifMatch) }, options)).body,
    /** Reads the session, amends it as the function says, and begins again when somebody was faster. */
    update: updating(operations.getSession, operations.amendSession),
    end: async (id: string, body: SessionEnd = {}, options?: CallOptions) =>
      (await operations.endSession({ id, body }, options)).body,
    delete: async (id: string, options?: CallOptions): Promise<void> => {
      await operations.deleteSession({ id }, options);
    },
    events: (id: string, query: QueryOf<"listSessionEvents"> = {}, options?: CallOptions) =>
      paged(async (cursor) => {
        const place = cursor === undefined ? {} : { cursor };
        return (await operations.listSessionEvents({ id, query: { ...query, ...place } }, options)).body;
      }),
    /** Tells what a switch or a carrier has seen of the call. */
    report: async (id: string, body: InputOf<"reportOnSession">["body"], options?: CallOptions) =>
      (await operations.reportOnSession({ id, body }, options)).body,
    /** Carried out once: commands are known again by their ids, and one without gets one. */
    command: async (id: string, command: SessionCommand, options?: CallOptions) => {
      const body = { ...command, id: command.id ?? crypto.randomUUID() };
      return (await operations.commandSession({ id, body }, { ...options, isRepeatable: true })).body;
    },
  };
}
