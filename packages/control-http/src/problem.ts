/** What a call can fail with. */
export type ProblemCode =
  | 'request-invalid'
  | 'token-missing'
  | 'token-wrong'
  | 'host-refused'
  | 'path-refused'
  | 'payload-unknown'
  | 'route-unknown'
  | 'method-unknown'
  | 'name-taken'
  | 'infohash-taken'
  | 'order-conflicts'
  | 'not-ready'
  | 'only-empty'
  | 'request-late'
  | 'body-too-large'
  | 'media-type-wrong'
  | 'head-too-large'
  | 'order-invalid'
  | 'torrent-invalid'
  | 'limits-invalid'
  | 'too-many-attempts'
  | 'internal-fault'
  | 'state-unwritable'
  | 'too-many-streams'
  | 'stopping';

/** Everything that a call can fail with: the code, its HTTP status, and a title for people. Codes never change their meaning. */
export const PROBLEMS: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  'request-invalid': [400, 'The request is not what the API expects'],
  'token-missing': [401, 'A token is needed'],
  'token-wrong': [401, 'The token is wrong'],
  'host-refused': [403, 'This name is not the API’s'],
  'path-refused': [403, 'The path is not below a configured root'],
  'payload-unknown': [404, 'There is no such payload'],
  'route-unknown': [404, 'There is no such resource'],
  'method-unknown': [405, 'The resource knows no such method'],
  'name-taken': [409, 'Another payload has this name'],
  'request-late': [408, 'The request did not come in time'],
  'infohash-taken': [409, 'Another payload has this content'],
  'order-conflicts': [409, 'The payload was ordered otherwise'],
  'not-ready': [409, 'The payload is not ready for this'],
  'only-empty': [409, 'An empty list would delete everything'],
  'body-too-large': [413, 'The body is too large'],
  'media-type-wrong': [415, 'The body must be JSON'],
  'order-invalid': [422, 'The order cannot be carried out'],
  'torrent-invalid': [422, 'The torrent cannot be used'],
  'limits-invalid': [422, 'The limits make no sense'],
  'too-many-attempts': [429, 'Too many wrong tokens'],
  'head-too-large': [431, 'The address or a header is too long'],
  'internal-fault': [500, 'A fault in the service'],
  'state-unwritable': [503, 'The order cannot be kept'],
  'too-many-streams': [503, 'Too many event streams'],
  stopping: [503, 'The service is stopping'],
};

/** An answer of the media type `application/problem+json`, RFC 9457. */
export interface Problem {
  /** `urn:brine:problem:<code>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** Stable, for programs. */
  readonly code: ProblemCode;
  /** For people: what is wrong here, and the way out. */
  readonly detail: string;
  /** Where in the body, a JSON pointer. */
  readonly pointer?: string;
}

/** What a `PayloadService` rejects with; the message says what is wrong and the way out. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ProblemCode;
  /** JSON pointer into the body. */
  readonly pointer: string | undefined;

  constructor(code: ProblemCode, message: string, options?: ErrorOptions & { readonly pointer?: string }) {
    super(message, options);
    this.code = code;
    this.pointer = options?.pointer;
  }
}

/** The body of an answer that tells of a problem. */
export function makeProblem(code: ProblemCode, detail: string, pointer?: string): Problem {
  const [status, title] = PROBLEMS[code];
  return {
    type: `urn:brine:problem:${code}`,
    title,
    status,
    code,
    detail,
    ...(pointer === undefined ? {} : { pointer }),
  };
}
