/** Chapters of the reference, in the order in which it has them. */
export const TAGS = {
  Calls: "Calls are announced and routed; what is kept of a call in the end.",
  Sessions: "Every call is a session: its record, its events, and what people and programs tell it to do.",
  Live: "Sessions as they happen, over WebSockets.",
  Routing: "Why a call goes where it goes, and what another configuration would have done.",
  Configuration: "The draft of what routes calls, entity by entity, as tables and as a whole.",
  Publishing: "Drafts become what is in force.",
  Events: "The event store: events of calls, from any telephony system, stored and found again.",
  Retention: "How long events stay, what must stay, and what must go.",
  Analytics: "Figures over many sessions.",
  Access: "Who may act for a tenant: API keys, issuers of tokens, secrets of trunks.",
  People: "The tenant, its users, their roles and invitations.",
  Audit: "What was done, by whom.",
  Webhooks: "Events that are sent to endpoints of the tenant.",
  Peers: "What PBXs and carriers say in their own dialects.",
  Operations: "Seen from outside: alive, ready, counted, described.",
} as const;
export type TagName = keyof typeof TAGS;
