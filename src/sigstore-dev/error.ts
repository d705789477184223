import { SeaworthyError } from '../base/error.ts';

/** Why the development sigstore cannot start, or a service of it refuses a request. */
export type SigstoreDevErrorCode =
  /** The folder of keys cannot be read, or its password is wrong. */
  | 'KEYS_UNREADABLE'
  /** Nothing can listen at the address. */
  | 'ADDRESS_UNAVAILABLE'
  | RefusalCode;

/** Why a service refuses a request, each with the HTTP status of `refusalStatus`. */
export type RefusalCode =
  | 'REQUEST_INVALID'
  | 'UNAUTHENTICATED'
  | 'NOT_FOUND'
  | 'METHOD_UNKNOWN'
  | 'CONFLICT'
  | 'TOO_LARGE';

/** The HTTP status of each refusal. */
export const refusalStatus: Readonly<Record<RefusalCode, number>> = {
  REQUEST_INVALID: 400,
  UNAUTHENTICATED: 401,
  NOT_FOUND: 404,
  METHOD_UNKNOWN: 405,
  CONFLICT: 409,
  TOO_LARGE: 413,
};

/** The development sigstore cannot do what it was asked. */
export class SigstoreDevError extends SeaworthyError<SigstoreDevErrorCode> {
  override readonly name: string = 'SigstoreDevError';
}

/** A request that a service refuses, as the real one would. */
export class RefusedError extends SeaworthyError<RefusalCode> {
  override readonly name = 'RefusedError';
  /** Headers that go with the refusal, such as where an entry is already. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RefusalCode,
    message: string,
    options?: ErrorOptions & { readonly headers?: Record<string, string> },
  ) {
    super(code, message, options);
    this.headers = options?.headers ?? {};
  }
}
