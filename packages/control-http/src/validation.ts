import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject } from 'ajv/dist/2020.js';
import type { FastifyInstance } from 'fastify';

import { SCHEMAS } from './schemas/all-schemas.ts';

/** What a validator found wrong, as the framework wants it. */
interface Refusal {
  readonly error: Error;
}

/** Checks requests as the schemas say, to the letter: nothing is converted, nothing dropped, nothing filled in. */
export function addValidation(fastify: FastifyInstance): void {
  const ajv = new Ajv2020({ schemas: [...SCHEMAS], strict: false, validateFormats: false });
  fastify.setValidatorCompiler(({ schema, httpPart }) => {
    const validate = ajv.compile(schema as object);
    return (data: unknown): { value: unknown } | Refusal => {
      if (validate(data)) return { value: data };
      return refusal(validate.errors ?? [], httpPart ?? 'body');
    };
  });
}

function refusal(errors: readonly ErrorObject[], part: string): Refusal {
  const [first] = errors;
  const error = new Error(first === undefined ? `${part} is not right` : sentence(first, part, errors));
  return { error: Object.assign(error, { validation: errors, validationContext: part, statusCode: 400 }) };
}

function sentence(first: ErrorObject, part: string, errors: readonly ErrorObject[]): string {
  const place = `${part}${first.instancePath}`;
  if (errors.some((error) => error.keyword === 'oneOf'))
    return `${part}${errors.find((error) => error.keyword === 'oneOf')!.instancePath}: give exactly one of infohash, magnet, torrent and torrentFile`;
  switch (first.keyword) {
    case 'additionalProperties':
      return `${place}: there is no "${String(first.params['additionalProperty'])}" here`;
    case 'enum':
      return `${place}: must be one of ${(first.params['allowedValues'] as string[]).join(', ')}`;
    default:
      return `${place}: ${first.message ?? 'is not right'}`;
  }
}
