/** The event store as its users meet it. In one file, since each file of this project starts a Worker of its own. */
import "./event-store/ingest.ts";
import "./event-store/http.ts";
import "./event-store/query.ts";
import "./event-store/derived.ts";
import "./event-store/rate-limits.ts";
