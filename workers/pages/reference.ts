/** The reference: one page made of the interface description. */
import { escaped, pageOf, prose } from "./html.ts";
import { type Json, type OperationJson, operationSection } from "./operation-html.ts";
import { type Schema, schemaSection } from "./schema-html.ts";

export type ApiDocument = {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationJson>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly securitySchemes: Readonly<Record<string, { readonly description: string }>>;
  };
};

type Listed = { readonly method: string; readonly path: string; readonly operation: OperationJson };

/** What `#/…` leads to, through one reference; what is no reference stays as it is. */
function resolverOf(document: unknown): (value: Json) => Json {
  return (value) => {
    const { $ref } = value;
    if (typeof $ref !== "string") return value;
    const names = $ref.slice("#/".length).split("/");
    return names.reduce<unknown>((inner, name) => (inner as Json)[name], document) as Json;
  };
}

const anchorOf = (tag: string): string => `tag-${tag.toLowerCase()}`;

function navigation(document: ApiDocument, byTag: ReadonlyMap<string, readonly Listed[]>): string {
  const chapters = document.tags.map(({ name }) => {
    const items = (byTag.get(name) ?? []).map(
      ({ method, operation }) =>
        `<li><a href="#${operation.operationId}"><b class="${method}">${method.toUpperCase()}</b> ${escaped(operation.summary)}</a></li>`,
    );
    return `<details open><summary><a href="#${anchorOf(name)}">${escaped(name)}</a></summary><ul>${items.join("")}</ul></details>`;
  });
  return `<nav><h1>${escaped(document.info.title)}</h1>${chapters.join("")}<p><a href="#schemas">Schemas</a></p><p><a href="/openapi.json">openapi.json</a></p></nav>`;
}

/** @returns the page as HTML. */
export function referencePage(document: ApiDocument): string {
  const resolve = resolverOf(document);
  const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Listed => ({ method, path, operation })),
  );
  const byTag = Map.groupBy(listed, ({ operation }) => operation.tags[0]);
  const { info, components } = document;
  const proofs = Object.entries(components.securitySchemes).map(
    ([name, { description }]) => `<dt><code>${name}</code></dt><dd>${prose(description)}</dd>`,
  );
  const chapters = document.tags.map(({ name, description }) => {
    const sections = (byTag.get(name) ?? []).map(({ method, path, operation }) =>
      operationSection(method, path, operation, resolve),
    );
    return `<section id="${anchorOf(name)}"><h2>${escaped(name)}</h2><p>${prose(description)}</p>${sections.join("")}</section>`;
  });
  const schemas = Object.entries(components.schemas)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => schemaSection(name, schema));
  return pageOf(
    `${info.title} API`,
    `${navigation(document, byTag)}<main><h1>${escaped(info.title)} API</h1><p>${prose(info.description)}</p><h2>Who asks</h2><dl>${proofs.join("")}</dl>${chapters.join("")}<section id="schemas"><h2>Schemas</h2>${schemas.join("")}</section></main>`,
  );
}
