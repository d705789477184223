import { SeaworthyError } from '../base/error.ts';

/** Codes of the distribution specification ("Error Codes"), and the status that each has unless its clause says another. */
export const statusOfCode = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  /** Not in the specification; for what clients cannot mend. */
  UNAVAILABLE: 503,
  INTERNAL: 500,
} as const;

/** What a registry tells a client that went wrong. */
export type RegistryErrorCode = keyof typeof statusOfCode;

/** What else an answer with an error carries. */
export interface RegistryErrorOptions extends ErrorOptions {
  /** Where the clause of the call asks for another status than the code's own. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Machine-readable; plain JSON. */
  readonly detail?: unknown;
  /** For UNAUTHORIZED: whoever it is told to may not do this, and another token of theirs changes nothing. By default false. */
  readonly isFinal?: boolean;
}

/** An answer that is an error of the distribution specification. Its message is read by the client's user. */
export class RegistryError extends SeaworthyError<RegistryErrorCode> {
  override readonly name = 'RegistryError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: unknown;
  readonly isFinal: boolean;

  constructor(code: RegistryErrorCode, message: string, options: RegistryErrorOptions = {}) {
    super(code, message, options);
    this.status = options.status ?? statusOfCode[code];
    this.headers = options.headers ?? {};
    this.detail = options.detail;
    this.isFinal = options.isFinal ?? false;
  }
}
