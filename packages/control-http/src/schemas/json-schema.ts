/** A JSON Schema, draft 2020-12 as OpenAPI 3.1 has it, as far as ours go. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema that has a name, under which others refer to it and the OpenAPI document lists it. */
export type NamedSchema = JsonSchema & { readonly $id: string };

/** Refers to a named schema. */
export function refer(id: string): JsonSchema {
  return { $ref: `${id}#` };
}

/** An object with these properties, of which `optional` ones may be missing, and no others. */
export function record(
  required: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(required),
    properties: { ...required, ...optional },
  };
}

export function list(items: JsonSchema, maxItems?: number): JsonSchema {
  return { type: 'array', items, ...(maxItems === undefined ? {} : { maxItems }) };
}

export function text(description?: string): JsonSchema {
  return { type: 'string', ...(description === undefined ? {} : { description }) };
}

/** A whole number that is not negative. */
export function count(description?: string): JsonSchema {
  return { type: 'integer', minimum: 0, ...(description === undefined ? {} : { description }) };
}

export function rate(description?: string): JsonSchema {
  return { type: 'number', minimum: 0, description: description ?? 'Bytes per second' };
}

export function percent(description: string): JsonSchema {
  return { type: 'number', minimum: 0, maximum: 100, description };
}

export const flag: JsonSchema = { type: 'boolean' };
