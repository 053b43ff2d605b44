/** A plan in words. */
import type { CallAnswer, Plan } from "./answers.ts";
import { bold, columns, dim, line } from "./narrator.ts";

const MS_PER_SECOND = 1_000;
/** Busy Here, RFC 3261 §21.4.24. */
const SIP_BUSY = 486;

function destinations({ destinations: planned }: Plan): void {
  for (const [place, { id, uri, ringTimeoutMs }] of planned.entries()) {
    columns(
      [`destination ${place}`, 13, dim],
      [id, 11, bold],
      [uri, 34],
      [`rings up to ${ringTimeoutMs / MS_PER_SECOND} s`, 0, dim],
    );
  }
}

/** @param why stands for the rule where none decided. */
export function showPlan({ id, lane, plan }: CallAnswer, why = "no rule"): void {
  columns(["session", 13, dim], [id, 36], [`${lane} lane`, 0, bold]);
  columns(
    ["decided by", 13, dim],
    [plan.ruleId === null ? why : `rule ${plan.ruleId}`, 36, bold],
    [`configuration ${plan.snapshotVersion ?? "static"}`, 0, dim],
  );
  if (plan.reject !== undefined) {
    line(`${dim("answer".padEnd(13))} ${bold(`SIP ${plan.reject.sipCode} ${plan.reject.reason}`)}`);
    return;
  }
  destinations(plan);
  const causes = plan.destinations[0]?.rerouteCauses ?? [];
  const note = causes.includes(SIP_BUSY) ? "also when busy or declined" : "never when busy or declined";
  columns(["next one on", 13, dim], [causes.join(", "), 0], [note, 0, dim]);
}
