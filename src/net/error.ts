import { SeaworthyError } from '../base/error.ts';

/** Why nothing, or not all of it, came over the network. */
export type NetErrorCode =
  | 'OFFLINE'
  | 'URL_INVALID'
  | 'INSECURE'
  | 'UNRESOLVED'
  | 'REFUSED'
  | 'DENIED'
  | 'UNREACHABLE'
  | 'TIMEOUT'
  | 'RESET'
  | 'TLS'
  | 'NOT_TLS'
  | 'TOO_SLOW'
  | 'TOO_LARGE'
  | 'REDIRECT'
  | 'PROXY'
  | 'PROTOCOL';

/** A request did not come through. Its message carries no credentials: addresses in it are redacted. */
export class NetError extends SeaworthyError<NetErrorCode> {
  override readonly name = 'NetError';
  /** The host (with its port, when not the scheme's own) or the local socket that was asked. */
  readonly host: string;

  constructor(code: NetErrorCode, host: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.host = host;
  }
}

/** True for a {@link NetError}, of one of the codes when some are named. */
export function isNetError(error: unknown, ...codes: readonly NetErrorCode[]): error is NetError {
  return error instanceof NetError && (codes.length === 0 || codes.includes(error.code));
}
