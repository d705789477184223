/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** An answer that is no success: a Status, as the API server writes it. */
export class ApiFailure extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: Json;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    reason: string,
    message: string,
    rest: { readonly details?: Json; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = rest.details ?? {};
    this.headers = rest.headers ?? {};
  }

  /** The Status of it. */
  get document(): Json {
    const { status: code, reason, message, details } = this;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      ...(reason === '' ? {} : { reason }),
      ...(Object.keys(details).length === 0 ? {} : { details }),
      code,
    };
  }
}

/** The refusals of the API server, in its own words (apimachinery, "errors"). */
export const failure = {
  notFound: (resource: string, name: string): ApiFailure =>
    new ApiFailure(404, 'NotFound', `${resource} "${name}" not found`, { details: { name, kind: resource } }),
  alreadyExists: (resource: string, name: string): ApiFailure =>
    new ApiFailure(409, 'AlreadyExists', `${resource} "${name}" already exists`, { details: { name, kind: resource } }),
  conflict: (resource: string, name: string, why: string): ApiFailure =>
    new ApiFailure(409, 'Conflict', `Operation cannot be fulfilled on ${resource} "${name}": ${why}`, {
      details: { name, kind: resource },
    }),
  badRequest: (message: string): ApiFailure => new ApiFailure(400, 'BadRequest', message),
  unauthorized: (): ApiFailure => new ApiFailure(401, 'Unauthorized', 'Unauthorized'),
  forbidden: (message: string): ApiFailure => new ApiFailure(403, 'Forbidden', message),
  expired: (message = 'The resourceVersion for the provided list is too old.'): ApiFailure =>
    new ApiFailure(410, 'Expired', message),
  internal: (message: string): ApiFailure =>
    new ApiFailure(500, 'InternalError', `Internal error occurred: ${message}`, {
      details: { causes: [{ message }] },
    }),
  invalid: (kind: string, name: string, field: string, message: string): ApiFailure =>
    new ApiFailure(422, 'Invalid', `${kind} "${name}" is invalid: ${field}: ${message}`, {
      details: { name, kind, causes: [{ reason: 'FieldValueInvalid', message, field }] },
    }),
  tooMany: (retryAfterSeconds: number): ApiFailure =>
    new ApiFailure(429, 'TooManyRequests', 'The server has received too many requests', {
      headers: { 'retry-after': String(retryAfterSeconds) },
      details: { retryAfterSeconds },
    }),
};
