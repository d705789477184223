import { SeaworthyError } from '../../base/error.ts';

/** Why there is no gate to go by. */
export type GateErrorCode =
  /** A file with a policy or whom to trust is not there or cannot be read. */
  | 'GATE_FILE_UNREADABLE'
  /** What it holds is no such thing. */
  | 'GATE_FILE_INVALID';

/** The policy of a registry cannot be used; nothing is let pass in its place. */
export class GateError extends SeaworthyError<GateErrorCode> {
  override readonly name = 'GateError';
  /** The file. */
  readonly file: string;

  constructor(code: GateErrorCode, file: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.file = file;
  }
}
