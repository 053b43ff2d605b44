/** Rules in rows: conditions that most of many rules consist of stand in columns, so that the rest is empty. */
import type { Conditions } from "../../../domain/configuration/model.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { routingRules } from "../../../schema/index.ts";
import { hasOneOf, isTrue, kindTable, oneOf, oneOfOrNone } from "./kind-table.ts";

type InColumns = { readonly trunks: string[] | null; readonly calleePrefix: string | null; readonly conditions: Conditions };

function intoColumns(when: Conditions): InColumns {
  const { trunk, callee, ...others } = when;
  const [prefix, second] = callee?.prefix ?? [];
  const isOnePrefix = callee !== undefined && Object.keys(callee).length === 1 && prefix !== undefined && second === undefined;
  return {
    trunks: trunk === undefined ? null : [...trunk],
    calleePrefix: isOnePrefix ? prefix : null,
    conditions: callee === undefined || isOnePrefix ? others : { callee, ...others },
  };
}

function outOfColumns({ trunks, calleePrefix, conditions }: InColumns): Conditions {
  return {
    ...(trunks === null ? {} : { trunk: trunks as TrunkId[] }),
    ...(calleePrefix === null ? {} : { callee: { prefix: [calleePrefix] } }),
    ...conditions,
  };
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

export const routingRuleTable = kindTable({
  kind: "routing-rules",
  table: routingRules,
  key: ["id"],
  toRow: ({ when, activeFromMs, activeUntilMs, ...rule }) => ({
    ...rule,
    ...intoColumns(when),
    activeFrom: dateOf(activeFromMs),
    activeUntil: dateOf(activeUntilMs),
  }),
  fromRow: ({ trunks, calleePrefix, conditions, activeFrom, activeUntil, ...rule }) => ({
    ...rule,
    when: outOfColumns({ trunks, calleePrefix, conditions }),
    activeFromMs: activeFrom?.getTime() ?? null,
    activeUntilMs: activeUntil?.getTime() ?? null,
  }),
  filters: {
    group: oneOfOrNone(routingRules.group),
    enabled: isTrue(routingRules.enabled),
    blocker: isTrue(routingRules.blocker),
    action: oneOf(routingRules.actionType),
    trunk: hasOneOf(routingRules.trunks),
    calleePrefix: oneOf(routingRules.calleePrefix),
  },
});
