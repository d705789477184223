import { SeaworthyError } from '../../base/error.ts';

/** Why nobody could be told apart, or nothing be granted. */
export type RegistryAuthErrorCode =
  /** The `Authorization` header is there and cannot be read: not the same as none. */
  | 'CREDENTIALS_MALFORMED'
  /** Whoever knows (a directory, an issuer, a file) could not be asked: not the same as a wrong password. */
  | 'AUTH_UNAVAILABLE'
  /** Too many wrong passwords lately; `retryAfterSeconds` says when the next one is heard. */
  | 'TOO_MANY_ATTEMPTS'
  /** A scope breaks its grammar or passes a limit. */
  | 'SCOPE_INVALID'
  /** A request to the token service cannot be served as it was written. */
  | 'TOKEN_REQUEST_INVALID'
  /** It asks in a way of OAuth 2 that is not served. */
  | 'GRANT_TYPE_UNSUPPORTED'
  /** How somebody is to be told apart, or what is granted to whom, contradicts itself or cannot be read. */
  | 'AUTH_SETTING_INVALID'
  /** A robot account of that name is there already, is not there, or was changed by somebody else meanwhile. */
  | 'ROBOT_EXISTS'
  | 'ROBOT_UNKNOWN'
  | 'ROBOT_CHANGED';

/** What an error may carry besides its cause. */
export interface RegistryAuthErrorOptions extends ErrorOptions {
  /** Whole seconds after which it makes sense to ask again, for a `Retry-After` header. */
  readonly retryAfterSeconds?: number;
}

/** An identity or a right could not be decided. Its message holds no password, token or header. */
export class RegistryAuthError extends SeaworthyError<RegistryAuthErrorCode> {
  override readonly name = 'RegistryAuthError';
  /** Whole seconds, at least 1; there for TOO_MANY_ATTEMPTS and where a wait is known to help. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: RegistryAuthErrorCode, message: string, options?: RegistryAuthErrorOptions) {
    super(code, message, options);
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/** True for a {@link RegistryAuthError}, of one of the codes when some are named. */
export function isRegistryAuthError(
  error: unknown,
  ...codes: readonly RegistryAuthErrorCode[]
): error is RegistryAuthError {
  return error instanceof RegistryAuthError && (codes.length === 0 || codes.includes(error.code));
}
