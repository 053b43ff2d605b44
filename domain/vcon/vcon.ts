/** An ended session as vCon: unsigned, in the form of draft-ietf-vcon-vcon-core-04. */
import { type Replayed, nameOf } from "../call/replay.ts";
import { isTerminal } from "../call/state.ts";
import type { CloudEvent } from "../events/event.ts";
import type { SessionId, TenantId } from "../shared/ids.ts";
import { CALL, CALLER, type VconDialog, dialogsOf } from "./dialogs.ts";
import { type VconParty, partyOf, placeOf } from "./parties.ts";

export const VCON_VERSION = "0.4.0";
/** As the draft registers it. */
export const VCON_TYPE = "application/vcon";
/** CloudEvents JSON format §4. */
const BATCH_TYPE = "application/cloudevents-batch+json";

export type VconAttachment = {
  readonly purpose: string;
  readonly start: string;
  readonly party: number;
  readonly dialog: number;
  readonly mediatype: string;
  readonly filename: string;
  readonly encoding: "json";
  readonly body: readonly CloudEvent[];
};

export type Vcon = {
  readonly vcon: typeof VCON_VERSION;
  readonly uuid: string;
  readonly created_at: string;
  readonly updated_at?: string;
  readonly parties: readonly VconParty[];
  readonly dialog: readonly VconDialog[];
  readonly attachments: readonly VconAttachment[];
};

const VERSION_DIGIT = 14;

/** The same for the same session always, and of version 8, as the draft asks: where the session's id is of another one, with that digit. */
export const vconIdOf = (session: SessionId): string =>
  `${session.slice(0, VERSION_DIGIT)}8${session.slice(VERSION_DIGIT + 1)}`;

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);

const END = /^session\.(?:completed|escalated|failed)$/;

/**
 * @param session all of its events, replayed. @param events those, each once.
 * @returns null: the session goes on.
 */
export function vconOf(
  owner: { readonly id: SessionId; readonly tenant: TenantId },
  session: Replayed,
  events: readonly CloudEvent[],
): Vcon | null {
  if (!isTerminal(session.state.phase)) return null;
  const { call, createdMs, newsMs } = session;
  const redirected = dialogsOf(owner.tenant, session, events);
  const ordered = events.toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1));
  // It is one from the session's end on; what comes later changes it.
  const end = ordered.find(({ type }) => END.test(nameOf(type) ?? ""));
  const createdAt = end?.recordedtime ?? new Date(newsMs).toISOString();
  const updatedAt = new Date(newsMs).toISOString();
  return {
    vcon: VCON_VERSION,
    uuid: vconIdOf(owner.id),
    created_at: createdAt,
    ...(updatedAt === createdAt ? {} : { updated_at: updatedAt }),
    parties: [
      { ...partyOf(text(call?.["from"]), owner.tenant), ...placeOf(call?.["location"]) },
      partyOf(text(call?.["to"]), owner.tenant),
      ...redirected.parties,
    ],
    dialog: redirected.dialogs,
    attachments: [
      {
        purpose: "events",
        start: new Date(createdMs).toISOString(),
        party: CALLER,
        dialog: CALL,
        mediatype: BATCH_TYPE,
        filename: "events.json",
        encoding: "json",
        body: ordered,
      },
    ],
  };
}
