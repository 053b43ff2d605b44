/** Generated from the interface description by `npm run openapi -- client`; not to be edited. */

/** Of several values one is enough, where a parameter takes several. */
export type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;

/** A call. Unknown members are ignored, and named in `warnings`; of an emergency call, so is whatever is malformed. */
export type NewCall = {
  readonly from: string;
  readonly to: string;
  readonly channel: ("mobile" | "pbx" | "api");
  readonly trunk?: string;
  readonly priority?: ("high" | "normal" | "low");
  readonly location?: ((string | {
    readonly type: "pidf-lo";
    /** PIDF-LO (RFC 4119, RFC 5491) as XML. */
    readonly xml: string;
  }) | ({
    readonly type: "geodetic";
    readonly latitude: number;
    readonly longitude: number;
    readonly uncertaintyM?: number;
    readonly altitudeM?: number;
  } | {
    readonly type: "civic";
    readonly country: string;
    readonly region?: string;
    readonly county?: string;
    readonly city?: string;
    readonly district?: string;
    readonly street?: string;
    readonly houseNumber?: string;
    readonly postalCode?: string;
    readonly place?: string;
    readonly building?: string;
    readonly unit?: string;
    readonly floor?: string;
    readonly room?: string;
    readonly details?: string;
  }));
  readonly metadata?: {
    readonly [name: string]: unknown;
  };
  readonly callId?: string;
  readonly trail?: string;
  readonly callback?: boolean;
};

export type Call = {
  /** The session's id. */
  readonly id: string;
  readonly lane: ("standard" | "emergency");
  readonly state: ("queued" | "initiating" | "ringing" | "active" | "ending" | "completed" | "escalated" | "failed");
  readonly plan: Plan;
  /** What the answering point's side is to be told of a call for help. */
  readonly emergency?: {
    /** `urn:service:sos` or a sub-service (RFC 5031). */
    readonly service: string;
    /** True: it exercises the path, and nobody is in need. */
    readonly isTest: boolean;
    /** E.164, where the caller can be called back; null: no number is known. */
    readonly callback: (string | null);
    /** The number that is dialled at an answering point, without an outside prefix. */
    readonly dialled?: string;
    /** For the header `Resource-Priority` (RFC 4412, RFC 7135); tests have none. */
    readonly resourcePriority?: "esnet.1";
    /** For the header `Geolocation` (RFC 6442): where the location is to be had. */
    readonly geolocation?: string;
  };
  /** What was ignored. */
  readonly warnings?: readonly ({
    readonly pointer: string;
    readonly code: string;
    readonly detail: string;
  })[];
};

/** What becomes of a call. */
export type Plan = {
  readonly action: ("route" | "reject");
  /** Who tries the destinations: who asked, or Trunkline. */
  readonly executor: ("peer" | "self");
  /** The account through which Trunkline dials. */
  readonly carrier?: string;
  readonly silence?: {
    readonly setupMs?: number;
    readonly activeMs?: number;
  };
  /** In the order in which they are tried. */
  readonly destinations: readonly ({
    readonly id: string;
    readonly type: ("sip" | "number" | "queue" | "agent_flow");
    /** A SIP URI with the called number filled in. */
    readonly uri: string;
    readonly ringTimeoutMs: number;
    /** After which the next destination is tried. */
    readonly rerouteCauses: readonly (("unreachable" | number))[];
    /** Name of the queue or of the conversation flow. */
    readonly target?: string;
    readonly chargeable?: true;
    readonly rate?: {
      readonly perMinuteMicros: number;
      readonly connectMicros: number;
      readonly incrementS: number;
    };
    /** Rings at the same time as the destination before it. */
    readonly together?: true;
  })[];
  /** Where the action is `reject`. */
  readonly reject?: {
    readonly sipCode: number;
    readonly reason: string;
  };
  /** What the caller is told when every destination has failed. */
  readonly otherwise?: {
    readonly sipCode: number;
    readonly reason: string;
  };
  /** As the callee is to see it. */
  readonly caller?: {
    readonly number: (string | null);
    readonly isPrivate: boolean;
  };
  readonly maxDurationMs?: number;
  /** To be given back when the call returns. */
  readonly trail?: string;
  /** There where somebody calls for help. */
  readonly emergency?: {
    /** `urn:service:sos` or a sub-service (RFC 5031). */
    readonly service: string;
    /** True: it exercises the path, and nobody is in need. */
    readonly isTest: boolean;
    /** E.164, where the caller can be called back; null: no number is known. */
    readonly callback: (string | null);
    /** The number that is dialled at an answering point, without an outside prefix. */
    readonly dialled?: string;
  };
  readonly decidedBy: ("rule" | "blocker" | "profile" | "toll_policy" | "toll_limit" | "loop" | "no_route" | "capacity" | "decision_service" | "emergency" | "static_emergency");
  readonly ruleId: (string | null);
  /** Rules that matched, best first. */
  readonly candidates: readonly string[];
  /** The configuration that decided; null: static routes did. */
  readonly snapshotVersion: (string | null);
  readonly rewrittenTo?: string;
  /** There where a rule asks a decision service. */
  readonly asked?: {
    readonly service: string;
    readonly outcome: ("answered" | "cached" | "fallback");
    /** Why the rule's `otherwise` decided. */
    readonly because?: ("timeout" | "open" | "full" | "failed" | "bad_answer" | "declined" | "disabled" | "not_asked");
    readonly answer?: ({
      readonly action: "route";
      readonly destinations: readonly string[];
    } | {
      readonly action: "reject";
      readonly sipCode: number;
      readonly reason: string;
    } | {
      readonly action: "decline";
    });
  };
};

/** A session in lists; with `fields`, as much of it as was asked for. */
export type ListedSession = {
  readonly lane?: ("standard" | "emergency");
  readonly status?: ("ongoing" | "completed" | "failed");
  readonly state?: ("queued" | "initiating" | "ringing" | "active" | "ending" | "completed" | "escalated" | "failed");
  /** Of another system, which keeps its record here. */
  readonly recorded?: boolean;
  readonly direction?: (("inbound" | "outbound" | "internal") | null);
  /** What somebody set, else how the network ended it. */
  readonly disposition?: (string | null);
  /** The SIP status that ended it. */
  readonly endCode?: (number | null);
  readonly channel?: (("mobile" | "pbx" | "api") | null);
  readonly trunk?: (string | null);
  readonly priority?: (("high" | "normal" | "low") | null);
  readonly from?: (string | null);
  readonly to?: (string | null);
  /** The call's id at the other side. */
  readonly callId?: (string | null);
  readonly metadata?: {
    readonly [name: string]: unknown;
  };
  readonly tags?: readonly string[];
  readonly openedAt?: (string | null);
  readonly ringingAt?: (string | null);
  readonly answeredAt?: (string | null);
  readonly endedAt?: (string | null);
  /** From its opening to its end. */
  readonly durationMs?: (number | null);
  readonly talkMs?: (number | null);
  readonly updatedAt?: (string | null);
  readonly lastSequence?: number;
  readonly ruleId?: (string | null);
  /** The one of the plan that was tried last, or that answered. */
  readonly destination?: (string | null);
  readonly snapshotVersion?: (string | null);
  /** With `include=events`, oldest first. */
  readonly events?: readonly Event[];
  /** Whether `events` is all of them by now. */
  readonly eventsComplete?: boolean;
  readonly id: string;
};

/** A page of sessions. It may be short: only the absence of `nextCursor` is the end. */
export type SessionPage = {
  readonly items: readonly ListedSession[];
  /** Everything acknowledged before is in it; null: nobody can tell. */
  readonly asOf: (string | null);
  /** The database does not answer: what it alone has is missing. */
  readonly partial?: true;
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type NewSession = {
  readonly callerId: string;
  readonly calleeId: string;
  readonly startedAt: (string | (number | string));
  readonly initialMetadata?: {
    readonly [name: string]: unknown;
  };
  readonly direction?: ("inbound" | "outbound" | "internal");
  readonly trunk?: string;
  readonly callId?: string;
  readonly tags?: readonly string[];
};

export type SessionAmendment = {
  readonly metadata?: ({
    readonly [name: string]: unknown;
  } | null);
  readonly disposition?: (string | null);
  readonly tags?: (readonly string[] | null);
};

export type SessionEnd = {
  readonly endedAt?: (string | (number | string));
  readonly disposition?: string;
};

export type SessionEvents = {
  readonly items: readonly Event[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

/** A report on a call; on a recorded session an event of your own type. */
export type SessionNews = ({
  readonly id?: ((string | number) | null);
  readonly type: (("call.started" | "call.ringing" | "call.failover" | "call.answered" | "call.ended" | "call.failed" | "call.cancelled") | ("started" | "ringing" | "failover" | "answered" | "ended" | "failed" | "cancelled"));
  readonly sipCode?: ((number | string) | null);
  readonly q850?: ((number | string) | null);
  readonly contact?: (string | null);
  readonly routeIndex?: ((number | string) | null);
  readonly reason?: (string | null);
  readonly at?: ((string | (number | string)) | null);
} | {
  readonly type: string;
  readonly time?: (string | (number | string));
  readonly data?: {
    readonly [name: string]: unknown;
  };
  readonly id?: string;
});

export type SessionNewsTaken = {
  readonly applied: boolean;
  readonly id: string;
  readonly state: ("queued" | "initiating" | "ringing" | "active" | "ending" | "completed" | "escalated" | "failed");
};

/** An ended session as vCon, unsigned (draft-ietf-vcon-vcon-core-04). */
export type Vcon = {
  readonly vcon: "0.4.0";
  readonly uuid: string;
  readonly created_at: string;
  readonly updated_at?: string;
  readonly parties: readonly ({
    readonly tel?: string;
    readonly sip?: string;
    readonly name?: string;
    /** Latitude and longitude, WGS 84. */
    readonly gmlpos?: string;
    /** By the names of RFC 5139 in lower case. */
    readonly civicaddress?: {
      readonly [name: string]: string;
    };
  })[];
  readonly dialog: readonly ({
    readonly type: ("recording" | "incomplete" | "transfer");
    readonly start: string;
    /** Seconds. */
    readonly duration?: number;
    readonly parties?: readonly number[];
    readonly originator?: number;
    readonly application: string;
    readonly party_history?: readonly ({
      readonly party: number;
      readonly time: string;
      readonly event: ("join" | "drop");
    })[];
    readonly disposition?: ("no-answer" | "congestion" | "failed" | "busy" | "hung-up");
    readonly transferee?: number;
    readonly transferor?: number;
    readonly transfer_target?: number;
    readonly original?: number;
    readonly target_dialog?: number;
  })[];
  readonly attachments: readonly ({
    readonly purpose: string;
    readonly start: string;
    readonly party: number;
    readonly dialog: number;
    readonly mediatype: string;
    readonly filename: string;
    readonly encoding: "json";
    readonly body: readonly Event[];
  })[];
};

/** A session as it was at a moment, made of its events alone. */
export type ReplayedSession = {
  readonly id: string;
  readonly lane: ("standard" | "emergency");
  readonly status: ("ongoing" | "completed" | "failed");
  readonly state: ("queued" | "initiating" | "ringing" | "active" | "ending" | "completed" | "escalated" | "failed");
  /** What somebody set, else how the network ended it. */
  readonly disposition: (string | null);
  readonly networkDisposition: (string | null);
  /** The SIP status that ended it. */
  readonly endCode: (number | null);
  /** False: it was reported on, and nobody has set it up yet. */
  readonly announced: boolean;
  /** Of another system, which keeps its record here. */
  readonly recorded: boolean;
  readonly direction: (("inbound" | "outbound" | "internal") | null);
  readonly channel: (("mobile" | "pbx" | "api") | null);
  readonly trunk: (string | null);
  readonly priority: (("high" | "normal" | "low") | null);
  readonly from: (string | null);
  readonly to: (string | null);
  /** The call's id at the other side. */
  readonly callId: (string | null);
  /** What sets the call apart: nobody has proven who makes it; made by the system itself; an answering point calls back. */
  readonly marks: readonly (("unauthenticated" | "synthetic" | "callback"))[];
  readonly location: (({
    readonly type: "geodetic";
    readonly latitude: number;
    readonly longitude: number;
    readonly uncertaintyM?: number;
    readonly altitudeM?: number;
  } | {
    readonly type: "civic";
    readonly country: string;
    readonly region?: string;
    readonly county?: string;
    readonly city?: string;
    readonly district?: string;
    readonly street?: string;
    readonly houseNumber?: string;
    readonly postalCode?: string;
    readonly place?: string;
    readonly building?: string;
    readonly unit?: string;
    readonly floor?: string;
    readonly room?: string;
    readonly details?: string;
  }) | null);
  readonly metadata: {
    readonly [name: string]: unknown;
  };
  readonly tags: readonly string[];
  readonly notes: readonly ({
    readonly at: string;
    readonly by: string;
    readonly text: string;
  })[];
  readonly failovers: readonly ({
    readonly at: string;
    readonly routeIndex: (number | null);
    readonly sipCode: (number | null);
  })[];
  readonly openedAt: (string | null);
  readonly startedAt: (string | null);
  readonly ringingAt: (string | null);
  readonly answeredAt: (string | null);
  readonly endedAt: (string | null);
  /** From its opening to its end. */
  readonly durationMs: (number | null);
  readonly talkMs: (number | null);
  readonly updatedAt: (string | null);
  readonly lastSequence: number;
  /** What was decided, as the event `call.routed` has it. */
  readonly plan: ({
    readonly [name: string]: unknown;
  } | null);
  /** The one of the plan that was tried last, or that answered. */
  readonly destination: (string | null);
  /** Every event up to then was there, and nothing has been erased. */
  readonly complete: boolean;
};

/** Figures per bucket and group, the largest group first. Buckets without sessions are left out. */
export type SessionFigures = {
  readonly from: string;
  readonly to: string;
  readonly bucket: ("hour" | "day" | "week");
  readonly by: ("trunk" | "destination" | "rule" | "country" | "none");
  /** Estimated from samples; else counted exactly. */
  readonly sampled: boolean;
  /** Everything acknowledged before is counted; null: nobody can tell. */
  readonly asOf: (string | null);
  readonly items: readonly ({
    /** Of the bucket, UTC; weeks begin on Monday. */
    readonly start: string;
    /** Null: sessions that have none, or nothing is grouped by. */
    readonly group: (string | null);
    /** Of all groups beyond the 100 largest. */
    readonly others?: true;
    readonly sessions: number;
    /** Sessions of which it is known what became of them: answered, or over. */
    readonly seizures: number;
    readonly answered: number;
    /** ITU-T E.411. */
    readonly answerSeizureRatio: (number | null);
    /** Of those answered that are over. */
    readonly averageTalkMs: (number | null);
    /** From the opening to ringing, or to the answer where nobody reported ringing. */
    readonly postDialDelayMs: {
      readonly p50: (number | null);
      readonly p95: (number | null);
      readonly p99: (number | null);
    };
    readonly failures: readonly ({
      readonly disposition: (string | null);
      readonly sipCode: (number | null);
      readonly count: number;
    })[];
  })[];
};

/** A session as it is now. */
export type Session = {
  readonly id: string;
  readonly lane: ("standard" | "emergency");
  readonly status: ("ongoing" | "completed" | "failed");
  readonly state: ("queued" | "initiating" | "ringing" | "active" | "ending" | "completed" | "escalated" | "failed");
  /** What somebody set, else how the network ended it. */
  readonly disposition: (string | null);
  readonly networkDisposition: (string | null);
  /** The SIP status that ended it. */
  readonly endCode: (number | null);
  /** False: it was reported on, and nobody has set it up yet. */
  readonly announced: boolean;
  /** True: numbers, metadata, plan and notes are in its events alone. */
  readonly archived: boolean;
  /** Of another system, which keeps its record here. */
  readonly recorded: boolean;
  readonly direction: (("inbound" | "outbound" | "internal") | null);
  readonly channel: (("mobile" | "pbx" | "api") | null);
  readonly trunk: (string | null);
  readonly priority: (("high" | "normal" | "low") | null);
  readonly from: (string | null);
  readonly to: (string | null);
  /** The call's id at the other side. */
  readonly callId: (string | null);
  /** What sets the call apart: nobody has proven who makes it; made by the system itself; an answering point calls back. */
  readonly marks: readonly (("unauthenticated" | "synthetic" | "callback"))[];
  readonly location: (({
    readonly type: "geodetic";
    readonly latitude: number;
    readonly longitude: number;
    readonly uncertaintyM?: number;
    readonly altitudeM?: number;
  } | {
    readonly type: "civic";
    readonly country: string;
    readonly region?: string;
    readonly county?: string;
    readonly city?: string;
    readonly district?: string;
    readonly street?: string;
    readonly houseNumber?: string;
    readonly postalCode?: string;
    readonly place?: string;
    readonly building?: string;
    readonly unit?: string;
    readonly floor?: string;
    readonly room?: string;
    readonly details?: string;
  }) | null);
  readonly metadata: {
    readonly [name: string]: unknown;
  };
  readonly tags: readonly string[];
  readonly notes: readonly ({
    readonly at: string;
    readonly by: string;
    readonly text: string;
  })[];
  readonly plan: (Plan | null);
  readonly failovers: readonly ({
    readonly at: string;
    readonly routeIndex: (number | null);
    readonly sipCode: (number | null);
  })[];
  readonly openedAt: (string | null);
  readonly startedAt: (string | null);
  readonly ringingAt: (string | null);
  readonly answeredAt: (string | null);
  readonly endedAt: (string | null);
  /** From its opening to its end. */
  readonly durationMs: (number | null);
  readonly talkMs: (number | null);
  readonly updatedAt: (string | null);
  readonly lastSequence: number;
};

export type SessionCommand = ({
  readonly id?: string;
  readonly command: "hangUp";
  readonly reason?: string;
} | {
  readonly id?: string;
  readonly command: "redirect";
  readonly to: (string | {
    readonly destination: string;
  });
} | {
  readonly id?: string;
  readonly command: "note";
  readonly text: string;
} | {
  readonly id?: string;
  readonly command: "tag";
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
} | {
  readonly id?: string;
  readonly command: "setDisposition";
  readonly disposition: string;
});

export type CommandTaken = {
  /** Of the session, after the command. */
  readonly sequence: number;
  readonly session: Session;
};

export type NewLiveTicket = {
  readonly session?: string;
};

export type LiveTicket = {
  /** For one socket, in the query parameter `ticket`. */
  readonly ticket: string;
  readonly expiresAt: string;
};

/** An event of a call. */
export type PlainEvent = {
  readonly type: string;
  /** The call that it belongs to: a session's id, or the sender's own. */
  readonly callId: string;
  /** When it happened, from a year ago to five minutes ahead; absent: now. */
  readonly at?: (string | null);
  /** Who calls, as the sender writes it. Stored as `caller`. */
  readonly from?: (string | null);
  /** Who is called, as the sender writes it. Stored as `callee`. */
  readonly to?: (string | null);
  readonly direction?: (string | null);
  readonly status?: (string | null);
  /** Any JSON of the sender. */
  readonly data?: unknown;
  /** With `source` it tells that an event comes again. */
  readonly id?: (string | null);
  /** A URI reference; absent: one of the tenant. */
  readonly source?: (string | null);
};

/** A CloudEvent 1.0 in its JSON format. Extensions are kept. */
export type CloudEvent = {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The call that it belongs to. */
  readonly subject?: (string | null);
  /** When it happened, from a year ago to five minutes ahead; absent: now. */
  readonly time?: (string | null);
  readonly caller?: (string | null);
  readonly callee?: (string | null);
  readonly direction?: (string | null);
  readonly status?: (string | null);
  readonly datacontenttype?: (string | null);
  /** Any JSON of the sender. */
  readonly data?: unknown;
  readonly [name: string]: unknown;
};

export type CloudEventBatch = readonly CloudEvent[];

export type NewEvents = (PlainEvent | CloudEvent | readonly ((PlainEvent | CloudEvent))[]);

export type Accepted = {
  /** In the order of the request. */
  readonly items: readonly ({
    readonly id: string;
    /** It was there already; the id is the first one's. */
    readonly duplicate?: true;
  })[];
  /** Of a request that is one event. */
  readonly id?: string;
  /** It was there already; the id is the first one's. */
  readonly duplicate?: true;
};

export type PartlyAccepted = {
  /** In the order of the request. */
  readonly items: readonly ({
    readonly status: 201;
    readonly id: string;
    /** It was there already; the id is the first one's. */
    readonly duplicate?: true;
  } | {
    readonly status: 422;
    readonly problem: Problem;
  })[];
};

/** An event as the store holds it: a CloudEvent 1.0. Other extensions are the sender's. */
export type Event = {
  readonly specversion: "1.0";
  /** Made by the store; it tells the time of storing. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The call: a session's id, or the sender's own id of it. */
  readonly subject?: string;
  /** When it happened. */
  readonly time: string;
  /** When it was stored. */
  readonly recordedtime: string;
  readonly tenant?: string;
  readonly caller?: string;
  readonly callee?: string;
  readonly direction?: string;
  readonly status?: string;
  /** The id that its sender gave it. */
  readonly originid?: string;
  /** The erasure that took its personal data. */
  readonly erased?: string;
  readonly sequence?: string;
  readonly traceparent?: string;
  readonly datacontenttype?: string;
  /** Any JSON of the sender. */
  readonly data?: unknown;
  readonly [name: string]: unknown;
};

export type EventPage = {
  readonly items: readonly Event[];
  /** There may be more; its absence is the only end. A page may be short, or empty, and have one. */
  readonly nextCursor?: string;
  /** Something stored could not be read and is missing here. */
  readonly damaged?: true;
};

export type EventStats = {
  readonly from: string;
  readonly to: string;
  readonly bucket: string;
  readonly by: string;
  readonly total: number;
  /** Every bucket of the period, oldest first. */
  readonly items: readonly ({
    readonly start: string;
    readonly total: number;
    /** By value; the empty text: events without it. */
    readonly counts: {
      readonly [name: string]: number;
    };
    /** Of values that are not told apart. */
    readonly others?: number;
  })[];
  /** Something that may have events could not be read. */
  readonly partial?: true;
};

export type Timeline = {
  readonly callId: string;
  /** The session that the call id stands for. */
  readonly sessionId: (string | null);
  readonly startedAt: string;
  /** Of the last event. */
  readonly lastAt: string;
  readonly durationMs: number;
  /** Null: none of the events is one that a call has. */
  readonly record: (CallRecord | null);
  readonly phases: readonly ({
    readonly name: ("setup" | "ringing" | "talk" | "wrap_up");
    readonly startedAt: string;
    readonly endedAt: (string | null);
    readonly durationMs: (number | null);
  })[];
  readonly events: readonly ({
    readonly sinceStartMs: number;
    /** Since the event before. */
    readonly gapMs: number;
    readonly longGap?: true;
    readonly event: Event;
  })[];
  /** There are more events than are shown. */
  readonly truncated?: true;
  /** Something stored could not be read and is missing here. */
  readonly damaged?: true;
};

export type CallRecord = {
  readonly callId: string;
  readonly sessionId: (string | null);
  readonly direction: (string | null);
  readonly caller: (string | null);
  readonly callee: (string | null);
  readonly trunk: (string | null);
  readonly startedAt: string;
  readonly ringingAt: (string | null);
  readonly answeredAt: (string | null);
  readonly endedAt: (string | null);
  readonly durationMs: (number | null);
  readonly talkMs: (number | null);
  readonly disposition: (string | null);
  readonly sipCode: (number | null);
  readonly status: ("ongoing" | "completed" | "failed");
  readonly events: number;
};

export type Text = string;

/** After how many days segments go where; null: never. */
export type RetentionPolicy = {
  readonly infrequentAfterDays: (number | null);
  readonly archiveAfterDays: (number | null);
  readonly deleteAfterDays: (number | null);
};

export type NewHold = {
  readonly scope: ({
    readonly callId: string;
  } | {
    readonly number: string;
  } | {
    readonly everything: true;
  });
  /** Of the occurrence, inclusive. */
  readonly from?: (string | null);
  /** Exclusive. */
  readonly to?: (string | null);
  readonly reason: string;
};

export type Hold = {
  readonly id: string;
  readonly scope: ({
    readonly callId: string;
  } | {
    readonly number: string;
  } | {
    readonly everything: true;
  });
  readonly from: (string | null);
  readonly to: (string | null);
  readonly reason: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly liftedAt: (string | null);
  readonly liftedBy: (string | null);
};

export type HoldPage = {
  readonly items: readonly Hold[];
  readonly nextCursor?: string;
};

export type NewErasure = ({
  /** As people write it. */
  readonly number: string;
  readonly reason: string;
} | {
  /** What the events have as their call: a session's id, or the sender's own. */
  readonly callId: string;
  readonly reason: string;
});

export type Erasure = {
  readonly id: string;
  readonly state: ("accepted" | "rewriting" | "emptying" | "done");
  /** Of an erasure of a number: HMAC-SHA256 of its digits under a key of the deployment, hex. */
  readonly numberHash?: string;
  /** Of an erasure of calls: which. */
  readonly callIds?: readonly string[];
  readonly reason: string;
  readonly acceptedAt: string;
  readonly acceptedBy: string;
  /** Events that were stored before are covered. */
  readonly coversUntil: string;
  readonly finishedAt: (string | null);
  readonly segmentsRewritten: number;
  readonly eventsErased: number;
  readonly rowsErased: number;
};

export type ErasurePage = {
  readonly items: readonly Erasure[];
  readonly nextCursor?: string;
};

export type NewExplanation = {
  readonly call: {
    readonly [name: string]: unknown;
  };
  readonly at?: string;
  readonly version?: string;
  readonly limit?: number;
};

export type Explanation = {
  /** Which configuration was asked. */
  readonly version: string;
  readonly at: string;
  readonly plan: Plan;
  /** One per called number: rewriting leads to another. */
  readonly looks: readonly ({
    readonly called: string;
    readonly rules: readonly ({
      readonly ruleId: string;
      readonly matches: boolean;
      /** Smaller goes first. */
      readonly precedence: number;
      readonly conditions: readonly ({
        /** Its place in the rule; of the exception with `unless.` before it. */
        readonly field: string;
        readonly expected: unknown;
        readonly actual: unknown;
        readonly holds: boolean;
      })[];
    })[];
  })[];
  /** What else had a say, in order. */
  readonly notes: readonly ({
    readonly tag: string;
    readonly [name: string]: unknown;
  })[];
  /** False: only rules that its indexes reach for this call were looked at. */
  readonly complete: boolean;
};

export type NewReplay = {
  readonly from: string;
  readonly to: string;
  readonly version?: string;
  readonly limit?: number;
};

export type CapacityUse = {
  /** What is bounded, and destinations that rest. */
  readonly items: readonly ScopeUse[];
};

export type ScopeUse = {
  readonly of: ("tenant" | "trunk" | "destination");
  readonly id: string;
  /** Calls at once, by what counts for what is reserved. */
  readonly inUse: {
    readonly low: number;
    readonly normal: number;
    readonly high: number;
    readonly emergency: number;
    readonly total: number;
  };
  /** Calls that began within the last second. */
  readonly perSecond: number;
  /** Emergency calls that nobody has answered yet: meanwhile no low call begins on the trunk. */
  readonly emergencyWaiting: number;
  readonly maxCalls: (number | null);
  readonly maxCallsPerSecond: (number | null);
  readonly reserved: {
    readonly emergency: number;
    readonly high: number;
    readonly normal: number;
  };
  /** A destination that fails: it is tried last, and by one call at a time, until it takes one. */
  readonly resting: boolean;
};

export type NewTrunk = {
  readonly id: string;
  readonly name?: string;
  readonly kind?: ("carrier" | "pbx" | "app");
  readonly auth?: readonly (("token" | "api_key" | "signature"))[];
  readonly dialProfile: {
    readonly country: string;
    readonly areaCode?: string;
    readonly internationalPrefixes?: readonly string[];
    readonly nationalPrefix?: string;
    readonly outsidePrefix?: string;
    readonly extensionLength?: {
      readonly min: number;
      readonly max: number;
    };
    readonly extensions?: readonly string[];
  };
  readonly sources?: readonly string[];
  readonly capabilities?: readonly (("failover" | "caller_identity" | "max_duration"))[];
  readonly toll?: {
    readonly openClasses?: readonly (("premium" | "satellite" | "high_risk"))[];
    readonly openCountries?: readonly string[];
    readonly callsPerHour?: (number | null);
    readonly costPerHourMicros?: (number | null);
  };
  readonly maxDurationMs?: (number | null);
  readonly carrier?: (string | null);
  readonly silence?: {
    readonly setupMs?: (number | null);
    readonly activeMs?: (number | null);
  };
  readonly emergency?: {
    readonly unauthenticated?: ("serve" | "refuse");
    readonly callbackNumber?: (string | null);
  };
  readonly capacity?: {
    readonly maxCalls?: (number | null);
    readonly maxCallsPerSecond?: (number | null);
    readonly reserved?: {
      readonly emergency?: number;
      readonly high?: number;
      readonly normal?: number;
    };
  };
};

export type NewDestination = {
  readonly id: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly target: ({
    readonly type: "sip";
    readonly uri: string;
  } | {
    readonly type: "number";
    readonly number: (string | (unknown & unknown));
    readonly via: string;
  } | {
    readonly type: "queue";
    readonly queue: string;
    readonly uri: string;
  } | {
    readonly type: "agent_flow";
    readonly flow: string;
    readonly uri: string;
  } | {
    readonly type: "reject";
    readonly sipCode: number;
    readonly reason: string;
  });
  readonly ringTimeoutMs?: number;
  readonly rerouteCauses?: (readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[] | null);
  readonly rateTable?: (string | null);
  readonly capacity?: {
    readonly maxCalls?: (number | null);
    readonly maxCallsPerSecond?: (number | null);
    readonly reserved?: {
      readonly emergency?: number;
      readonly high?: number;
      readonly normal?: number;
    };
  };
};

export type NewRoutingRule = {
  readonly id: string;
  readonly group?: (string | null);
  readonly enabled?: boolean;
  readonly blocker?: boolean;
  readonly precedence?: number;
  readonly activeFrom?: (string | null);
  readonly activeUntil?: (string | null);
  readonly when?: {
    readonly trunk?: readonly string[];
    readonly channel?: readonly (("mobile" | "pbx" | "api"))[];
    readonly priority?: readonly (("high" | "normal" | "low"))[];
    readonly caller?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly callee?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly calendar?: {
      readonly id: string;
      readonly is: ("open" | "closed");
    };
    readonly dates?: {
      readonly from?: string;
      readonly to?: string;
      readonly timeZone: string;
    };
    readonly percentage?: number;
    readonly metadata?: readonly ({
      readonly key: string;
      readonly equals?: (string | number | boolean);
      readonly in?: readonly ((string | number | boolean))[];
      readonly prefix?: string;
    })[];
  };
  readonly unless?: ({
    readonly trunk?: readonly string[];
    readonly channel?: readonly (("mobile" | "pbx" | "api"))[];
    readonly priority?: readonly (("high" | "normal" | "low"))[];
    readonly caller?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly callee?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly calendar?: {
      readonly id: string;
      readonly is: ("open" | "closed");
    };
    readonly dates?: {
      readonly from?: string;
      readonly to?: string;
      readonly timeZone: string;
    };
    readonly percentage?: number;
    readonly metadata?: readonly ({
      readonly key: string;
      readonly equals?: (string | number | boolean);
      readonly in?: readonly ((string | number | boolean))[];
      readonly prefix?: string;
    })[];
  } | null);
  readonly action: ({
    readonly type: "route";
    readonly strategy?: ("ordered" | "weighted" | "round_robin" | "least_cost");
    readonly destinations: readonly (string | {
      readonly id: string;
      readonly weight?: number;
    })[];
    readonly rerouteCauses?: readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[];
    readonly callerIdentity?: ({
      readonly number?: (string | null);
      readonly isPrivate?: boolean;
    } | null);
  } | {
    readonly type: "reject";
    readonly sipCode: number;
    readonly reason: string;
  } | {
    readonly type: "continue";
    readonly callee: ({
      readonly type: "replace";
      readonly number: string;
    } | {
      readonly type: "edit";
      readonly strip?: number;
      readonly prepend?: ("" | string);
    } | {
      readonly type: "regex";
      readonly pattern: string;
      readonly replacement: string;
    });
  } | {
    readonly type: "ask";
    readonly service: string;
    readonly otherwise?: (({
      readonly type: "route";
      readonly strategy?: ("ordered" | "weighted" | "round_robin" | "least_cost");
      readonly destinations: readonly (string | {
        readonly id: string;
        readonly weight?: number;
      })[];
      readonly rerouteCauses?: readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[];
      readonly callerIdentity?: ({
        readonly number?: (string | null);
        readonly isPrivate?: boolean;
      } | null);
    } | {
      readonly type: "reject";
      readonly sipCode: number;
      readonly reason: string;
    }) | null);
  });
  readonly maxDurationMs?: (number | null);
};

export type NewRateTable = {
  readonly id: string;
  readonly name?: string;
  readonly currency: string;
};

export type NewCalendar = {
  readonly id: string;
  readonly name?: string;
  readonly timeZone: string;
  readonly weekly?: readonly ({
    readonly days: readonly (("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun"))[];
    readonly from: string;
    readonly to: string;
  })[];
  readonly holidays?: readonly ({
    readonly date: string;
    readonly name?: string;
    readonly hours?: readonly ({
      readonly from: string;
      readonly to: string;
    })[];
  })[];
};

export type NewNumberList = {
  readonly id: string;
  readonly name?: string;
};

export type NewProfile = {
  readonly id: string;
  readonly name?: string;
  readonly blockedCallers?: readonly string[];
  readonly blockWithheld?: boolean;
  readonly doNotDisturb?: boolean;
  readonly diversion?: (string | null);
  readonly preferredDestination?: (string | null);
};

export type NewEmergencyRoute = {
  readonly id: string;
  readonly trunk?: (string | null);
  readonly service?: (string | null);
  readonly countries?: readonly string[];
  readonly area?: (({
    readonly type: "polygon";
    readonly ring: readonly (readonly [number, number])[];
  } | {
    readonly type: "civic";
    readonly country: string;
    readonly region?: (string | null);
    readonly city?: (string | null);
    readonly postalCodes?: readonly string[];
  }) | null);
  readonly calendar?: ({
    readonly id: string;
    readonly is: ("open" | "closed");
  } | null);
  readonly destinations: readonly string[];
  readonly parallel?: boolean;
  readonly numberForUrn?: string;
};

export type NewDecisionService = {
  readonly id: string;
  readonly name?: string;
  readonly url: string;
  readonly deadlineMs?: number;
  readonly cacheMs?: number;
  readonly maxAtOnce?: number;
  readonly enabled?: boolean;
  readonly secretVersion?: number;
};

export type TrunkContent = {
  readonly id?: string;
  readonly name?: string;
  readonly kind?: ("carrier" | "pbx" | "app");
  readonly auth?: readonly (("token" | "api_key" | "signature"))[];
  readonly dialProfile: {
    readonly country: string;
    readonly areaCode?: string;
    readonly internationalPrefixes?: readonly string[];
    readonly nationalPrefix?: string;
    readonly outsidePrefix?: string;
    readonly extensionLength?: {
      readonly min: number;
      readonly max: number;
    };
    readonly extensions?: readonly string[];
  };
  readonly sources?: readonly string[];
  readonly capabilities?: readonly (("failover" | "caller_identity" | "max_duration"))[];
  readonly toll?: {
    readonly openClasses?: readonly (("premium" | "satellite" | "high_risk"))[];
    readonly openCountries?: readonly string[];
    readonly callsPerHour?: (number | null);
    readonly costPerHourMicros?: (number | null);
  };
  readonly maxDurationMs?: (number | null);
  readonly carrier?: (string | null);
  readonly silence?: {
    readonly setupMs?: (number | null);
    readonly activeMs?: (number | null);
  };
  readonly emergency?: {
    readonly unauthenticated?: ("serve" | "refuse");
    readonly callbackNumber?: (string | null);
  };
  readonly capacity?: {
    readonly maxCalls?: (number | null);
    readonly maxCallsPerSecond?: (number | null);
    readonly reserved?: {
      readonly emergency?: number;
      readonly high?: number;
      readonly normal?: number;
    };
  };
};

export type DestinationContent = {
  readonly id?: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly target: ({
    readonly type: "sip";
    readonly uri: string;
  } | {
    readonly type: "number";
    readonly number: (string | (unknown & unknown));
    readonly via: string;
  } | {
    readonly type: "queue";
    readonly queue: string;
    readonly uri: string;
  } | {
    readonly type: "agent_flow";
    readonly flow: string;
    readonly uri: string;
  } | {
    readonly type: "reject";
    readonly sipCode: number;
    readonly reason: string;
  });
  readonly ringTimeoutMs?: number;
  readonly rerouteCauses?: (readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[] | null);
  readonly rateTable?: (string | null);
  readonly capacity?: {
    readonly maxCalls?: (number | null);
    readonly maxCallsPerSecond?: (number | null);
    readonly reserved?: {
      readonly emergency?: number;
      readonly high?: number;
      readonly normal?: number;
    };
  };
};

export type RoutingRuleContent = {
  readonly id?: string;
  readonly group?: (string | null);
  readonly enabled?: boolean;
  readonly blocker?: boolean;
  readonly precedence?: number;
  readonly activeFrom?: (string | null);
  readonly activeUntil?: (string | null);
  readonly when?: {
    readonly trunk?: readonly string[];
    readonly channel?: readonly (("mobile" | "pbx" | "api"))[];
    readonly priority?: readonly (("high" | "normal" | "low"))[];
    readonly caller?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly callee?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly calendar?: {
      readonly id: string;
      readonly is: ("open" | "closed");
    };
    readonly dates?: {
      readonly from?: string;
      readonly to?: string;
      readonly timeZone: string;
    };
    readonly percentage?: number;
    readonly metadata?: readonly ({
      readonly key: string;
      readonly equals?: (string | number | boolean);
      readonly in?: readonly ((string | number | boolean))[];
      readonly prefix?: string;
    })[];
  };
  readonly unless?: ({
    readonly trunk?: readonly string[];
    readonly channel?: readonly (("mobile" | "pbx" | "api"))[];
    readonly priority?: readonly (("high" | "normal" | "low"))[];
    readonly caller?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly callee?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly calendar?: {
      readonly id: string;
      readonly is: ("open" | "closed");
    };
    readonly dates?: {
      readonly from?: string;
      readonly to?: string;
      readonly timeZone: string;
    };
    readonly percentage?: number;
    readonly metadata?: readonly ({
      readonly key: string;
      readonly equals?: (string | number | boolean);
      readonly in?: readonly ((string | number | boolean))[];
      readonly prefix?: string;
    })[];
  } | null);
  readonly action: ({
    readonly type: "route";
    readonly strategy?: ("ordered" | "weighted" | "round_robin" | "least_cost");
    readonly destinations: readonly (string | {
      readonly id: string;
      readonly weight?: number;
    })[];
    readonly rerouteCauses?: readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[];
    readonly callerIdentity?: ({
      readonly number?: (string | null);
      readonly isPrivate?: boolean;
    } | null);
  } | {
    readonly type: "reject";
    readonly sipCode: number;
    readonly reason: string;
  } | {
    readonly type: "continue";
    readonly callee: ({
      readonly type: "replace";
      readonly number: string;
    } | {
      readonly type: "edit";
      readonly strip?: number;
      readonly prepend?: ("" | string);
    } | {
      readonly type: "regex";
      readonly pattern: string;
      readonly replacement: string;
    });
  } | {
    readonly type: "ask";
    readonly service: string;
    readonly otherwise?: (({
      readonly type: "route";
      readonly strategy?: ("ordered" | "weighted" | "round_robin" | "least_cost");
      readonly destinations: readonly (string | {
        readonly id: string;
        readonly weight?: number;
      })[];
      readonly rerouteCauses?: readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[];
      readonly callerIdentity?: ({
        readonly number?: (string | null);
        readonly isPrivate?: boolean;
      } | null);
    } | {
      readonly type: "reject";
      readonly sipCode: number;
      readonly reason: string;
    }) | null);
  });
  readonly maxDurationMs?: (number | null);
};

export type RateTableContent = {
  readonly id?: string;
  readonly name?: string;
  readonly currency: string;
};

export type CalendarContent = {
  readonly id?: string;
  readonly name?: string;
  readonly timeZone: string;
  readonly weekly?: readonly ({
    readonly days: readonly (("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun"))[];
    readonly from: string;
    readonly to: string;
  })[];
  readonly holidays?: readonly ({
    readonly date: string;
    readonly name?: string;
    readonly hours?: readonly ({
      readonly from: string;
      readonly to: string;
    })[];
  })[];
};

export type NumberListContent = {
  readonly id?: string;
  readonly name?: string;
};

export type ProfileContent = {
  readonly id?: string;
  readonly name?: string;
  readonly blockedCallers?: readonly string[];
  readonly blockWithheld?: boolean;
  readonly doNotDisturb?: boolean;
  readonly diversion?: (string | null);
  readonly preferredDestination?: (string | null);
};

export type EmergencyRouteContent = {
  readonly id?: string;
  readonly trunk?: (string | null);
  readonly service?: (string | null);
  readonly countries?: readonly string[];
  readonly area?: (({
    readonly type: "polygon";
    readonly ring: readonly (readonly [number, number])[];
  } | {
    readonly type: "civic";
    readonly country: string;
    readonly region?: (string | null);
    readonly city?: (string | null);
    readonly postalCodes?: readonly string[];
  }) | null);
  readonly calendar?: ({
    readonly id: string;
    readonly is: ("open" | "closed");
  } | null);
  readonly destinations: readonly string[];
  readonly parallel?: boolean;
  readonly numberForUrn?: string;
};

export type DecisionServiceContent = {
  readonly id?: string;
  readonly name?: string;
  readonly url: string;
  readonly deadlineMs?: number;
  readonly cacheMs?: number;
  readonly maxAtOnce?: number;
  readonly enabled?: boolean;
  readonly secretVersion?: number;
};

export type Trunk = {
  readonly id: string;
  readonly name: string;
  readonly kind: ("carrier" | "pbx" | "app");
  readonly auth: readonly (("token" | "api_key" | "signature"))[];
  readonly dialProfile: {
    readonly country: string;
    readonly areaCode?: string;
    readonly internationalPrefixes?: readonly string[];
    readonly nationalPrefix?: string;
    readonly outsidePrefix?: string;
    readonly extensionLength?: {
      readonly min: number;
      readonly max: number;
    };
    readonly extensions?: readonly string[];
  };
  readonly sources: readonly string[];
  readonly capabilities: readonly (("failover" | "caller_identity" | "max_duration"))[];
  readonly toll: {
    readonly openClasses: readonly (("premium" | "satellite" | "high_risk"))[];
    readonly openCountries: readonly string[];
    readonly callsPerHour: (number | null);
    readonly costPerHourMicros: (number | null);
  };
  readonly maxDurationMs: (number | null);
  readonly carrier: (string | null);
  readonly silence: {
    readonly setupMs: (number | null);
    readonly activeMs: (number | null);
  };
  readonly emergency: {
    readonly unauthenticated: ("serve" | "refuse");
    readonly callbackNumber: (string | null);
  };
  readonly capacity: {
    readonly maxCalls: (number | null);
    readonly maxCallsPerSecond: (number | null);
    readonly reserved: {
      readonly emergency: number;
      readonly high: number;
      readonly normal: number;
    };
  };
};

export type Destination = {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly target: ({
    readonly type: "sip";
    readonly uri: string;
  } | {
    readonly type: "number";
    readonly number: string;
    readonly via: string;
  } | {
    readonly type: "queue";
    readonly queue: string;
    readonly uri: string;
  } | {
    readonly type: "agent_flow";
    readonly flow: string;
    readonly uri: string;
  } | {
    readonly type: "reject";
    readonly sipCode: number;
    readonly reason: string;
  });
  readonly ringTimeoutMs: number;
  readonly rerouteCauses: (readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[] | null);
  readonly rateTable: (string | null);
  readonly capacity: {
    readonly maxCalls: (number | null);
    readonly maxCallsPerSecond: (number | null);
    readonly reserved: {
      readonly emergency: number;
      readonly high: number;
      readonly normal: number;
    };
  };
};

export type RoutingRule = {
  readonly id: string;
  readonly group: (string | null);
  readonly enabled: boolean;
  readonly blocker: boolean;
  readonly precedence: number;
  readonly activeFrom: (string | null);
  readonly activeUntil: (string | null);
  readonly when: {
    readonly trunk?: readonly string[];
    readonly channel?: readonly (("mobile" | "pbx" | "api"))[];
    readonly priority?: readonly (("high" | "normal" | "low"))[];
    readonly caller?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly callee?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly calendar?: {
      readonly id: string;
      readonly is: ("open" | "closed");
    };
    readonly dates?: {
      readonly from?: string;
      readonly to?: string;
      readonly timeZone: string;
    };
    readonly percentage?: number;
    readonly metadata?: readonly ({
      readonly key: string;
      readonly equals?: (string | number | boolean);
      readonly in?: readonly ((string | number | boolean))[];
      readonly prefix?: string;
    })[];
  };
  readonly unless: ({
    readonly trunk?: readonly string[];
    readonly channel?: readonly (("mobile" | "pbx" | "api"))[];
    readonly priority?: readonly (("high" | "normal" | "low"))[];
    readonly caller?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly callee?: {
      readonly exact?: readonly string[];
      readonly prefix?: readonly string[];
      readonly list?: readonly string[];
      readonly country?: readonly string[];
      readonly type?: readonly (("fixed" | "mobile" | "fixed_or_mobile" | "toll_free" | "premium" | "shared_cost" | "voip" | "personal" | "uan" | "unknown"))[];
      readonly regex?: string;
      readonly withheld?: boolean;
    };
    readonly calendar?: {
      readonly id: string;
      readonly is: ("open" | "closed");
    };
    readonly dates?: {
      readonly from?: string;
      readonly to?: string;
      readonly timeZone: string;
    };
    readonly percentage?: number;
    readonly metadata?: readonly ({
      readonly key: string;
      readonly equals?: (string | number | boolean);
      readonly in?: readonly ((string | number | boolean))[];
      readonly prefix?: string;
    })[];
  } | null);
  readonly action: ({
    readonly type: "route";
    readonly strategy: ("ordered" | "weighted" | "round_robin" | "least_cost");
    readonly destinations: readonly ({
      readonly id: string;
      readonly weight: number;
    })[];
    readonly rerouteCauses: readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[];
    readonly callerIdentity: ({
      readonly number: (string | null);
      readonly isPrivate: boolean;
    } | null);
  } | {
    readonly type: "reject";
    readonly sipCode: number;
    readonly reason: string;
  } | {
    readonly type: "continue";
    readonly callee: ({
      readonly type: "replace";
      readonly number: string;
    } | {
      readonly type: "edit";
      readonly strip: number;
      readonly prepend: ("" | string);
    } | {
      readonly type: "regex";
      readonly pattern: string;
      readonly replacement: string;
    });
  } | {
    readonly type: "ask";
    readonly service: string;
    readonly otherwise: (({
      readonly type: "route";
      readonly strategy: ("ordered" | "weighted" | "round_robin" | "least_cost");
      readonly destinations: readonly ({
        readonly id: string;
        readonly weight: number;
      })[];
      readonly rerouteCauses: readonly (("unreachable" | 408 | 500 | 502 | 503 | 504 | 403 | 404 | 410 | 480 | 484 | 486 | 488 | 501 | 580))[];
      readonly callerIdentity: ({
        readonly number: (string | null);
        readonly isPrivate: boolean;
      } | null);
    } | {
      readonly type: "reject";
      readonly sipCode: number;
      readonly reason: string;
    }) | null);
  });
  readonly maxDurationMs: (number | null);
};

export type RateTable = {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
};

export type Calendar = {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
  readonly weekly: readonly ({
    readonly days: readonly (("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun"))[];
    readonly from: string;
    readonly to: string;
  })[];
  readonly holidays: readonly ({
    readonly date: string;
    readonly name: string;
    readonly hours: readonly ({
      readonly from: string;
      readonly to: string;
    })[];
  })[];
};

export type NumberList = {
  readonly id: string;
  readonly name: string;
};

export type Profile = {
  readonly id: string;
  readonly name: string;
  readonly blockedCallers: readonly string[];
  readonly blockWithheld: boolean;
  readonly doNotDisturb: boolean;
  readonly diversion: (string | null);
  readonly preferredDestination: (string | null);
};

export type EmergencyRoute = {
  readonly id: string;
  readonly trunk: (string | null);
  readonly service: (string | null);
  readonly countries: readonly string[];
  readonly area: (({
    readonly type: "polygon";
    readonly ring: readonly (readonly [number, number])[];
  } | {
    readonly type: "civic";
    readonly country: string;
    readonly region: (string | null);
    readonly city: (string | null);
    readonly postalCodes: readonly string[];
  }) | null);
  readonly calendar: ({
    readonly id: string;
    readonly is: ("open" | "closed");
  } | null);
  readonly destinations: readonly string[];
  readonly parallel: boolean;
  readonly numberForUrn: string;
};

export type DecisionService = {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly deadlineMs: number;
  readonly cacheMs: number;
  readonly maxAtOnce: number;
  readonly enabled: boolean;
  readonly secretVersion: number;
};

export type TrunkPage = {
  readonly items: readonly Trunk[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type DestinationPage = {
  readonly items: readonly Destination[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type RoutingRulePage = {
  readonly items: readonly RoutingRule[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type RateTablePage = {
  readonly items: readonly RateTable[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type CalendarPage = {
  readonly items: readonly Calendar[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type NumberListPage = {
  readonly items: readonly NumberList[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type ProfilePage = {
  readonly items: readonly Profile[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type EmergencyRoutePage = {
  readonly items: readonly EmergencyRoute[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type DecisionServicePage = {
  readonly items: readonly DecisionService[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type NewSettings = {
  readonly defaultTrunk: string;
  readonly emergency?: {
    readonly lastResort?: readonly string[];
    readonly testNumbers?: readonly string[];
    readonly testDestinations?: readonly string[];
    readonly callbackNumber?: (string | null);
    readonly callbackWindowMs?: number;
    readonly answeringPointNumbers?: readonly string[];
  };
  readonly capacity?: {
    readonly maxCalls?: (number | null);
    readonly maxCallsPerSecond?: (number | null);
    readonly reserved?: {
      readonly emergency?: number;
      readonly high?: number;
      readonly normal?: number;
    };
  };
};

export type Settings = {
  readonly defaultTrunk: string;
  readonly emergency: {
    readonly lastResort: readonly string[];
    readonly testNumbers: readonly string[];
    readonly testDestinations: readonly string[];
    readonly callbackNumber: (string | null);
    readonly callbackWindowMs: number;
    readonly answeringPointNumbers: readonly string[];
  };
  readonly capacity: {
    readonly maxCalls: (number | null);
    readonly maxCallsPerSecond: (number | null);
    readonly reserved: {
      readonly emergency: number;
      readonly high: number;
      readonly normal: number;
    };
  };
};

export type Rate = {
  readonly prefix: string;
  readonly perMinuteMicros: number;
  readonly connectMicros: number;
  readonly incrementS: number;
};

export type RatePage = {
  readonly items: readonly Rate[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type NumberListEntry = {
  readonly number: string;
};

export type NumberListEntryPage = {
  readonly items: readonly NumberListEntry[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

/** A merge patch (RFC 7396): members that are there are changed, null gives one its default, lists are replaced. */
export type MergePatch = {
  readonly [name: string]: unknown;
};

export type Uploaded = {
  readonly rows: number;
};

export type DecisionServiceSecret = {
  readonly id: string;
  /** As the draft says. What is in force signs with its own, and the one before that. */
  readonly secretVersion: number;
  /** `whsec_` and base64, as Standard Webhooks has it. */
  readonly secret: string;
};

export type NewPublication = {
  readonly note?: (string | null);
  readonly dryRun?: boolean;
};

export type Publication = {
  /** Null after a dry run of something new. */
  readonly version: (string | null);
  /** False: it was in force already. */
  readonly changed: boolean;
  readonly dryRun: boolean;
  /** Entities of each kind. */
  readonly counts: { readonly [name in ("settings" | "rate-tables" | "rates" | "calendars" | "number-lists" | "number-list-entries" | "trunks" | "destinations" | "emergency-routes" | "profiles" | "decision-services" | "routing-rules")]?: number };
  /** Null: what was in force could not be read. */
  readonly changes: ({
    readonly added: number;
    readonly removed: number;
    readonly changed: number;
    readonly byKind: { readonly [name in ("settings" | "rate-tables" | "rates" | "calendars" | "number-lists" | "number-list-entries" | "trunks" | "destinations" | "emergency-routes" | "profiles" | "decision-services" | "routing-rules")]?: {
        readonly added: number;
        readonly removed: number;
        readonly changed: number;
      } };
    /** The first 200; all are counted. */
    readonly list: readonly ({
      readonly kind: ("settings" | "rate-tables" | "rates" | "calendars" | "number-lists" | "number-list-entries" | "trunks" | "destinations" | "emergency-routes" | "profiles" | "decision-services" | "routing-rules");
      readonly key: string;
      readonly change: ("added" | "removed" | "changed");
      readonly fields: readonly ({
        readonly pointer: string;
        readonly before?: unknown;
        readonly after?: unknown;
      })[];
    })[];
    readonly listComplete: boolean;
  } | null);
  readonly warnings: readonly ({
    readonly pointer: string;
    readonly code: string;
    readonly detail: string;
  })[];
  readonly warningCount: number;
};

export type NewRollback = {
  readonly version: string;
};

export type Rollback = {
  readonly version: string;
  readonly changed: boolean;
};

export type ConfigurationVersionPage = {
  readonly items: readonly ({
    readonly version: string;
    readonly draftRevision: number;
    readonly publishedBy: string;
    readonly note: (string | null);
    /** Entities of each kind. */
    readonly counts: { readonly [name in ("settings" | "rate-tables" | "rates" | "calendars" | "number-lists" | "number-list-entries" | "trunks" | "destinations" | "emergency-routes" | "profiles" | "decision-services" | "routing-rules")]?: number };
    readonly changes: {
      readonly added: number;
      readonly removed: number;
      readonly changed: number;
    };
    readonly publishedAt: string;
    readonly inForce: boolean;
  })[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type ConfigurationDifference = {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly byKind: { readonly [name in ("settings" | "rate-tables" | "rates" | "calendars" | "number-lists" | "number-list-entries" | "trunks" | "destinations" | "emergency-routes" | "profiles" | "decision-services" | "routing-rules")]?: {
      readonly added: number;
      readonly removed: number;
      readonly changed: number;
    } };
  /** The first 200; all are counted. */
  readonly list: readonly ({
    readonly kind: ("settings" | "rate-tables" | "rates" | "calendars" | "number-lists" | "number-list-entries" | "trunks" | "destinations" | "emergency-routes" | "profiles" | "decision-services" | "routing-rules");
    readonly key: string;
    readonly change: ("added" | "removed" | "changed");
    readonly fields: readonly ({
      readonly pointer: string;
      readonly before?: unknown;
      readonly after?: unknown;
    })[];
  })[];
  readonly listComplete: boolean;
  readonly from: string;
  readonly to: string;
};

export type Job = {
  readonly id: string;
  readonly kind: "config.publish";
  readonly state: ("queued" | "running" | "done");
  readonly acceptedAt: string;
  readonly finishedAt: (string | null);
  /** The answer that would have been given at once, with its status; null while there is none. */
  readonly result: ({
    readonly status: number;
    readonly body: {
      readonly [name: string]: unknown;
    };
  } | null);
};

export type NewApiKey = {
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes?: (readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[] | null);
  readonly allowedNetworks?: readonly string[];
  readonly publicKey?: ((string | {
    readonly [name: string]: unknown;
  }) | null);
  readonly trunk?: (string | null);
  readonly expiresAt?: (string | null);
};

export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: (readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[] | null);
  readonly allowedNetworks: readonly string[];
  readonly trunk: (string | null);
  /** Ed25519, base64. */
  readonly publicKey: (string | null);
  /** The key that this one takes the place of. */
  readonly rotatedFrom: (string | null);
  readonly expiresAt: (string | null);
  readonly revokedAt: (string | null);
  /** To the hour. */
  readonly lastUsedAt: (string | null);
  readonly createdBy: (string | null);
  readonly createdAt: string;
};

export type ApiKeyPage = {
  readonly items: readonly ApiKey[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type MadeApiKey = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly scopes: (readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[] | null);
  readonly allowedNetworks: readonly string[];
  readonly trunk: (string | null);
  /** Ed25519, base64. */
  readonly publicKey: (string | null);
  /** The key that this one takes the place of. */
  readonly rotatedFrom: (string | null);
  readonly expiresAt: (string | null);
  readonly revokedAt: (string | null);
  /** To the hour. */
  readonly lastUsedAt: (string | null);
  readonly createdBy: (string | null);
  readonly createdAt: string;
  /** `tlk_<tenant>_<id>_<secret>`: shown this once. */
  readonly key: string;
};

export type ApiKeyRotation = {
  readonly overlapS?: number;
  readonly expiresAt?: (string | null);
};

export type IssuerContent = {
  readonly id?: string;
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly algorithms?: readonly (("RS256" | "ES256" | "EdDSA"))[];
  readonly rolesClaim?: string;
  readonly roleNames?: {
    readonly [name: string]: string;
  };
  readonly defaultRoles?: readonly string[];
};

export type Issuer = {
  readonly id: string;
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly algorithms: readonly (("RS256" | "ES256" | "EdDSA"))[];
  readonly rolesClaim: string;
  readonly roleNames: {
    readonly [name: string]: string;
  };
  readonly defaultRoles: readonly string[];
};

export type IssuerPage = {
  readonly items: readonly Issuer[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type NewTrunkSecret = {
  readonly id?: string;
  readonly publicKey?: (string | {
    readonly [name: string]: unknown;
  });
};

export type TrunkSecret = {
  readonly trunk: string;
  readonly id: string;
  readonly retiredAt: (string | null);
  readonly createdBy: (string | null);
  readonly createdAt: string;
};

export type TrunkSecretPage = {
  readonly items: readonly TrunkSecret[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type MadeTrunkSecret = {
  readonly trunk: string;
  readonly id: string;
  readonly retiredAt: (string | null);
  readonly createdBy: (string | null);
  readonly createdAt: string;
  /** `whsec_…`: shown this once. Absent where a public key was given. */
  readonly secret?: string;
};

export type Tenant = {
  readonly id: string;
  readonly name: string;
  readonly policy: {
    readonly corsOrigins: readonly string[];
    readonly signedPermissions: readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[];
    readonly signedTrunks: readonly string[];
    readonly limits: {
      readonly client?: {
        readonly burst: number;
        readonly perS: number;
      };
      readonly tenant?: {
        readonly burst: number;
        readonly perS: number;
      };
    };
  };
  readonly createdAt: string;
  readonly updatedAt: string;
};

export type TenantPage = {
  readonly items: readonly Tenant[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type RoleContent = {
  readonly id?: string;
  readonly description?: string;
  readonly permissions: readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[];
  readonly builtIn?: false;
};

export type Role = {
  readonly id: string;
  readonly description: string;
  readonly permissions: readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[];
  /** Built-in roles are the same for every tenant, and cannot be changed. */
  readonly builtIn: boolean;
};

export type RolePage = {
  readonly items: readonly Role[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type UserContent = {
  readonly id?: string;
  readonly issuer?: (string | null);
  readonly email?: (string | null);
  readonly name?: string;
  readonly profile?: (string | null);
  readonly roles: readonly string[];
  readonly disabled?: boolean;
};

export type User = {
  /** The subject of the user's tokens. */
  readonly id: string;
  /** The tenant's own issuer whose subject it is; null: one of the deployment's, or not said. */
  readonly issuer: (string | null);
  readonly email: (string | null);
  readonly name: string;
  /** The routing key of the profile of the calls to this user. */
  readonly profile: (string | null);
  readonly roles: readonly string[];
  readonly disabled: boolean;
};

export type UserPage = {
  readonly items: readonly User[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type NewInvitation = {
  readonly email?: (string | null);
  readonly name?: string;
  readonly roles: readonly string[];
  readonly expiresInS?: number;
};

export type Invitation = {
  readonly id: string;
  readonly email: (string | null);
  readonly name: string;
  readonly roles: readonly string[];
  readonly createdBy: string;
  /** The subject who joined by it. */
  readonly acceptedBy: (string | null);
  readonly state: ("pending" | "accepted" | "revoked" | "expired");
  readonly expiresAt: string;
  readonly acceptedAt: (string | null);
  readonly revokedAt: (string | null);
  readonly createdAt: string;
};

export type InvitationPage = {
  readonly items: readonly Invitation[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type MadeInvitation = {
  readonly id: string;
  readonly email: (string | null);
  readonly name: string;
  readonly roles: readonly string[];
  readonly createdBy: string;
  /** The subject who joined by it. */
  readonly acceptedBy: (string | null);
  readonly state: ("pending" | "accepted" | "revoked" | "expired");
  readonly expiresAt: string;
  readonly acceptedAt: (string | null);
  readonly revokedAt: (string | null);
  readonly createdAt: string;
  /** `tli_<tenant>_<id>_<secret>`: shown this once. Whoever has it may join. */
  readonly token: string;
};

export type Acceptance = {
  readonly token: string;
};

export type Me = {
  readonly tenant: string;
  readonly subject: string;
  /** How it was proven. */
  readonly via: ("jwt" | "api_key" | "signature");
  readonly roles: readonly string[];
  /** What the roles grant, as far as the scopes do not leave it out. */
  readonly permissions: readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[];
  /** What the credentials are good for at most; null: not narrowed. */
  readonly scopes: (readonly (("calls:create" | "sessions:report" | "sessions:command" | "sessions:read" | "sessions:write" | "sessions:delete" | "config:read" | "config:write" | "config:publish" | "access:manage" | "events:read" | "events:write" | "events:manage" | "webhooks:manage" | "audit:read" | "pii:read"))[] | null);
  /** The one trunk that the credentials belong to. */
  readonly trunk: (string | null);
  readonly expiresAt: (string | null);
  /** Whether the tenant knows the subject itself, so that its word on roles counts. */
  readonly inDirectory: boolean;
};

export type AuditEntry = {
  readonly tenant: string;
  readonly lane: ("standard" | "emergency");
  readonly sequence: number;
  readonly at: string;
  readonly actor: string;
  readonly via: string;
  readonly action: string;
  readonly resource: string;
  readonly outcome: ("done" | "refused" | "failed" | "unknown");
  readonly status: number;
  readonly requestId: string;
  readonly sourceIp: (string | null);
  readonly detail: {
    readonly [name: string]: unknown;
  };
  readonly previousHash: string;
  readonly hash: string;
};

export type AuditEntryPage = {
  readonly items: readonly AuditEntry[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type Webhook = {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly personalData: boolean;
  readonly enabled: boolean;
  readonly disabledAt: (string | null);
  /** Somebody (`user`), 410 (`gone`), five days of failure (`failing`). */
  readonly disabledBecause: (("user" | "gone" | "failing") | null);
  /** `whpk_…` of the Ed25519 keys that sign now, the newest first. */
  readonly publicKeys: readonly string[];
  /** Until then the secret before the newest signs, too. */
  readonly rotatedUntil: (string | null);
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
};

export type WebhookInput = {
  readonly url: string;
  readonly description?: string;
  readonly eventTypes?: readonly string[];
  readonly personalData?: boolean;
  readonly enabled?: boolean;
};

export type WebhookWithSecret = {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly personalData: boolean;
  readonly enabled: boolean;
  readonly disabledAt: (string | null);
  /** Somebody (`user`), 410 (`gone`), five days of failure (`failing`). */
  readonly disabledBecause: (("user" | "gone" | "failing") | null);
  /** `whpk_…` of the Ed25519 keys that sign now, the newest first. */
  readonly publicKeys: readonly string[];
  /** Until then the secret before the newest signs, too. */
  readonly rotatedUntil: (string | null);
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** `whsec_…`: shown this once. */
  readonly secret: string;
};

export type WebhookShown = {
  readonly id: string;
  readonly url: string;
  readonly description: string;
  readonly eventTypes: readonly string[];
  readonly personalData: boolean;
  readonly enabled: boolean;
  readonly disabledAt: (string | null);
  /** Somebody (`user`), 410 (`gone`), five days of failure (`failing`). */
  readonly disabledBecause: (("user" | "gone" | "failing") | null);
  /** `whpk_…` of the Ed25519 keys that sign now, the newest first. */
  readonly publicKeys: readonly string[];
  /** Until then the secret before the newest signs, too. */
  readonly rotatedUntil: (string | null);
  readonly createdBy: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Null: what delivers does not answer now. */
  readonly deliveries: (WebhookBacklog | null);
};

export type WebhookPage = {
  readonly items: readonly Webhook[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type WebhookBacklog = {
  /** Events that are to be delivered. */
  readonly waiting: number;
  readonly oldestRecordedAt: (string | null);
  readonly nextAttemptAt: (string | null);
  readonly breaker: ("closed" | "open" | "half_open");
  readonly failingSince: (string | null);
  /** More came than may wait: the rest is read from the event store when there is room. */
  readonly lagging: boolean;
  /** From when to replay what was not delivered before it was disabled. */
  readonly undeliveredSince: (string | null);
};

export type DeliverySummary = {
  readonly id: string;
  readonly at: string;
  readonly durationMs: number;
  readonly eventId: string;
  readonly eventType: string;
  /** Of this event, from 1. */
  readonly attempt: number;
  readonly status: ("delivered" | "failed" | "given_up");
  readonly reason: ("event" | "test" | "replay");
  readonly url: string;
  readonly responseStatus: (number | null);
  readonly failure: (string | null);
  readonly nextAttemptAt: (string | null);
};

export type Delivery = {
  readonly id: string;
  readonly at: string;
  readonly durationMs: number;
  readonly eventId: string;
  readonly eventType: string;
  /** Of this event, from 1. */
  readonly attempt: number;
  readonly status: ("delivered" | "failed" | "given_up");
  readonly reason: ("event" | "test" | "replay");
  readonly url: string;
  readonly responseStatus: (number | null);
  readonly failure: (string | null);
  readonly nextAttemptAt: (string | null);
  readonly request: {
    readonly headers: {
      readonly [name: string]: string;
    };
    readonly body: string;
    readonly isCut: boolean;
  };
  readonly response: ({
    readonly status: number;
    readonly headers: {
      readonly [name: string]: string;
    };
    readonly body: string;
    readonly isCut: boolean;
  } | null);
};

export type DeliveryPage = {
  readonly items: readonly DeliverySummary[];
  /** There may be more; its absence is the end. */
  readonly nextCursor?: string;
};

export type WebhookReplay = {
  readonly id: string;
  readonly state: ("running" | "done" | "cancelled");
  readonly from: string;
  readonly to: string;
  /** That were taken so far. */
  readonly events: number;
  readonly startedAt: string;
  readonly finishedAt: (string | null);
};

/** A proxy asks where a call goes. */
export type KamailioRouteRequest = {
  /** The SIP Call-ID. */
  readonly callId: string;
  /** The From URI. */
  readonly from: string;
  /** The Request-URI: where the call goes. */
  readonly ruri: string;
  /** The To URI; for show. */
  readonly to?: string;
  /** By which the trunk is recognised where `trunk` is not there. */
  readonly srcIp?: string;
  readonly trunk?: string;
  /** What `X-Trunkline-Trail` said. */
  readonly trail?: string;
  /** PIDF-LO that came by value in the INVITE's body (RFC 6442), as text. */
  readonly location?: string;
  /** URI of the header `Geolocation`. */
  readonly geolocation?: string;
  /** True with `Priority: psap-callback` (RFC 7090). */
  readonly callback?: boolean;
  /** What the header `Privacy` said. */
  readonly privacy?: string;
  /** URI of `P-Asserted-Identity`: who calls for help, where From hides it. */
  readonly assertedIdentity?: string;
};

/** An rtjson document, with members of ours. */
export type KamailioRoute = {
  readonly version: "1.0";
  readonly routing?: "serial";
  readonly routes: readonly ({
    readonly uri: string;
    /** Host, port and transport alone. */
    readonly dst_uri: string;
    readonly headers: {
      readonly from?: {
        readonly display: string;
        readonly uri: string;
      };
      readonly extra: string;
    };
    readonly fr_timer: number;
    readonly fr_inv_timer: number;
  })[];
  /** The call is refused; there are no routes. */
  readonly reject?: {
    readonly code: number;
    readonly reason: string;
  };
  readonly session: string;
  readonly lane: ("standard" | "emergency");
  /** The number of each route's group, with semicolons between: those of a group ring together. */
  readonly groups?: string;
  /** There where somebody calls for help. */
  readonly emergency?: {
    readonly service: string;
    readonly isTest: boolean;
    readonly dialled?: string;
  };
  /** One set per route, with semicolons between: after which the next is tried. */
  readonly rerouteCodes?: string;
  readonly otherwise?: {
    readonly code: number;
    readonly reason: string;
  };
  readonly maxDurationS?: number;
};

/** A proxy reports what became of a call. */
export type KamailioReport = {
  readonly id?: ((string | number) | null);
  readonly type: (("call.started" | "call.ringing" | "call.failover" | "call.answered" | "call.ended" | "call.failed" | "call.cancelled") | ("started" | "ringing" | "failover" | "answered" | "ended" | "failed" | "cancelled"));
  readonly sipCode?: ((number | string) | null);
  readonly q850?: ((number | string) | null);
  readonly contact?: (string | null);
  readonly routeIndex?: ((number | string) | null);
  readonly reason?: (string | null);
  /** The SIP Call-ID. */
  readonly callId: string;
  /** Unix seconds or milliseconds, or RFC 3339. */
  readonly ts?: ((string | (number | string)) | null);
  /** What the answer to the route request said. */
  readonly lane?: (("standard" | "emergency") | null);
};

export type KamailioReportTaken = {
  /** False: it changed nothing. */
  readonly applied: boolean;
  readonly session: string;
  readonly state: ("queued" | "initiating" | "ringing" | "active" | "ending" | "completed" | "escalated" | "failed");
};

/** A carrier's word on a leg that Trunkline placed, in the dialect of the account's kind. */
export type CarrierCallback = {
  /** By which a repetition is known. */
  readonly id: string;
  readonly type: ("ringing" | "answered" | "failed" | "ended" | "callerHungUp");
  readonly leg: string;
  readonly at: (string | (number | string));
  readonly answeredAt?: ((string | (number | string)) | null);
  readonly sipCode?: (number | null);
  readonly q850?: (number | null);
};

export type CarrierCallbackTaken = {
  readonly id: string;
};

export type Health = {
  readonly status: "ok";
  readonly lane: ("standard" | "emergency");
  readonly region: string;
};

export type Readiness = {
  readonly status: ("ready" | "degraded" | "unready");
  readonly lane: ("standard" | "emergency");
  /** Each part that is needed; without a critical one no call can be taken. */
  readonly checks: {
    readonly [name: string]: {
      readonly ok: boolean;
      readonly critical: boolean;
      readonly ms: number;
      /** Since when it does not answer, as far as who answers knows. */
      readonly since?: string;
      /** What becomes of calls and requests without it. */
      readonly without: string;
    };
  };
  /** Where published configurations are had from, behind the memory. */
  readonly snapshots: {
    readonly [name: string]: {
      readonly ok: boolean;
      readonly critical: boolean;
      readonly ms: number;
      /** Since when it does not answer, as far as who answers knows. */
      readonly since?: string;
      /** What becomes of calls and requests without it. */
      readonly without: string;
    };
  };
  /** Circuit breakers that are open here, by kind of target. */
  readonly breakers: {
    readonly [name: string]: number;
  };
};

/** An OpenAPI document. */
export type ApiDescription = {
  readonly openapi: string;
  readonly [name: string]: unknown;
};

/** An error code, explained. */
export type ProblemExplanation = {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
  readonly remedy: string;
  readonly example: {
    readonly [name: string]: unknown;
  };
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly instance?: string;
  readonly code: ("bad_json" | "bad_header" | "bad_query" | "bad_cursor" | "unauthenticated" | "signature_required" | "address_not_allowed" | "forbidden" | "origin_not_allowed" | "not_found" | "conflict" | "illegal_state" | "capability_missing" | "precondition_failed" | "body_too_slow" | "body_too_large" | "unsupported_media_type" | "wrong_lane" | "invalid_fields" | "configuration_invalid" | "upload_invalid" | "upgrade_required" | "idempotency_key_reused" | "request_in_flight" | "too_many_requests" | "internal" | "overloaded" | "unavailable");
  readonly requestId?: string;
  readonly errors?: readonly ({
    /** A JSON pointer (RFC 6901) into the body, or `?` and the name of a query parameter. */
    readonly pointer: string;
    readonly code: string;
    readonly detail: string;
  })[];
  readonly [name: string]: unknown;
};

/** By operationId: what each operation takes, and the body of its good answer. */
export type Operations = {
  /** Set up a call */
  readonly createCall: {
    readonly input: {
      readonly body: NewCall;
    };
    readonly answer: Call;
  };
  /** Where an emergency caller is */
  readonly getEmergencyLocation: {
    readonly input: {
      /** As the header has it. */
      readonly reference: string;
    };
    readonly answer: string;
  };
  /** List sessions */
  readonly listSessions: {
    readonly input: {
      readonly query?: {
        /** Statuses, with commas between. */
        readonly status?: QueryValue;
        /** States, with commas between. */
        readonly state?: QueryValue;
        /** Lanes. */
        readonly lane?: QueryValue;
        /** Directions, as the tenant sees them. */
        readonly direction?: QueryValue;
        /** Channels. */
        readonly channel?: QueryValue;
        /** Whether another system keeps its record here. */
        readonly recorded?: QueryValue;
        /** Only sessions that have one of these. */
        readonly trunk?: QueryValue;
        /** Only sessions that have one of these. */
        readonly destination?: QueryValue;
        /** Only sessions that have one of these. */
        readonly ruleId?: QueryValue;
        /** Only sessions that have one of these. */
        readonly disposition?: QueryValue;
        /** Only sessions that have one of these. */
        readonly tag?: QueryValue;
        /** The record's `from`; with `*` at the end how it begins. */
        readonly caller?: QueryValue;
        /** The record's `to`; with `*` at the end how it begins. */
        readonly callee?: QueryValue;
        /** 3 to 15 digits that stand together in `from` or `to`. */
        readonly q?: QueryValue;
        /** A value in `metadata`, by its path with dots: the text, number or boolean that is written so. */
        readonly [name: `metadata.${string}`]: QueryValue;
        /** Ended, and took so long. */
        readonly minDurationMs?: QueryValue;
        /** Opened then or later. */
        readonly from?: QueryValue;
        /** Opened before. */
        readonly to?: QueryValue;
        /** By what, `-` for the other way round; `-startedAt` by default. */
        readonly sort?: QueryValue;
        /** Only these members; `id` is always there. */
        readonly fields?: QueryValue;
        /** `events`: up to 100 events of each session; `limit` is at most 100 then. */
        readonly include?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: SessionPage;
  };
  /** Keep the session of another system */
  readonly recordSession: {
    readonly input: {
      readonly body: NewSession;
    };
    readonly answer: Session;
  };
  /** A session's record */
  readonly getSession: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
    };
    readonly answer: Session;
  };
  /** Change metadata, disposition and tags */
  readonly amendSession: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: SessionAmendment;
    };
    readonly answer: Session;
  };
  /** Delete a session for good */
  readonly deleteSession: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
    };
    readonly answer: undefined;
  };
  /** End a recorded session */
  readonly endSession: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
      readonly body?: SessionEnd;
    };
    readonly answer: Session;
  };
  /** A session's events */
  readonly listSessionEvents: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
      readonly query?: {
        /** In full or for short (`call.answered`); `*` at the end for a prefix, commas for alternatives. */
        readonly type?: QueryValue;
        /** Of the occurrence, inclusive. */
        readonly from?: QueryValue;
        /** Of the occurrence, exclusive. */
        readonly to?: QueryValue;
        /** `time` by default. */
        readonly sort?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: SessionEvents;
  };
  /** Report what became of a call, or add an event to a recorded session */
  readonly reportOnSession: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
      readonly body: SessionNews;
    };
    readonly answer: SessionNewsTaken;
  };
  /** An ended session as vCon */
  readonly getSessionVcon: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
    };
    readonly answer: string;
  };
  /** A session as it was at a moment */
  readonly replaySession: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
      readonly query?: {
        /** A time by RFC 3339, or the number of an event, inclusive; now by default. */
        readonly at?: QueryValue;
        /** Whether a time is when events were recorded (default) or when they happened. */
        readonly by?: QueryValue;
      };
    };
    readonly answer: ReplayedSession;
  };
  /** Figures over sessions */
  readonly getSessionFigures: {
    readonly input: {
      readonly query?: {
        /** How long a bucket is; `hour` by default. */
        readonly bucket?: QueryValue;
        /** What is counted apart; `none` by default. */
        readonly by?: QueryValue;
        /** Opened then or later; by default a day, a week or four weeks before `to`. */
        readonly from?: QueryValue;
        /** Opened before; now by default. */
        readonly to?: QueryValue;
        /** Of this lane. */
        readonly lane?: QueryValue;
        /** Of this direction. */
        readonly direction?: QueryValue;
        /** Where figures come from; `sessions` by default. */
        readonly source?: QueryValue;
      };
    };
    readonly answer: SessionFigures;
  };
  /** Tell a session to do something */
  readonly commandSession: {
    readonly input: {
      /** The session's id. */
      readonly id: string;
      readonly body: SessionCommand;
    };
    readonly answer: CommandTaken;
  };
  /** Get a ticket for one socket */
  readonly createLiveTicket: {
    readonly input: {
      readonly body?: NewLiveTicket;
    };
    readonly answer: LiveTicket;
  };
  /** Store events */
  readonly appendEvents: {
    readonly input: {
      readonly query?: {
        /** Store the good ones although others are bad. */
        readonly partial?: QueryValue;
      };
      readonly body: NewEvents;
    };
    readonly answer: Accepted | PartlyAccepted;
  };
  /** Find events */
  readonly listEvents: {
    readonly input: {
      readonly query?: {
        /** Of the occurrence, inclusive. */
        readonly from?: QueryValue;
        /** Of the occurrence, exclusive. */
        readonly to?: QueryValue;
        /** Of the storing, inclusive. */
        readonly recordedFrom?: QueryValue;
        /** Of the storing, exclusive. */
        readonly recordedTo?: QueryValue;
        /** Types; `*` at the end for a prefix, commas for alternatives. */
        readonly type?: QueryValue;
        /** The call: a session's id or the sender's own. */
        readonly callId?: QueryValue;
        /** Numbers or addresses; `*` at the end for a prefix. */
        readonly caller?: QueryValue;
        /** Numbers or addresses; `*` at the end for a prefix. */
        readonly callee?: QueryValue;
        /** Directions. */
        readonly direction?: QueryValue;
        /** Statuses. */
        readonly status?: QueryValue;
        /** Sources; `*` at the end for a prefix. */
        readonly source?: QueryValue;
        /** A member of `data`, by its path with dots; compared as text. May be there for several paths. */
        readonly [name: `data.${string}`]: QueryValue;
        /** An expression (a subset of AIP-160). */
        readonly filter?: QueryValue;
        /** `-id`, the default: newest first by time of storing. */
        readonly order?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: EventPage;
  };
  /** Everything that matches, oldest first */
  readonly exportEvents: {
    readonly input: {
      readonly query?: {
        /** Of the occurrence, inclusive. */
        readonly from?: QueryValue;
        /** Of the occurrence, exclusive. */
        readonly to?: QueryValue;
        /** Of the storing, inclusive. */
        readonly recordedFrom?: QueryValue;
        /** Of the storing, exclusive. */
        readonly recordedTo?: QueryValue;
        /** Types; `*` at the end for a prefix, commas for alternatives. */
        readonly type?: QueryValue;
        /** The call: a session's id or the sender's own. */
        readonly callId?: QueryValue;
        /** Numbers or addresses; `*` at the end for a prefix. */
        readonly caller?: QueryValue;
        /** Numbers or addresses; `*` at the end for a prefix. */
        readonly callee?: QueryValue;
        /** Directions. */
        readonly direction?: QueryValue;
        /** Statuses. */
        readonly status?: QueryValue;
        /** Sources; `*` at the end for a prefix. */
        readonly source?: QueryValue;
        /** A member of `data`, by its path with dots; compared as text. May be there for several paths. */
        readonly [name: `data.${string}`]: QueryValue;
        /** An expression (a subset of AIP-160). */
        readonly filter?: QueryValue;
        /** Where to go on: `next` of the last line, or the id of the last event. */
        readonly after?: QueryValue;
        /** `ndjson` by default. */
        readonly format?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined>;
  };
  /** Counts per bucket of time */
  readonly countEvents: {
    readonly input: {
      readonly query?: {
        /** Of the occurrence, inclusive. */
        readonly from?: QueryValue;
        /** Of the occurrence, exclusive. */
        readonly to?: QueryValue;
        /** How long a bucket is; `1h` by default. */
        readonly bucket?: QueryValue;
        /** What is counted apart; `type` by default. */
        readonly by?: QueryValue;
        /** Types; `*` at the end for a prefix, commas for alternatives. */
        readonly type?: QueryValue;
        /** Directions. */
        readonly direction?: QueryValue;
        /** Statuses. */
        readonly status?: QueryValue;
        /** Sources; `*` at the end for a prefix. */
        readonly source?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: EventStats;
  };
  /** One event */
  readonly getEvent: {
    readonly input: {
      /** The event's id. */
      readonly id: string;
    };
    readonly answer: Event;
  };
  /** One call's events, with gaps and durations */
  readonly getTimeline: {
    readonly input: {
      /** A session's id or the sender's own id of the call. */
      readonly callId: string;
      readonly query?: {
        /** Of the occurrence, inclusive. */
        readonly from?: QueryValue;
        /** Of the occurrence, exclusive. */
        readonly to?: QueryValue;
        /** Longer gaps are marked; 5,000 by default. */
        readonly longGapMs?: QueryValue;
        /** By default as `Accept` asks, else `json`. */
        readonly format?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: Timeline;
  };
  /** A record for each call that began in the period */
  readonly exportCallRecords: {
    readonly input: {
      readonly query: {
        /** Of the occurrence, inclusive. */
        readonly from: QueryValue;
        /** Of the occurrence, exclusive. */
        readonly to: QueryValue;
        /** `csv` by default. */
        readonly format?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined>;
  };
  /** The tenant's retention policy */
  readonly getEventPolicy: {
    readonly input: {
      readonly query?: {
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: RetentionPolicy;
  };
  /** Replace the tenant's retention policy */
  readonly putEventPolicy: {
    readonly input: {
      readonly query?: {
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
      readonly body: RetentionPolicy;
    };
    readonly answer: RetentionPolicy;
  };
  /** Legal holds */
  readonly listEventHolds: {
    readonly input: {
      readonly query?: {
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: HoldPage;
  };
  /** Place a legal hold */
  readonly placeEventHold: {
    readonly input: {
      readonly query?: {
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
      readonly body: NewHold;
    };
    readonly answer: Hold;
  };
  /** Lift a legal hold */
  readonly liftEventHold: {
    readonly input: {
      /** The hold's id. */
      readonly id: string;
      readonly query?: {
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: Hold;
  };
  /** Erasures of personal data */
  readonly listEventErasures: {
    readonly input: {
      readonly query?: {
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: ErasurePage;
  };
  /** Erase one person's data, by number */
  readonly eraseNumber: {
    readonly input: {
      readonly query?: {
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
      readonly body: NewErasure;
    };
    readonly answer: Erasure;
  };
  /** How far an erasure is */
  readonly getEventErasure: {
    readonly input: {
      /** The erasure's id. */
      readonly id: string;
      readonly query?: {
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: Erasure;
  };
  /** Why a call goes where it goes */
  readonly explainRouting: {
    readonly input: {
      readonly body: NewExplanation;
    };
    readonly answer: Explanation;
  };
  /** What another configuration would have done with stored calls */
  readonly replayRouting: {
    readonly input: {
      readonly body: NewReplay;
    };
    readonly answer: AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined>;
  };
  /** How lines are used now */
  readonly getCapacity: {
    readonly input: Readonly<Record<never, never>>;
    readonly answer: CapacityUse;
  };
  /** The tenant's settings */
  readonly getSettings: {
    readonly input: Readonly<Record<never, never>>;
    readonly answer: Settings;
  };
  /** Replace the tenant's settings */
  readonly putSettings: {
    readonly input: {
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: NewSettings;
    };
    readonly answer: Settings;
  };
  /** List trunks */
  readonly listTrunks: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly kind?: QueryValue;
        /** Only those that have one of these values. */
        readonly auth?: QueryValue;
        /** Only those that have one of these values. */
        readonly capability?: QueryValue;
        /** Only those that have one of these values. */
        readonly source?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: TrunkPage;
  };
  /** Make a trunk */
  readonly createTrunk: {
    readonly input: {
      readonly body: NewTrunk;
    };
    readonly answer: Trunk;
  };
  /** One trunk */
  readonly getTrunk: {
    readonly input: {
      /** The id of the trunk. */
      readonly id: string;
    };
    readonly answer: Trunk;
  };
  /** Make or replace a trunk */
  readonly putTrunk: {
    readonly input: {
      /** The id of the trunk. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: TrunkContent;
    };
    readonly answer: Trunk;
  };
  /** Change members of a trunk */
  readonly updateTrunk: {
    readonly input: {
      /** The id of the trunk. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: Trunk;
  };
  /** Remove a trunk */
  readonly deleteTrunk: {
    readonly input: {
      /** The id of the trunk. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List destinations */
  readonly listDestinations: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly type?: QueryValue;
        /** Only those that have one of these values. */
        readonly enabled?: QueryValue;
        /** Only those that have one of these values. */
        readonly rateTable?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: DestinationPage;
  };
  /** Make a destination */
  readonly createDestination: {
    readonly input: {
      readonly body: NewDestination;
    };
    readonly answer: Destination;
  };
  /** One destination */
  readonly getDestination: {
    readonly input: {
      /** The id of the destination. */
      readonly id: string;
    };
    readonly answer: Destination;
  };
  /** Make or replace a destination */
  readonly putDestination: {
    readonly input: {
      /** The id of the destination. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: DestinationContent;
    };
    readonly answer: Destination;
  };
  /** Change members of a destination */
  readonly updateDestination: {
    readonly input: {
      /** The id of the destination. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: Destination;
  };
  /** Remove a destination */
  readonly deleteDestination: {
    readonly input: {
      /** The id of the destination. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List routing rules */
  readonly listRoutingRules: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly group?: QueryValue;
        /** Only those that have one of these values. */
        readonly enabled?: QueryValue;
        /** Only those that have one of these values. */
        readonly blocker?: QueryValue;
        /** Only those that have one of these values. */
        readonly action?: QueryValue;
        /** Only those that have one of these values. */
        readonly trunk?: QueryValue;
        /** Only those that have one of these values. */
        readonly calleePrefix?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: RoutingRulePage;
  };
  /** Make a routing rule */
  readonly createRoutingRule: {
    readonly input: {
      readonly body: NewRoutingRule;
    };
    readonly answer: RoutingRule;
  };
  /** Replace a group of routing rules */
  readonly replaceRoutingRuleGroup: {
    readonly input: {
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly query: {
        /** The group's name. */
        readonly group: QueryValue;
      };
      readonly body: string;
    };
    readonly answer: Uploaded;
  };
  /** One routing rule */
  readonly getRoutingRule: {
    readonly input: {
      /** The id of the routing rule. */
      readonly id: string;
    };
    readonly answer: RoutingRule;
  };
  /** Make or replace a routing rule */
  readonly putRoutingRule: {
    readonly input: {
      /** The id of the routing rule. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: RoutingRuleContent;
    };
    readonly answer: RoutingRule;
  };
  /** Change members of a routing rule */
  readonly updateRoutingRule: {
    readonly input: {
      /** The id of the routing rule. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: RoutingRule;
  };
  /** Remove a routing rule */
  readonly deleteRoutingRule: {
    readonly input: {
      /** The id of the routing rule. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List rate tables */
  readonly listRateTables: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly currency?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: RateTablePage;
  };
  /** Make a rate table */
  readonly createRateTable: {
    readonly input: {
      readonly body: NewRateTable;
    };
    readonly answer: RateTable;
  };
  /** One rate table */
  readonly getRateTable: {
    readonly input: {
      /** The id of the rate table. */
      readonly id: string;
    };
    readonly answer: RateTable;
  };
  /** Make or replace a rate table */
  readonly putRateTable: {
    readonly input: {
      /** The id of the rate table. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: RateTableContent;
    };
    readonly answer: RateTable;
  };
  /** Change members of a rate table */
  readonly updateRateTable: {
    readonly input: {
      /** The id of the rate table. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: RateTable;
  };
  /** Remove a rate table */
  readonly deleteRateTable: {
    readonly input: {
      /** The id of the rate table. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List calendars */
  readonly listCalendars: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly timeZone?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: CalendarPage;
  };
  /** Make a calendar */
  readonly createCalendar: {
    readonly input: {
      readonly body: NewCalendar;
    };
    readonly answer: Calendar;
  };
  /** One calendar */
  readonly getCalendar: {
    readonly input: {
      /** The id of the calendar. */
      readonly id: string;
    };
    readonly answer: Calendar;
  };
  /** Make or replace a calendar */
  readonly putCalendar: {
    readonly input: {
      /** The id of the calendar. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: CalendarContent;
    };
    readonly answer: Calendar;
  };
  /** Change members of a calendar */
  readonly updateCalendar: {
    readonly input: {
      /** The id of the calendar. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: Calendar;
  };
  /** Remove a calendar */
  readonly deleteCalendar: {
    readonly input: {
      /** The id of the calendar. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List number lists */
  readonly listNumberLists: {
    readonly input: {
      readonly query?: {
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: NumberListPage;
  };
  /** Make a number list */
  readonly createNumberList: {
    readonly input: {
      readonly body: NewNumberList;
    };
    readonly answer: NumberList;
  };
  /** One number list */
  readonly getNumberList: {
    readonly input: {
      /** The id of the number list. */
      readonly id: string;
    };
    readonly answer: NumberList;
  };
  /** Make or replace a number list */
  readonly putNumberList: {
    readonly input: {
      /** The id of the number list. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: NumberListContent;
    };
    readonly answer: NumberList;
  };
  /** Change members of a number list */
  readonly updateNumberList: {
    readonly input: {
      /** The id of the number list. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: NumberList;
  };
  /** Remove a number list */
  readonly deleteNumberList: {
    readonly input: {
      /** The id of the number list. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List profiles */
  readonly listProfiles: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly doNotDisturb?: QueryValue;
        /** Only those that have one of these values. */
        readonly diversion?: QueryValue;
        /** Only those that have one of these values. */
        readonly preferredDestination?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: ProfilePage;
  };
  /** Make a profile */
  readonly createProfile: {
    readonly input: {
      readonly body: NewProfile;
    };
    readonly answer: Profile;
  };
  /** One profile */
  readonly getProfile: {
    readonly input: {
      /** The id of the profile. */
      readonly id: string;
    };
    readonly answer: Profile;
  };
  /** Make or replace a profile */
  readonly putProfile: {
    readonly input: {
      /** The id of the profile. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: ProfileContent;
    };
    readonly answer: Profile;
  };
  /** Change members of a profile */
  readonly updateProfile: {
    readonly input: {
      /** The id of the profile. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: Profile;
  };
  /** Remove a profile */
  readonly deleteProfile: {
    readonly input: {
      /** The id of the profile. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List emergency routes */
  readonly listEmergencyRoutes: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly trunk?: QueryValue;
        /** Only those that have one of these values. */
        readonly service?: QueryValue;
        /** Only those that have one of these values. */
        readonly country?: QueryValue;
        /** Only those that have one of these values. */
        readonly destination?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: EmergencyRoutePage;
  };
  /** Make an emergency route */
  readonly createEmergencyRoute: {
    readonly input: {
      readonly body: NewEmergencyRoute;
    };
    readonly answer: EmergencyRoute;
  };
  /** One emergency route */
  readonly getEmergencyRoute: {
    readonly input: {
      /** The id of the emergency route. */
      readonly id: string;
    };
    readonly answer: EmergencyRoute;
  };
  /** Make or replace an emergency route */
  readonly putEmergencyRoute: {
    readonly input: {
      /** The id of the emergency route. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: EmergencyRouteContent;
    };
    readonly answer: EmergencyRoute;
  };
  /** Change members of an emergency route */
  readonly updateEmergencyRoute: {
    readonly input: {
      /** The id of the emergency route. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: EmergencyRoute;
  };
  /** Remove an emergency route */
  readonly deleteEmergencyRoute: {
    readonly input: {
      /** The id of the emergency route. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List decision services */
  readonly listDecisionServices: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly enabled?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: DecisionServicePage;
  };
  /** Make a decision service */
  readonly createDecisionService: {
    readonly input: {
      readonly body: NewDecisionService;
    };
    readonly answer: DecisionService;
  };
  /** One decision service */
  readonly getDecisionService: {
    readonly input: {
      /** The id of the decision service. */
      readonly id: string;
    };
    readonly answer: DecisionService;
  };
  /** Make or replace a decision service */
  readonly putDecisionService: {
    readonly input: {
      /** The id of the decision service. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: DecisionServiceContent;
    };
    readonly answer: DecisionService;
  };
  /** Change members of a decision service */
  readonly updateDecisionService: {
    readonly input: {
      /** The id of the decision service. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: DecisionService;
  };
  /** Remove a decision service */
  readonly deleteDecisionService: {
    readonly input: {
      /** The id of the decision service. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Rates of a table */
  readonly listRates: {
    readonly input: {
      /** The id of the rate table. */
      readonly id: string;
      readonly query?: {
        /** Only rows whose number begins so. */
        readonly prefix?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: RatePage;
  };
  /** Replace the rates of a table */
  readonly replaceRates: {
    readonly input: {
      /** The id of the rate table. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: string;
    };
    readonly answer: Uploaded;
  };
  /** Entries of a number list */
  readonly listNumberListEntries: {
    readonly input: {
      /** The id of the number list. */
      readonly id: string;
      readonly query?: {
        /** Only rows whose number begins so. */
        readonly prefix?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: NumberListEntryPage;
  };
  /** Replace the entries of a number list */
  readonly replaceNumberListEntries: {
    readonly input: {
      /** The id of the number list. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: string;
    };
    readonly answer: Uploaded;
  };
  /** The whole draft */
  readonly getDraft: {
    readonly input: Readonly<Record<never, never>>;
    readonly answer: AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined>;
  };
  /** Replace the whole draft */
  readonly putDraft: {
    readonly input: {
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: string;
    };
    readonly answer: Uploaded;
  };
  /** The secret that signs questions to a decision service */
  readonly showDecisionServiceSecret: {
    readonly input: {
      /** The id of the decision service. */
      readonly id: string;
    };
    readonly answer: DecisionServiceSecret;
  };
  /** Publish the draft */
  readonly publishConfiguration: {
    readonly input: {
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `respond-async` (RFC 7240): answered with 202 and a job. */
      readonly prefer?: string;
      readonly body?: NewPublication;
    };
    readonly answer: Publication | Job;
  };
  /** Put a published version in force again */
  readonly rollBackConfiguration: {
    readonly input: {
      readonly body: NewRollback;
    };
    readonly answer: Rollback;
  };
  /** What was published */
  readonly listConfigurationVersions: {
    readonly input: {
      readonly query?: {
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: ConfigurationVersionPage;
  };
  /** What two configurations differ in */
  readonly compareConfigurations: {
    readonly input: {
      readonly query?: {
        /** `current` by default; `draft`, or a version's name. */
        readonly from?: QueryValue;
        /** `draft` by default. */
        readonly to?: QueryValue;
      };
    };
    readonly answer: ConfigurationDifference;
  };
  /** How far something is that was put off */
  readonly getJob: {
    readonly input: {
      /** The job's. */
      readonly id: string;
    };
    readonly answer: Job;
  };
  /** List API keys */
  readonly listApiKeys: {
    readonly input: {
      readonly query?: {
        /** Bound to one of these trunks. */
        readonly trunk?: QueryValue;
        /** Revoked ones alone, or those that are not. */
        readonly revoked?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: ApiKeyPage;
  };
  /** Make an API key */
  readonly createApiKey: {
    readonly input: {
      readonly body: NewApiKey;
    };
    readonly answer: MadeApiKey;
  };
  /** One API key */
  readonly getApiKey: {
    readonly input: {
      /** The 12 characters of the key that are no secret. */
      readonly id: string;
    };
    readonly answer: ApiKey;
  };
  /** Replace an API key by another with the same rights */
  readonly rotateApiKey: {
    readonly input: {
      /** The 12 characters of the key that are no secret. */
      readonly id: string;
      readonly body?: ApiKeyRotation;
    };
    readonly answer: MadeApiKey;
  };
  /** Revoke an API key */
  readonly revokeApiKey: {
    readonly input: {
      /** The 12 characters of the key that are no secret. */
      readonly id: string;
    };
    readonly answer: ApiKey;
  };
  /** List the tenant's own token issuers */
  readonly listIssuers: {
    readonly input: {
      readonly query?: {
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: IssuerPage;
  };
  /** One token issuer */
  readonly getIssuer: {
    readonly input: {
      /** The issuer's name here. */
      readonly id: string;
    };
    readonly answer: Issuer;
  };
  /** Trust an issuer of tokens, or change what is trusted */
  readonly putIssuer: {
    readonly input: {
      /** The issuer's name here. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: IssuerContent;
    };
    readonly answer: Issuer;
  };
  /** Trust an issuer no longer */
  readonly deleteIssuer: {
    readonly input: {
      /** The issuer's name here. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List the names of a trunk's secrets */
  readonly listTrunkSecrets: {
    readonly input: {
      /** The trunk's id. */
      readonly id: string;
      readonly query?: {
        /** Retired ones alone, or those that hold. */
        readonly retired?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: TrunkSecretPage;
  };
  /** Add a secret, or a public key, with which a trunk signs */
  readonly createTrunkSecret: {
    readonly input: {
      /** The trunk's id. */
      readonly id: string;
      readonly body?: NewTrunkSecret;
    };
    readonly answer: MadeTrunkSecret;
  };
  /** Retire a trunk's secret */
  readonly retireTrunkSecret: {
    readonly input: {
      /** The trunk's id. */
      readonly id: string;
      /** The secret's name. */
      readonly secret: string;
    };
    readonly answer: TrunkSecret;
  };
  /** Who asks */
  readonly getMe: {
    readonly input: Readonly<Record<never, never>>;
    readonly answer: Me;
  };
  /** The tenant that asks */
  readonly listTenants: {
    readonly input: {
      readonly query?: {
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: TenantPage;
  };
  /** The tenant and its policy */
  readonly getTenant: {
    readonly input: {
      /** The tenant's id; any other than the own one is 404. */
      readonly id: string;
    };
    readonly answer: Tenant;
  };
  /** Change the tenant's name or policy */
  readonly updateTenant: {
    readonly input: {
      /** The tenant's id; any other than the own one is 404. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: MergePatch;
    };
    readonly answer: Tenant;
  };
  /** List roles */
  readonly listRoles: {
    readonly input: {
      readonly query?: {
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: RolePage;
  };
  /** One role */
  readonly getRole: {
    readonly input: {
      /** The role's name. */
      readonly id: string;
    };
    readonly answer: Role;
  };
  /** Make or replace a role of the tenant's own */
  readonly putRole: {
    readonly input: {
      /** The role's name. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: RoleContent;
    };
    readonly answer: Role;
  };
  /** Remove a role */
  readonly deleteRole: {
    readonly input: {
      /** The role's name. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** List users */
  readonly listUsers: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly email?: QueryValue;
        /** Only those that have one of these values. */
        readonly role?: QueryValue;
        /** Only those that have one of these values. */
        readonly profile?: QueryValue;
        /** Only those that have one of these values. */
        readonly disabled?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: UserPage;
  };
  /** One user */
  readonly getUser: {
    readonly input: {
      /** The subject of the user's tokens. */
      readonly id: string;
    };
    readonly answer: User;
  };
  /** Make or replace a user */
  readonly putUser: {
    readonly input: {
      /** The subject of the user's tokens. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: UserContent;
    };
    readonly answer: User;
  };
  /** Remove a user from the directory */
  readonly deleteUser: {
    readonly input: {
      /** The subject of the user's tokens. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** How a user wants to be called */
  readonly getUserProfile: {
    readonly input: {
      /** The subject of the user's tokens. */
      readonly id: string;
    };
    readonly answer: Profile;
  };
  /** Change how a user wants to be called */
  readonly putUserProfile: {
    readonly input: {
      /** The subject of the user's tokens. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      /** `*`: only when there is none yet. */
      readonly ifNoneMatch?: string;
      readonly body: ProfileContent;
    };
    readonly answer: Profile;
  };
  /** List invitations */
  readonly listInvitations: {
    readonly input: {
      readonly query?: {
        /** Only those that have one of these values. */
        readonly state?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: InvitationPage;
  };
  /** Invite somebody into the directory */
  readonly createInvitation: {
    readonly input: {
      readonly body: NewInvitation;
    };
    readonly answer: MadeInvitation;
  };
  /** Join the directory */
  readonly acceptInvitation: {
    readonly input: {
      readonly body: Acceptance;
    };
    readonly answer: User;
  };
  /** One invitation */
  readonly getInvitation: {
    readonly input: {
      /** The invitation's id. */
      readonly id: string;
    };
    readonly answer: Invitation;
  };
  /** Take an invitation back */
  readonly revokeInvitation: {
    readonly input: {
      /** The invitation's id. */
      readonly id: string;
    };
    readonly answer: Invitation;
  };
  /** The audit trail, newest first */
  readonly listAuditEntries: {
    readonly input: {
      readonly query?: {
        /** Who did it: a subject. */
        readonly actor?: QueryValue;
        /** What was done; `*` at the end for a prefix. */
        readonly action?: QueryValue;
        /** To what; `*` at the end for a prefix. */
        readonly resource?: QueryValue;
        /** What came of it. */
        readonly outcome?: QueryValue;
        /** Of the entry's time, inclusive. */
        readonly from?: QueryValue;
        /** Of the entry's time, exclusive. */
        readonly to?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: AuditEntryPage;
  };
  /** The audit trail as lines, oldest first, to be verified elsewhere */
  readonly exportAuditEntries: {
    readonly input: {
      readonly query?: {
        /** Of the entry's time, inclusive. */
        readonly from?: QueryValue;
        /** Of the entry's time, exclusive. */
        readonly to?: QueryValue;
        /** Which lane's store answers. */
        readonly lane?: QueryValue;
      };
    };
    readonly answer: AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined>;
  };
  /** Webhooks */
  readonly listWebhooks: {
    readonly input: {
      readonly query?: {
        /** Those alone that are enabled, or are not. */
        readonly enabled?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: WebhookPage;
  };
  /** Have events sent to a URL */
  readonly createWebhook: {
    readonly input: {
      readonly body: WebhookInput;
    };
    readonly answer: WebhookWithSecret;
  };
  /** A webhook and what waits for it */
  readonly getWebhook: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
    };
    readonly answer: WebhookShown;
  };
  /** Change a webhook */
  readonly putWebhook: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
      readonly body: WebhookInput;
    };
    readonly answer: Webhook;
  };
  /** Remove a webhook */
  readonly removeWebhook: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: undefined;
  };
  /** Send to it again */
  readonly enableWebhook: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: Webhook;
  };
  /** Make a new secret */
  readonly rotateWebhookSecret: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      /** The `ETag` that was read: what has changed since then is left as it is, with 412. */
      readonly ifMatch?: string;
    };
    readonly answer: WebhookWithSecret;
  };
  /** The last attempts, newest first */
  readonly listDeliveries: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      readonly query?: {
        /** Those alone that ended so. */
        readonly status?: QueryValue;
        /** How many a page has at most; 50 by default. */
        readonly limit?: QueryValue;
        /** The `nextCursor` of the page before, with the same filters and order. */
        readonly cursor?: QueryValue;
      };
    };
    readonly answer: DeliveryPage;
  };
  /** What was sent, and what came back */
  readonly getDelivery: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      /** The attempt's id. */
      readonly deliveryId: string;
    };
    readonly answer: Delivery;
  };
  /** Send a test event at once */
  readonly testWebhook: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
    };
    readonly answer: Delivery;
  };
  /** Deliver again what was recorded in a time */
  readonly replayWebhook: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      readonly query?: {
        /** RFC 3339, inclusive. */
        readonly from?: QueryValue;
        /** RFC 3339, exclusive; by default now. */
        readonly to?: QueryValue;
      };
    };
    readonly answer: WebhookReplay;
  };
  /** How far a replay is */
  readonly getWebhookReplay: {
    readonly input: {
      /** The webhook's id. */
      readonly id: string;
      /** The replay's id. */
      readonly replayId: string;
    };
    readonly answer: WebhookReplay;
  };
  /** Kamailio asks where a call goes */
  readonly routeKamailioCall: {
    readonly input: {
      readonly body: KamailioRouteRequest;
    };
    readonly answer: KamailioRoute;
  };
  /** Kamailio reports what became of a call */
  readonly reportKamailioCall: {
    readonly input: {
      readonly body: KamailioReport;
    };
    readonly answer: KamailioReportTaken;
  };
  /** A carrier reports on a leg */
  readonly reportCarrierLeg: {
    readonly input: {
      /** The carrier account. */
      readonly account: string;
      /** The message's id. */
      readonly webhookId?: string;
      /** Unix seconds, at most 300 s from now. */
      readonly webhookTimestamp?: string;
      readonly body: CarrierCallback;
    };
    readonly answer: CarrierCallbackTaken;
  };
  /** Whether this lane lives */
  readonly getHealth: {
    readonly input: Readonly<Record<never, never>>;
    readonly answer: Health;
  };
  /** Whether this lane can take calls */
  readonly getReadiness: {
    readonly input: {
      readonly query?: {
        /** Of the gate: whether emergency calls are served, whatever else is missing. */
        readonly for?: QueryValue;
      };
    };
    readonly answer: Readiness;
  };
  /** Counters and histograms of both lanes */
  readonly getMetrics: {
    readonly input: {
      readonly query?: {
        /** By default the text format of Prometheus. */
        readonly format?: QueryValue;
      };
    };
    readonly answer: string;
  };
  /** This document */
  readonly getDescription: {
    readonly input: Readonly<Record<never, never>>;
    readonly answer: ApiDescription;
  };
  /** This document, for people */
  readonly getReference: {
    readonly input: Readonly<Record<never, never>>;
    readonly answer: string;
  };
  /** What an error code means */
  readonly getProblem: {
    readonly input: {
      /** The code, with dashes or underscores. */
      readonly code: string;
    };
    readonly answer: ProblemExplanation;
  };
};

export const OPERATIONS = {
  createCall: { method: "POST", path: "/v1/calls", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getEmergencyLocation: { method: "GET", path: "/v1/emergency/locations/{reference}", gives: "text", accept: "application/pidf+xml" },
  listSessions: { method: "GET", path: "/v1/sessions", gives: "json", accept: "application/json" },
  recordSession: { method: "POST", path: "/v1/sessions", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getSession: { method: "GET", path: "/v1/sessions/{id}", gives: "json", accept: "application/json" },
  amendSession: { method: "PATCH", path: "/v1/sessions/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  deleteSession: { method: "DELETE", path: "/v1/sessions/{id}", gives: "none" },
  endSession: { method: "POST", path: "/v1/sessions/{id}/end", gives: "json", accept: "application/json", takes: "application/json" },
  listSessionEvents: { method: "GET", path: "/v1/sessions/{id}/events", gives: "json", accept: "application/json" },
  reportOnSession: { method: "POST", path: "/v1/sessions/{id}/events", gives: "json", accept: "application/json", takes: "application/json" },
  getSessionVcon: { method: "GET", path: "/v1/sessions/{id}/vcon", gives: "text", accept: "application/vcon" },
  replaySession: { method: "GET", path: "/v1/sessions/{id}/replay", gives: "json", accept: "application/json" },
  getSessionFigures: { method: "GET", path: "/v1/analytics/sessions", gives: "json", accept: "application/json" },
  commandSession: { method: "POST", path: "/v1/sessions/{id}/commands", gives: "json", accept: "application/json", takes: "application/json" },
  createLiveTicket: { method: "POST", path: "/v1/live/tickets", gives: "json", accept: "application/json", takes: "application/json" },
  appendEvents: { method: "POST", path: "/v1/events", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  listEvents: { method: "GET", path: "/v1/events", gives: "json", accept: "application/json" },
  exportEvents: { method: "GET", path: "/v1/events/export", gives: "lines", accept: "application/x-ndjson" },
  countEvents: { method: "GET", path: "/v1/events/stats", gives: "json", accept: "application/json" },
  getEvent: { method: "GET", path: "/v1/events/{id}", gives: "json", accept: "application/json" },
  getTimeline: { method: "GET", path: "/v1/calls/{callId}/timeline", gives: "json", accept: "application/json" },
  exportCallRecords: { method: "GET", path: "/v1/cdrs", gives: "lines", accept: "application/x-ndjson" },
  getEventPolicy: { method: "GET", path: "/v1/events/policy", gives: "json", accept: "application/json" },
  putEventPolicy: { method: "PUT", path: "/v1/events/policy", gives: "json", accept: "application/json", takes: "application/json" },
  listEventHolds: { method: "GET", path: "/v1/events/holds", gives: "json", accept: "application/json" },
  placeEventHold: { method: "POST", path: "/v1/events/holds", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  liftEventHold: { method: "POST", path: "/v1/events/holds/{id}/lift", gives: "json", accept: "application/json" },
  listEventErasures: { method: "GET", path: "/v1/events/erasures", gives: "json", accept: "application/json" },
  eraseNumber: { method: "POST", path: "/v1/events/erasures", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getEventErasure: { method: "GET", path: "/v1/events/erasures/{id}", gives: "json", accept: "application/json" },
  explainRouting: { method: "POST", path: "/v1/routing/explain", gives: "json", accept: "application/json", takes: "application/json" },
  replayRouting: { method: "POST", path: "/v1/routing/replay", gives: "lines", accept: "application/x-ndjson", takes: "application/json" },
  getCapacity: { method: "GET", path: "/v1/capacity", gives: "json", accept: "application/json" },
  getSettings: { method: "GET", path: "/v1/settings", gives: "json", accept: "application/json" },
  putSettings: { method: "PUT", path: "/v1/settings", gives: "json", accept: "application/json", takes: "application/json" },
  listTrunks: { method: "GET", path: "/v1/trunks", gives: "json", accept: "application/json" },
  createTrunk: { method: "POST", path: "/v1/trunks", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getTrunk: { method: "GET", path: "/v1/trunks/{id}", gives: "json", accept: "application/json" },
  putTrunk: { method: "PUT", path: "/v1/trunks/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateTrunk: { method: "PATCH", path: "/v1/trunks/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteTrunk: { method: "DELETE", path: "/v1/trunks/{id}", gives: "none" },
  listDestinations: { method: "GET", path: "/v1/destinations", gives: "json", accept: "application/json" },
  createDestination: { method: "POST", path: "/v1/destinations", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getDestination: { method: "GET", path: "/v1/destinations/{id}", gives: "json", accept: "application/json" },
  putDestination: { method: "PUT", path: "/v1/destinations/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateDestination: { method: "PATCH", path: "/v1/destinations/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteDestination: { method: "DELETE", path: "/v1/destinations/{id}", gives: "none" },
  listRoutingRules: { method: "GET", path: "/v1/routing-rules", gives: "json", accept: "application/json" },
  createRoutingRule: { method: "POST", path: "/v1/routing-rules", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  replaceRoutingRuleGroup: { method: "PUT", path: "/v1/routing-rules", gives: "json", accept: "application/json", takes: "text/csv" },
  getRoutingRule: { method: "GET", path: "/v1/routing-rules/{id}", gives: "json", accept: "application/json" },
  putRoutingRule: { method: "PUT", path: "/v1/routing-rules/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateRoutingRule: { method: "PATCH", path: "/v1/routing-rules/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteRoutingRule: { method: "DELETE", path: "/v1/routing-rules/{id}", gives: "none" },
  listRateTables: { method: "GET", path: "/v1/rate-tables", gives: "json", accept: "application/json" },
  createRateTable: { method: "POST", path: "/v1/rate-tables", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getRateTable: { method: "GET", path: "/v1/rate-tables/{id}", gives: "json", accept: "application/json" },
  putRateTable: { method: "PUT", path: "/v1/rate-tables/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateRateTable: { method: "PATCH", path: "/v1/rate-tables/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteRateTable: { method: "DELETE", path: "/v1/rate-tables/{id}", gives: "none" },
  listCalendars: { method: "GET", path: "/v1/calendars", gives: "json", accept: "application/json" },
  createCalendar: { method: "POST", path: "/v1/calendars", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getCalendar: { method: "GET", path: "/v1/calendars/{id}", gives: "json", accept: "application/json" },
  putCalendar: { method: "PUT", path: "/v1/calendars/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateCalendar: { method: "PATCH", path: "/v1/calendars/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteCalendar: { method: "DELETE", path: "/v1/calendars/{id}", gives: "none" },
  listNumberLists: { method: "GET", path: "/v1/number-lists", gives: "json", accept: "application/json" },
  createNumberList: { method: "POST", path: "/v1/number-lists", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getNumberList: { method: "GET", path: "/v1/number-lists/{id}", gives: "json", accept: "application/json" },
  putNumberList: { method: "PUT", path: "/v1/number-lists/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateNumberList: { method: "PATCH", path: "/v1/number-lists/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteNumberList: { method: "DELETE", path: "/v1/number-lists/{id}", gives: "none" },
  listProfiles: { method: "GET", path: "/v1/profiles", gives: "json", accept: "application/json" },
  createProfile: { method: "POST", path: "/v1/profiles", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getProfile: { method: "GET", path: "/v1/profiles/{id}", gives: "json", accept: "application/json" },
  putProfile: { method: "PUT", path: "/v1/profiles/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateProfile: { method: "PATCH", path: "/v1/profiles/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteProfile: { method: "DELETE", path: "/v1/profiles/{id}", gives: "none" },
  listEmergencyRoutes: { method: "GET", path: "/v1/emergency-routes", gives: "json", accept: "application/json" },
  createEmergencyRoute: { method: "POST", path: "/v1/emergency-routes", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getEmergencyRoute: { method: "GET", path: "/v1/emergency-routes/{id}", gives: "json", accept: "application/json" },
  putEmergencyRoute: { method: "PUT", path: "/v1/emergency-routes/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateEmergencyRoute: { method: "PATCH", path: "/v1/emergency-routes/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteEmergencyRoute: { method: "DELETE", path: "/v1/emergency-routes/{id}", gives: "none" },
  listDecisionServices: { method: "GET", path: "/v1/decision-services", gives: "json", accept: "application/json" },
  createDecisionService: { method: "POST", path: "/v1/decision-services", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getDecisionService: { method: "GET", path: "/v1/decision-services/{id}", gives: "json", accept: "application/json" },
  putDecisionService: { method: "PUT", path: "/v1/decision-services/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  updateDecisionService: { method: "PATCH", path: "/v1/decision-services/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  deleteDecisionService: { method: "DELETE", path: "/v1/decision-services/{id}", gives: "none" },
  listRates: { method: "GET", path: "/v1/rate-tables/{id}/rates", gives: "json", accept: "application/json" },
  replaceRates: { method: "PUT", path: "/v1/rate-tables/{id}/rates", gives: "json", accept: "application/json", takes: "text/csv" },
  listNumberListEntries: { method: "GET", path: "/v1/number-lists/{id}/entries", gives: "json", accept: "application/json" },
  replaceNumberListEntries: { method: "PUT", path: "/v1/number-lists/{id}/entries", gives: "json", accept: "application/json", takes: "text/csv" },
  getDraft: { method: "GET", path: "/v1/config/draft", gives: "lines", accept: "application/x-ndjson" },
  putDraft: { method: "PUT", path: "/v1/config/draft", gives: "json", accept: "application/json", takes: "application/x-ndjson" },
  showDecisionServiceSecret: { method: "POST", path: "/v1/decision-services/{id}/secret", gives: "json", accept: "application/json" },
  publishConfiguration: { method: "POST", path: "/v1/config/publish", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  rollBackConfiguration: { method: "POST", path: "/v1/config/rollback", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  listConfigurationVersions: { method: "GET", path: "/v1/config/versions", gives: "json", accept: "application/json" },
  compareConfigurations: { method: "GET", path: "/v1/config/diff", gives: "json", accept: "application/json" },
  getJob: { method: "GET", path: "/v1/jobs/{id}", gives: "json", accept: "application/json" },
  listApiKeys: { method: "GET", path: "/v1/api-keys", gives: "json", accept: "application/json" },
  createApiKey: { method: "POST", path: "/v1/api-keys", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getApiKey: { method: "GET", path: "/v1/api-keys/{id}", gives: "json", accept: "application/json" },
  rotateApiKey: { method: "POST", path: "/v1/api-keys/{id}/rotate", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  revokeApiKey: { method: "POST", path: "/v1/api-keys/{id}/revoke", gives: "json", accept: "application/json" },
  listIssuers: { method: "GET", path: "/v1/issuers", gives: "json", accept: "application/json" },
  getIssuer: { method: "GET", path: "/v1/issuers/{id}", gives: "json", accept: "application/json" },
  putIssuer: { method: "PUT", path: "/v1/issuers/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  deleteIssuer: { method: "DELETE", path: "/v1/issuers/{id}", gives: "none" },
  listTrunkSecrets: { method: "GET", path: "/v1/trunks/{id}/secrets", gives: "json", accept: "application/json" },
  createTrunkSecret: { method: "POST", path: "/v1/trunks/{id}/secrets", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  retireTrunkSecret: { method: "DELETE", path: "/v1/trunks/{id}/secrets/{secret}", gives: "json", accept: "application/json" },
  getMe: { method: "GET", path: "/v1/me", gives: "json", accept: "application/json" },
  listTenants: { method: "GET", path: "/v1/tenants", gives: "json", accept: "application/json" },
  getTenant: { method: "GET", path: "/v1/tenants/{id}", gives: "json", accept: "application/json" },
  updateTenant: { method: "PATCH", path: "/v1/tenants/{id}", gives: "json", accept: "application/json", takes: "application/merge-patch+json" },
  listRoles: { method: "GET", path: "/v1/roles", gives: "json", accept: "application/json" },
  getRole: { method: "GET", path: "/v1/roles/{id}", gives: "json", accept: "application/json" },
  putRole: { method: "PUT", path: "/v1/roles/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  deleteRole: { method: "DELETE", path: "/v1/roles/{id}", gives: "none" },
  listUsers: { method: "GET", path: "/v1/users", gives: "json", accept: "application/json" },
  getUser: { method: "GET", path: "/v1/users/{id}", gives: "json", accept: "application/json" },
  putUser: { method: "PUT", path: "/v1/users/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  deleteUser: { method: "DELETE", path: "/v1/users/{id}", gives: "none" },
  getUserProfile: { method: "GET", path: "/v1/users/{id}/profile", gives: "json", accept: "application/json" },
  putUserProfile: { method: "PUT", path: "/v1/users/{id}/profile", gives: "json", accept: "application/json", takes: "application/json" },
  listInvitations: { method: "GET", path: "/v1/invitations", gives: "json", accept: "application/json" },
  createInvitation: { method: "POST", path: "/v1/invitations", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  acceptInvitation: { method: "POST", path: "/v1/invitations/accept", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getInvitation: { method: "GET", path: "/v1/invitations/{id}", gives: "json", accept: "application/json" },
  revokeInvitation: { method: "DELETE", path: "/v1/invitations/{id}", gives: "json", accept: "application/json" },
  listAuditEntries: { method: "GET", path: "/v1/audit", gives: "json", accept: "application/json" },
  exportAuditEntries: { method: "GET", path: "/v1/audit/export", gives: "lines", accept: "application/x-ndjson" },
  listWebhooks: { method: "GET", path: "/v1/webhooks", gives: "json", accept: "application/json" },
  createWebhook: { method: "POST", path: "/v1/webhooks", gives: "json", accept: "application/json", takes: "application/json", isRepeatable: true },
  getWebhook: { method: "GET", path: "/v1/webhooks/{id}", gives: "json", accept: "application/json" },
  putWebhook: { method: "PUT", path: "/v1/webhooks/{id}", gives: "json", accept: "application/json", takes: "application/json" },
  removeWebhook: { method: "DELETE", path: "/v1/webhooks/{id}", gives: "none" },
  enableWebhook: { method: "POST", path: "/v1/webhooks/{id}/enable", gives: "json", accept: "application/json" },
  rotateWebhookSecret: { method: "POST", path: "/v1/webhooks/{id}/rotate-secret", gives: "json", accept: "application/json", isRepeatable: true },
  listDeliveries: { method: "GET", path: "/v1/webhooks/{id}/deliveries", gives: "json", accept: "application/json" },
  getDelivery: { method: "GET", path: "/v1/webhooks/{id}/deliveries/{deliveryId}", gives: "json", accept: "application/json" },
  testWebhook: { method: "POST", path: "/v1/webhooks/{id}/test", gives: "json", accept: "application/json" },
  replayWebhook: { method: "POST", path: "/v1/webhooks/{id}/replay", gives: "json", accept: "application/json", isRepeatable: true },
  getWebhookReplay: { method: "GET", path: "/v1/webhooks/{id}/replays/{replayId}", gives: "json", accept: "application/json" },
  routeKamailioCall: { method: "POST", path: "/pbx/kamailio/route", gives: "json", accept: "application/json", takes: "application/json" },
  reportKamailioCall: { method: "POST", path: "/pbx/kamailio/events", gives: "json", accept: "application/json", takes: "application/json" },
  reportCarrierLeg: { method: "POST", path: "/carriers/{account}/events", gives: "json", accept: "application/json", takes: "application/json" },
  getHealth: { method: "GET", path: "/healthz", gives: "json", accept: "application/json" },
  getReadiness: { method: "GET", path: "/readyz", gives: "json", accept: "application/json" },
  getMetrics: { method: "GET", path: "/metrics", gives: "text", accept: "text/plain" },
  getDescription: { method: "GET", path: "/openapi.json", gives: "json", accept: "application/json" },
  getReference: { method: "GET", path: "/docs", gives: "text", accept: "text/html" },
  getProblem: { method: "GET", path: "/problems/{code}", gives: "json", accept: "application/json" },
} as const;
