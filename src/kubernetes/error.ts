import { SeaworthyError } from '../base/error.ts';

/** Why a cluster did not do what was asked. */
export type KubernetesErrorCode =
  /** Nothing came over the network, or nothing whole. What was asked may have been done. */
  | 'UNREACHABLE'
  /** The server does not know who asks. */
  | 'UNAUTHORIZED'
  /** The server knows who asks, and they may not. */
  | 'FORBIDDEN'
  /** A webhook or an admission policy of the cluster does not let it pass, whoever asks. */
  | 'DENIED'
  | 'NOT_FOUND'
  /** The object is another by now: read it again. */
  | 'CONFLICT'
  | 'ALREADY_EXISTS'
  /** The server refuses what was sent. */
  | 'INVALID'
  /** The server is asked too often. */
  | 'THROTTLED'
  /** The resource version or the token of a page is too old: list again. */
  | 'GONE'
  /** The server failed at it. */
  | 'SERVER_FAILED'
  /** What came is nothing that an API server says. */
  | 'ANSWER_INVALID'
  | 'LIMIT_EXCEEDED'
  /** What was asked for cannot be asked: a name that none has. */
  | 'REQUEST_INVALID'
  /** The kubeconfig, or what a pod has, cannot be used. */
  | 'CONFIG_INVALID'
  /** There is no kubeconfig, and this is no pod. */
  | 'CONFIG_MISSING'
  /** A token, certificate or plugin gave no credential. */
  | 'CREDENTIAL_FAILED';

/** What else is known of a failure. */
export interface KubernetesErrorOptions extends ErrorOptions {
  /** Of the answer. */
  readonly status?: number;
  /** The server's own word for it: `AlreadyExists` (Kubernetes API, Status, "reason"). */
  readonly reason?: string;
  /** The pause that the server asks for. */
  readonly retryAfterMs?: number;
}

/** A cluster did not do what was asked. Its message holds no credentials. */
export class KubernetesError extends SeaworthyError<KubernetesErrorCode> {
  override readonly name = 'KubernetesError';
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: KubernetesErrorCode, message: string, options: KubernetesErrorOptions = {}) {
    super(code, message, options);
    this.status = options.status;
    this.reason = options.reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** True for a {@link KubernetesError}, of one of the codes when some are named. */
export function isKubernetesError(error: unknown, ...codes: readonly KubernetesErrorCode[]): error is KubernetesError {
  return error instanceof KubernetesError && (codes.length === 0 || codes.includes(error.code));
}
