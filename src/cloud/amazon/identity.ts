import type { CloudDeps } from '../cloud-deps.ts';
import { CloudError } from '../error.ts';
import { containerSession } from './container.ts';
import { fromEnvironment } from './environment.ts';
import { instanceSession } from './instance.ts';
import { isRegion } from './partition.ts';
import { profileSession } from './profile-session.ts';
import { readProfiles } from './profile.ts';
import { type AwsSession, unavailable } from './session.ts';
import { assumeRoleByToken } from './sts.ts';

/** Where requests go and as whom. */
export interface AwsIdentity extends AwsSession {
  readonly region: string;
}

/** The region of what is asked for, which decides, or one that is taken when nothing else says which. */
export interface WantedRegion {
  readonly region?: string | undefined;
  readonly otherwise?: string;
}

/**
 * Finds credentials in the order of AWS's own tools: environment, web identity (clusters), shared files, container,
 * instance. The region is the wanted one, or the environment's, or the profile's.
 *
 * @throws CloudError CREDENTIALS_ABSENT when there are none anywhere
 */
export async function findAwsIdentity(
  { region: wanted, otherwise }: WantedRegion,
  deps: CloudDeps,
): Promise<AwsIdentity> {
  const { env } = deps;
  const profiles = await readProfiles(deps);
  const set = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? profiles.get(profiles.chosen).get('region');
  const region = wanted ?? set ?? otherwise;
  if (region === undefined || !isRegion(region)) {
    throw unavailable('no region is known; set AWS_REGION, or give the key as an ARN');
  }
  const session =
    fromEnvironment(deps) ??
    (await fromToken(region, deps)) ??
    (await profileSession(profiles, profiles.chosen, region, deps)) ??
    (await containerSession(deps)) ??
    (await instanceSession(deps));
  if (session !== undefined) return { ...session, region };
  throw new CloudError(
    'CREDENTIALS_ABSENT',
    'AWS cannot be asked: no credentials were found in the environment, the shared files or a metadata service; give this process a role, or set AWS_PROFILE or AWS_ACCESS_KEY_ID',
  );
}

/** Clusters tell a pod its role and where its token is (EKS User Guide, "IAM roles for service accounts"). */
async function fromToken(region: string, deps: CloudDeps): Promise<AwsSession | undefined> {
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role, AWS_ROLE_SESSION_NAME: name } = deps.env;
  if (file === undefined || role === undefined) return undefined;
  return await assumeRoleByToken({ role, name }, file, region, deps);
}
