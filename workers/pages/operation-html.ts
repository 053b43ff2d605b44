/** One operation of the interface description as part of a page. */
import { escaped, example, prose } from "./html.ts";
import { type Schema, typeOf } from "./schema-html.ts";

export type Json = Readonly<Record<string, unknown>>;
export type Content = Readonly<
  Record<string, { readonly schema: Schema; readonly example?: unknown; readonly examples?: Json }>
>;
export type Answer = { readonly description: string; readonly headers?: Json; readonly content?: Content };
export type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly description: string;
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
};
export type OperationJson = {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description: string;
  readonly "x-required-scope": string | null;
  readonly security: readonly Json[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
};

function parameterRow({ name, in: place, description, required, schema, example: shown }: Parameter): string {
  const such =
    shown === undefined ? "" : ` Such as <code>${escaped(typeof shown === "string" ? shown : JSON.stringify(shown))}</code>.`;
  return `<tr><td><code>${escaped(name)}</code>${required === true ? ' <b title="required">*</b>' : ""}</td><td>${place}</td><td>${typeOf(schema)}</td><td>${prose(description)}${such}</td></tr>`;
}

function contentPart([mediaType, { schema, example: shown, examples }]: [string, Content[string]]): string {
  const codes = examples === undefined ? "" : Object.keys(examples).map(problemLink).join(" ");
  const body = shown === undefined ? codes : `<details><summary>Example</summary>${example(shown)}</details>`;
  return `<div><code>${escaped(mediaType)}</code> ${typeOf(schema)} ${body}</div>`;
}

const problemLink = (code: string): string => `<a href="/problems/${code.replaceAll("_", "-")}"><code>${code}</code></a>`;

function answerRow([status, { description, headers = {}, content = {} }]: [string, Answer]): string {
  const told = Object.entries(headers).flatMap(([name, header]) => {
    const text = (header as { readonly description?: string }).description;
    return text === undefined ? [] : [`<div><code>${escaped(name)}</code>: ${prose(text)}</div>`];
  });
  return `<tr><td><b>${status}</b></td><td>${prose(description)}${told.join("")}${Object.entries(content).map(contentPart).join("")}</td></tr>`;
}

const proofsOf = ({ security }: OperationJson): string => security.flatMap((each) => Object.keys(each)).join(", ");

/** @param resolve gives what a reference within the document leads to. */
export function operationSection(
  method: string,
  path: string,
  operation: OperationJson,
  resolve: (value: Json) => Json,
): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  const scope = operation["x-required-scope"];
  const asked = parameters.map((parameter) => parameterRow(resolve(parameter) as Parameter));
  const answers = Object.entries(responses).map(([status, answer]) => answerRow([status, resolve(answer) as Answer]));
  const proofs = proofsOf(operation);
  return [
    `<article id="${operationId}"><h3>${escaped(summary)}</h3>`,
    `<p class="call"><b class="${method}">${method.toUpperCase()}</b> <code>${escaped(path)}</code></p>`,
    `<p>${prose(description)}</p>`,
    `<p class="facts">${scope === null ? "No permission needed" : `Permission <code>${scope}</code>`}${proofs === "" ? ", open to everybody" : `; proof: ${proofs}`}; <code>${operationId}</code></p>`,
    asked.length === 0 ? "" : `<h4>Parameters</h4><table>${asked.join("")}</table>`,
    requestBody === undefined
      ? ""
      : `<h4>Body${requestBody.required === true ? "" : ", may be left out"}</h4>${Object.entries(requestBody.content).map(contentPart).join("")}`,
    `<h4>Answers</h4><table>${answers.join("")}</table></article>`,
  ].join("");
}
