import type { CloudDeps } from '../cloud-deps.ts';
import { type AwsSession, credentialsOf, lastingSession } from './session.ts';

/** Keys in the environment. @throws CloudError CREDENTIALS_INVALID */
export function fromEnvironment({ env, now }: CloudDeps): AwsSession | undefined {
  const keys = credentialsOf(env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']);
  return keys === undefined ? undefined : lastingSession(keys, now());
}
