import type { JsonSchema } from '../../src/schemas/json-schema.ts';

/** Schemas of the OpenAPI document as TypeScript: one exported type for each, under its name. */
export function typesOf(schemas: Readonly<Record<string, JsonSchema>>): string {
  return Object.entries(schemas)
    .map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`)
    .join(' ');
}

/** What no type can say, like patterns and bounds, is left out. Throws for what a type could say but this cannot. */
function typeOf(schema: JsonSchema): string {
  const { $ref, anyOf, enum: values, type, items } = schema;
  if (typeof $ref === 'string') return $ref.replace(/^.*\//, '');
  if (Array.isArray(anyOf)) return anyOf.map((each) => typeOf(each as JsonSchema)).join(' | ');
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ');
  if (type === 'array') return `readonly (${typeOf(items as JsonSchema)})[]`;
  if (type === 'object') return recordOf(schema);
  if (type === 'integer') return 'number';
  if (type === 'string' || type === 'number' || type === 'boolean') return type;
  throw new TypeError(`There is no type for ${JSON.stringify(schema)}.`);
}

function recordOf({ properties, required, additionalProperties }: JsonSchema): string {
  if (additionalProperties !== false) throw new TypeError('An object of the document may have any fields.');
  const fields = Object.entries(properties as Readonly<Record<string, JsonSchema>>).map(([name, schema]) => {
    const mark = (required as readonly string[]).includes(name) ? '' : '?';
    return `readonly ${JSON.stringify(name)}${mark}: ${typeOf(schema)};`;
  });
  return `{ ${fields.join(' ')} }`;
}
