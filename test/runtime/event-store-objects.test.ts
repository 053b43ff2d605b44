/** What the event store does with its shards and its objects. In one file, since each file of this project starts a Worker of its own. */
import "./event-store/intake.ts";
import "./event-store/volumes.ts";
import "./event-store/compaction.ts";
import "./event-store/keeping.ts";
