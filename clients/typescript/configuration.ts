/** What decides about calls: its parts, the draft of all of them, and what is in force. */
import { editable, expectation, listed, type Expectation } from "./editable.ts";
import type { NewPublication, NewRollback, NewSettings, Publication } from "./generated.ts";
import { type CallOptions, type Operate, type QueryOf, orNull } from "./operations.ts";
import { type Page, paged } from "./paged.ts";

/** Lists that have rows of their own, which are replaced as a whole, by CSV. */
function rowsOf<Query extends object, Found extends Page<unknown>, Taken>(
  list: (input: { id: string; query: Query }, options?: CallOptions) => Promise<{ readonly body: Found }>,
  replace: (input: { id: string; body: string } & Expectation, options?: CallOptions) => Promise<{ readonly body: Taken }>,
) {
  return {
    list: (id: string, query?: Query, options?: CallOptions) =>
      paged(async (cursor) => {
        const place = cursor === undefined ? {} : { cursor };
        return (await list({ id, query: { ...query, ...place } as Query }, options)).body;
      }),
    /** @param csv with its line of names. All rows, or none. */
    replace: async (id: string, csv: string, { ifMatch, ...options }: Expectation & CallOptions = {}): Promise<Taken> =>
      (await replace({ id, body: csv, ...expectation(ifMatch) }, options)).body,
  };
}

export function configurationOf(operations: Operate) {
  return {
    trunks: editable({
      list: operations.listTrunks,
      create: operations.createTrunk,
      get: operations.getTrunk,
      put: operations.putTrunk,
      patch: operations.updateTrunk,
      remove: operations.deleteTrunk,
    }),
    destinations: editable({
      list: operations.listDestinations,
      create: operations.createDestination,
      get: operations.getDestination,
      put: operations.putDestination,
      patch: operations.updateDestination,
      remove: operations.deleteDestination,
    }),
    routingRules: editable({
      list: operations.listRoutingRules,
      create: operations.createRoutingRule,
      get: operations.getRoutingRule,
      put: operations.putRoutingRule,
      patch: operations.updateRoutingRule,
      remove: operations.deleteRoutingRule,
    }),
    rateTables: editable({
      list: operations.listRateTables,
      create: operations.createRateTable,
      get: operations.getRateTable,
      put: operations.putRateTable,
      patch: operations.updateRateTable,
      remove: operations.deleteRateTable,
    }),
    calendars: editable({
      list: operations.listCalendars,
      create: operations.createCalendar,
      get: operations.getCalendar,
      put: operations.putCalendar,
      patch: operations.updateCalendar,
      remove: operations.deleteCalendar,
    }),
    numberLists: editable({
      list: operations.listNumberLists,
      create: operations.createNumberList,
      get: operations.getNumberList,
      put: operations.putNumberList,
      patch: operations.updateNumberList,
      remove: operations.deleteNumberList,
    }),
    profiles: editable({
      list: operations.listProfiles,
      create: operations.createProfile,
      get: operations.getProfile,
      put: operations.putProfile,
      patch: operations.updateProfile,
      remove: operations.deleteProfile,
    }),
    emergencyRoutes: editable({
      list: operations.listEmergencyRoutes,
      create: operations.createEmergencyRoute,
      get: operations.getEmergencyRoute,
      put: operations.putEmergencyRoute,
      patch: operations.updateEmergencyRoute,
      remove: operations.deleteEmergencyRoute,
    }),
    decisionServices: {
      ...editable({
        list: operations.listDecisionServices,
        create: operations.createDecisionService,
        get: operations.getDecisionService,
        put: operations.putDecisionService,
        patch: operations.updateDecisionService,
        remove: operations.deleteDecisionService,
      }),
      /** The secret that signs the questions, of the version that the draft says. */
      secret: async (id: string, options?: CallOptions) => (await operations.showDecisionServiceSecret({ id }, options)).body,
    },
    rates: rowsOf(operations.listRates, operations.replaceRates),
    numberListEntries: rowsOf(operations.listNumberListEntries, operations.replaceNumberListEntries),
    settings: {
      /** Null before they are written for the first time. */
      get: (options?: CallOptions) => orNull(operations.getSettings({}, options)),
      put: async (body: NewSettings, { ifMatch, ...options }: Expectation & CallOptions = {}) =>
        (await operations.putSettings({ body, ...expectation(ifMatch) }, options)).body,
    },
  };
}

export function publishingOf(operations: Operate) {
  return {
    /** Puts the draft in force; with `dryRun` it only says what that would change. */
    publish: async (body: NewPublication = {}, { ifMatch, ...options }: Expectation & CallOptions = {}): Promise<Publication> =>
      // A job is only answered to who asks for one.
      (await operations.publishConfiguration({ body, ...expectation(ifMatch) }, options)).body as Publication,
    rollBack: async (body: NewRollback, options?: CallOptions) =>
      (await operations.rollBackConfiguration({ body }, options)).body,
    versions: listed(operations.listConfigurationVersions),
    compare: async (query: QueryOf<"compareConfigurations"> = {}, options?: CallOptions) =>
      (await operations.compareConfigurations({ query }, options)).body,
    /** Null when there is none, or no longer. */
    job: (id: string, options?: CallOptions) => orNull(operations.getJob({ id }, options)),
  };
}
