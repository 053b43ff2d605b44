/** What the objects of webhook endpoints ask their Worker, by its own exports: only here are the event store and the database at hand. */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { TextMatch } from "../domain/events/query/query.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import type { Disabled, HandedEvent } from "../domain/webhooks/delivery.ts";
import type { StoredPage, StoredRequest, WebhookDesk as Desk } from "../domain/webhooks/desk.ts";
import { depsOf } from "./deps.ts";
import { listEvents } from "./events/list.ts";
import { publishAccess } from "./publishing.ts";
import { currentLine } from "./webhooks/current-event.ts";
import { noteDisabled } from "./webhooks/note-disabled.ts";

/** Events of a page. */
const PAGE_EVENTS = 500;
/** UTF-16 units of a page's events together: long ones make a page short. */
const MAX_PAGE_UNITS = 4 * 1024 * 1024;

const matchOf = (wanted: string): TextMatch =>
  wanted.endsWith("*") ? { tag: "prefix", value: wanted.slice(0, -1) } : { tag: "exact", value: wanted };

export class WebhookDesk extends WorkerEntrypoint<Env> implements Desk {
  async storedEvents({ tenant, eventTypes, fromMs, toMs, place }: StoredRequest): Promise<StoredPage> {
    const period = { recordedFromMs: fromMs, recordedToMs: toMs };
    const page = await listEvents(depsOf(this.env).events, {
      tenant,
      filter: eventTypes.length === 0 ? period : { ...period, type: eventTypes.map(matchOf) },
      order: "oldest_first",
      after: place,
      limit: PAGE_EVENTS,
    });
    const events: HandedEvent[] = [];
    let units = 0;
    for (const { line, event } of page.items) {
      units += line.length;
      if (events.length > 0 && units > MAX_PAGE_UNITS) return { events, place: events.at(-1)!.id };
      events.push({ id: event.id, subject: event.subject ?? null, line });
    }
    return { events, place: page.next };
  }

  async current(tenant: TenantId, event: HandedEvent): Promise<string> {
    const { events, environment } = depsOf(this.env);
    return currentLine(events, environment.LANE, tenant, event);
  }

  async noteDisabled(tenant: TenantId, endpoint: string, disabled: Disabled): Promise<boolean> {
    const deps = depsOf(this.env);
    const ports = { ...deps, nowMs: deps.clock.nowMs, publishAccess: (whose: TenantId) => publishAccess(deps, whose) };
    return noteDisabled(ports, tenant, endpoint, disabled);
  }
}
