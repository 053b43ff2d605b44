/** An error code as a page. */
import { type ProblemCode, PROBLEMS } from "../../contracts/problem.ts";
import { PROBLEM_PAGES, problemPageJson } from "../../contracts/problem-pages.ts";
import { escaped, example, pageOf } from "./html.ts";

export function problemPage(code: ProblemCode): string {
  const { status, title } = PROBLEMS[code];
  const { meaning, remedy } = PROBLEM_PAGES[code];
  return pageOf(
    `${code} – ${title}`,
    `<main class="alone"><p><a href="/docs">API</a></p><h1>${escaped(title)}</h1><p class="facts"><code>${code}</code>, status ${status}</p><h2>What it means</h2><p>${escaped(meaning)}</p><h2>What to do</h2><p>${escaped(remedy)}</p><h2>An example</h2>${example(problemPageJson(code).example)}</main>`,
  );
}
