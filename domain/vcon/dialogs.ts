/** What became of a call, as Dialog objects (draft-ietf-vcon-vcon-core-04 §4.3). */
import { type ReplayedEvent, type Replayed, nameOf } from "../call/replay.ts";
import type { Disposition } from "../call/state.ts";
import type { VconParty } from "./parties.ts";
import { partyOf } from "./parties.ts";
import type { TenantId } from "../shared/ids.ts";

export type IncompleteBecause = "no-answer" | "congestion" | "failed" | "busy" | "hung-up";

type PartyEvent = { readonly party: number; readonly time: string; readonly event: "join" | "drop" };

export type VconDialog =
  | {
      /**
       * They talked. Where there is a recording, `mediatype`, `url` and `content_hash` go in here (§2.3, §4.3.3); without them it says when, how
       * long and who.
       */
      readonly type: "recording";
      readonly start: string;
      /** Seconds. */
      readonly duration: number;
      readonly parties: readonly number[];
      readonly originator: number;
      readonly application: string;
      readonly party_history: readonly PartyEvent[];
    }
  | {
      readonly type: "incomplete";
      readonly start: string;
      readonly parties: readonly number[];
      readonly originator: number;
      readonly application: string;
      readonly disposition: IncompleteBecause;
    }
  | {
      readonly type: "transfer";
      readonly start: string;
      readonly application: string;
      readonly transferee: number;
      readonly transferor: number;
      readonly transfer_target: number;
      readonly original?: number;
      readonly target_dialog?: number;
    };

export const CALLER = 0;
export const CALLEE = 1;
/** The dialog that the call itself is. */
export const CALL = 0;
const APPLICATION = "trunkline";

const BECAUSE: Readonly<Record<Disposition, IncompleteBecause>> = {
  // Somebody reported an end and nobody an answer: they hung up before.
  answered: "hung-up",
  busy: "busy",
  no_answer: "no-answer",
  declined: "busy",
  cancelled: "hung-up",
  not_found: "failed",
  unreachable: "congestion",
  rejected: "failed",
  timeout: "failed",
};

const iso = (ms: number): string => new Date(ms).toISOString();

/** When they began to talk; null: they did not. Of a call that another system records, that is its beginning. */
function talkFrom({ state, recorded }: Replayed): number | null {
  return state.answeredAtMs ?? (recorded ? state.startedAtMs : null);
}

function callDialog(session: Replayed): VconDialog {
  const { state, createdMs, newsMs } = session;
  const shared = { parties: [CALLER, CALLEE], originator: CALLER, application: APPLICATION } as const;
  const fromMs = talkFrom(session);
  if (fromMs === null)
    return {
      type: "incomplete",
      start: iso(state.startedAtMs ?? createdMs),
      ...shared,
      disposition: state.disposition === null ? "failed" : (BECAUSE[state.disposition] ?? "failed"),
    };
  // Carriers' clocks differ: nobody leaves before they came.
  const toMs = Math.max(fromMs, state.endedAtMs ?? newsMs);
  const all = (event: "join" | "drop", ms: number): PartyEvent[] =>
    [CALLER, CALLEE].map((party) => ({ party, time: iso(ms), event }));
  return {
    type: "recording",
    start: iso(fromMs),
    duration: (toMs - fromMs) / 1000,
    ...shared,
    party_history: [...all("join", fromMs), ...all("drop", toMs)],
  };
}

export type Told = { readonly parties: readonly VconParty[]; readonly dialogs: readonly VconDialog[] };

/**
 * The call, and a transfer for each redirection. What was being talked then is its `original`; where nobody had answered yet, the call went on
 * with the last target and is its `target_dialog`.
 */
export function dialogsOf(tenant: TenantId, session: Replayed, events: readonly ReplayedEvent[]): Told {
  const redirections = events
    .filter(({ type }) => nameOf(type) === "session.redirected")
    .toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1));
  const talkMs = talkFrom(session);
  const wasTalking = ({ time }: ReplayedEvent) => talkMs !== null && Date.parse(time) >= talkMs;
  const lastBefore = redirections.findLast((each) => !wasTalking(each));
  const uriOf = ({ data }: ReplayedEvent) => (typeof data["uri"] === "string" ? data["uri"] : null);
  const transfers = redirections.map((each, index): VconDialog => ({
    type: "transfer",
    start: each.time,
    application: APPLICATION,
    transferee: CALLER,
    transferor: CALLEE,
    transfer_target: CALLEE + 1 + index,
    ...(wasTalking(each) ? { original: CALL } : {}),
    ...(each === lastBefore ? { target_dialog: CALL } : {}),
  }));
  return {
    parties: redirections.map((each) => partyOf(uriOf(each), tenant)),
    dialogs: [callDialog(session), ...transfers],
  };
}
