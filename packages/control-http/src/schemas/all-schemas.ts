import type { NamedSchema } from './json-schema.ts';
import { limitSchemas } from './limits.ts';
import { orderSchemas } from './orders.ts';
import { payloadSchemas } from './payloads.ts';
import { viewSchemas } from './views.ts';

/** Everything that goes over the API. */
export const SCHEMAS: readonly NamedSchema[] = [
  ...limitSchemas,
  ...orderSchemas,
  ...payloadSchemas,
  ...viewSchemas,
];
