import { isNetError, type NetErrorCode } from '../net/error.ts';
import { KubernetesError, type KubernetesErrorCode } from './error.ts';

/** Network failures, as seen from a cluster; those not listed are UNREACHABLE. */
const codes: Readonly<Partial<Record<NetErrorCode, KubernetesErrorCode>>> = {
  TOO_LARGE: 'LIMIT_EXCEEDED',
  PROTOCOL: 'ANSWER_INVALID',
  REDIRECT: 'ANSWER_INVALID',
  URL_INVALID: 'CONFIG_INVALID',
  INSECURE: 'CONFIG_INVALID',
};

/** Turns a network failure into a {@link KubernetesError}; aborts and all else pass as they are. */
export function networkFailure(error: unknown): unknown {
  if (!isNetError(error)) return error;
  const sentence = `The cluster cannot be asked: ${error.message}`;
  return new KubernetesError(codes[error.code] ?? 'UNREACHABLE', sentence, { cause: error });
}
