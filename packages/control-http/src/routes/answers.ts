import type { JsonSchema } from '../schemas/json-schema.ts';
import { refer } from '../schemas/json-schema.ts';

/** The answers of a route for the document: the good one, and the problems that may come instead. */
export function answers(
  good: Readonly<Record<number, JsonSchema>>,
  problems: readonly number[] = [],
): Record<number, JsonSchema> {
  const statuses = [...new Set([400, 401, 403, 429, 431, 500, ...problems])];
  const told = statuses.map((status): [number, JsonSchema] => [status, problemAnswer(status)]);
  return { ...good, ...Object.fromEntries(told) };
}

/** The body of a good answer. */
export function body(id: string, description: string): JsonSchema {
  return { description, content: { 'application/json': { schema: refer(id) } } };
}

/** An answer without a body. */
export function nothing(description: string): JsonSchema {
  return { type: 'null', description };
}

function problemAnswer(status: number): JsonSchema {
  return {
    description: DESCRIPTIONS[status] ?? 'A problem',
    content: { 'application/problem+json': { schema: refer('Problem') } },
  };
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is not what the API expects',
  401: 'The token is missing or wrong',
  403: 'Not by this name, or not below a configured root',
  404: 'There is no such payload',
  409: 'It contradicts what is there',
  413: 'The body is too large',
  415: 'The body must be JSON',
  422: 'It cannot be carried out',
  429: 'Too many wrong tokens',
  431: 'The address or a header is too long',
  500: 'A fault in the service',
  503: 'Not now: the service is stopping, or its disk refuses',
};
