import type { JsonSchema } from '../../src/schemas/json-schema.ts';
import type { Api } from './api.ts';

/** A body, by media type; without `content` there is none. */
export interface Described {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly parameters?: readonly {
    readonly in: 'path' | 'query' | 'header';
    readonly name: string;
    readonly schema: JsonSchema;
  }[];
  readonly requestBody?: Described;
  readonly responses: Readonly<Record<string, Described>>;
}

/** The OpenAPI document, as far as tests look at it. */
export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

export async function documentOf(api: Api): Promise<Document> {
  return (await api.call('GET', '/v1/openapi.json')).json<Document>();
}

export function operationsOf({ paths }: Document): readonly Operation[] {
  return Object.values(paths).flatMap((methods) => Object.values(methods));
}
