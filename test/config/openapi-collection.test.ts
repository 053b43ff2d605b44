import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { API, apiDocument } from "../../contracts/openapi/api.ts";
import { COLLECTION_FILE, collectionText } from "../../local/openapi/collection-file.ts";
import { collectionOf } from "../../local/openapi/collection.ts";

type Request = { readonly method: string; readonly url: { readonly raw: string }; readonly body?: { readonly raw: string } };
type Folder = { readonly name: string; readonly item: readonly { readonly name: string; readonly request: Request }[] };

const collection = collectionOf(apiDocument()) as unknown as {
  readonly variable: readonly { readonly key: string }[];
  readonly item: readonly Folder[];
};
const requests = collection.item.flatMap(({ item }) => item);

describe("[API-1] the collection", () => {
  it("[API-1] is current: run `npm run openapi -- collection`", () => {
    expect(readFileSync(COLLECTION_FILE, "utf8") === collectionText()).toBe(true);
  });

  it("[API-1] has a request for every operation, with its example as the body", () => {
    expect(requests.length).toBe(API.operations.length);
    const withBody = API.operations.filter(({ body }) => body !== undefined);
    expect(requests.filter(({ request }) => request.body !== undefined).length).toBe(withBody.length);
    const call = requests.find(({ request }) => request.url.raw === "{{baseUrl}}/v1/calls")!;
    expect(JSON.parse(call.request.body!.raw)).toMatchObject({ channel: "api" });
  });

  it("[API-1] leaves the address and the token to whoever imports it", () => {
    expect(collection.variable.map(({ key }) => key)).toEqual(["baseUrl", "token"]);
    expect(requests.every(({ request }) => request.url.raw.startsWith("{{baseUrl}}/"))).toBe(true);
  });

  it("[API-1] asks for what a request cannot do without, and leaves the rest switched off", () => {
    const records = requests.find(({ request }) => request.url.raw.startsWith("{{baseUrl}}/v1/cdrs"))!;
    expect(records.request.url.raw).toMatch(/\?from=[^&]+&to=[^&]+$/);
  });
});
