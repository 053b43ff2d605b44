/** The floor of a replay: fetches and unpacks the same segments in the same way, and looks for nothing in them. */
import { scanSegments } from "../../adapters/r2/segment-scan.ts";

type FloorEnv = { readonly EVENTS: R2Bucket };

export default {
  async fetch(request, env) {
    const { from, to } = await request.json<{ from: string; to: string }>();
    let [segments, unreadable, characters] = [0, 0, 0];
    const parts = await scanSegments(env.EVENTS, { fromMs: Date.parse(from), toMs: Date.parse(to) }, (text) => {
      characters += text.length;
      return [];
    });
    for await (const { complete } of parts) {
      segments += 1;
      if (!complete) unreadable += 1;
    }
    return new Response(`${JSON.stringify({ type: "summary", segments, unreadableSegmentCount: unreadable, characters })}\n`);
  },
} satisfies ExportedHandler<FloorEnv>;
