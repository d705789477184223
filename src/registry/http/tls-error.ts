import { SeaworthyError } from '../../base/error.ts';

/** What can be wrong with the files of a server's certificate. */
export type RegistryTlsErrorCode =
  | 'TLS_FILE_UNREADABLE'
  /** It is not the PEM that it should be, or uses what OpenSSL refuses. */
  | 'TLS_FILE_MALFORMED'
  /** The key is not the certificate's. */
  | 'TLS_KEY_MISMATCH'
  /** The certificate is over, or not valid yet. */
  | 'TLS_EXPIRED';

/** Which of the files it is. */
export type TlsFileRole = 'cert' | 'key' | 'clientCa' | 'clientCrl';

/** A certificate cannot be served. The message holds nothing of the key. */
export class RegistryTlsError extends SeaworthyError<RegistryTlsErrorCode> {
  override readonly name = 'RegistryTlsError';
  readonly role: TlsFileRole;

  constructor(code: RegistryTlsErrorCode, role: TlsFileRole, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.role = role;
  }
}
