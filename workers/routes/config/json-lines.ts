/** Lines of a streamed body, each one JSON of an item of a draft. */
import { parseItem } from "../../../contracts/configuration/entities.ts";
import { MAX_ENTITY_BYTES } from "../../../contracts/configuration/limits.ts";
import { type RuleReader, createRuleReader } from "../../../contracts/configuration/rule-reader.ts";
import { parseJsonText } from "../../../contracts/json.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import type { MaskCheck } from "./masked-profile.ts";
import { type UploadError, type UploadPart, textOf, uploadError } from "./upload-body.ts";

type Read = { readonly items: ConfigurationItem[]; readonly errors: UploadError[] };

function readLine(text: string, line: number, readRule: RuleReader, check: MaskCheck, { items, errors }: Read): void {
  if (text.trim() === "") return;
  // Depth is bounded before anything is parsed, as for every other body.
  const json = parseJsonText(text);
  if (!json.ok) {
    errors.push(uploadError(line, "", json.error.code, json.error.detail.replace("the body", "the line")));
    return;
  }
  const item = parseItem(json.value, readRule);
  const wrong = item.ok
    ? check(item.value.kind, item.value.entity).map((each) => ({ ...each, pointer: `/entity${each.pointer}` }))
    : item.error;
  if (item.ok && wrong.length === 0) items.push(item.value);
  errors.push(...wrong.map(({ pointer, code, detail }) => uploadError(line, pointer.slice(1), code, detail)));
}

/** @throws UploadRefused as `textOf` does. */
export async function* jsonLines(body: ReadableStream<Uint8Array> | null, check: MaskCheck): AsyncGenerator<UploadPart> {
  const readRule = createRuleReader();
  let rest = "";
  let line = 0;
  for await (const { text, isLast } of textOf(body)) {
    const lines = (rest + text).split("\n");
    rest = isLast ? "" : lines.pop()!;
    const items: ConfigurationItem[] = [];
    const errors: UploadError[] = [];
    for (const each of lines) readLine(each, ++line, readRule, check, { items, errors });
    if (rest.length > MAX_ENTITY_BYTES) errors.push(uploadError(line + 1, "", "too_large", "the line is too long"));
    if (items.length > 0 || errors.length > 0) yield { items, errors };
    if (rest.length > MAX_ENTITY_BYTES) return;
  }
}
