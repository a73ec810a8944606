import type { JsonSchema } from '../schemas/json-schema.ts';
import { record } from '../schemas/json-schema.ts';

export interface DryRunQuery {
  readonly Querystring: { readonly 'dry-run'?: 'true' | 'false' };
}

/** Queries are texts, and validation converts nothing. */
export const DRY_RUN: JsonSchema = record(
  {},
  {
    'dry-run': {
      type: 'string',
      enum: ['true', 'false'],
      description: 'true: only say what it would lead to, or what is wrong with it',
    },
  },
);

export function isDryRun(query: DryRunQuery['Querystring']): boolean {
  return query['dry-run'] === 'true';
}
