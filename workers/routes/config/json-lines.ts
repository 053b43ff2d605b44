/** Lines of a streamed body, each one JSON of an item of a draft. */
import { parseItem } from "../../../contracts/configuration/entities.ts";
import { MAX_ENTITY_BYTES } from "../../../contracts/configuration/limits.ts";
import { type RuleReader, createRuleReader } from "../../../contracts/configuration/rule-reader.ts";
import { parseJsonText } from "../../../contracts/json.ts";
import type { ConfigurationItem } from "../../../domain/configuration/model.ts";
import { type UploadError, type UploadPart, textOf, uploadError } from "./upload-body.ts";

function readLine(text: string, line: number, readRule: RuleReader, items: ConfigurationItem[], errors: UploadError[]): void {
  if (text.trim() === "") return;
  // Depth is bounded before anything is parsed, as for every other body.
  const json = parseJsonText(text);
  if (!json.ok) {
    errors.push(uploadError(line, "", json.error.code, json.error.detail.replace("the body", "the line")));
    return;
  }
  const item = parseItem(json.value, readRule);
  if (item.ok) items.push(item.value);
  else errors.push(...item.error.map(({ pointer, code, detail }) => uploadError(line, pointer.slice(1), code, detail)));
}

/** @throws UploadRefused as `textOf` does. */
export async function* jsonLines(body: ReadableStream<Uint8Array> | null): AsyncGenerator<UploadPart> {
  const readRule = createRuleReader();
  let rest = "";
  let line = 0;
  for await (const { text, isLast } of textOf(body)) {
    const lines = (rest + text).split("\n");
    rest = isLast ? "" : lines.pop()!;
    const items: ConfigurationItem[] = [];
    const errors: UploadError[] = [];
    for (const each of lines) readLine(each, ++line, readRule, items, errors);
    if (rest.length > MAX_ENTITY_BYTES) errors.push(uploadError(line + 1, "", "too_large", "the line is too long"));
    if (items.length > 0 || errors.length > 0) yield { items, errors };
    if (rest.length > MAX_ENTITY_BYTES) return;
  }
}
