import type { CloudDeps } from '../cloud-deps.ts';
import { cloudLimits } from '../limits.ts';
import { parseJson } from '../parse-json.ts';
import { containerSession } from './container.ts';
import { fromEnvironment } from './environment.ts';
import { instanceSession } from './instance.ts';
import type { AwsProfile, AwsProfiles } from './profile.ts';
import { type AwsSession, credentialsOf, lastingSession, sessionOf, unavailable } from './session.ts';
import { assumeRole, assumeRoleByToken } from './sts.ts';

/** What cannot be followed without somebody at a browser or with a device in the hand. */
const unknown = ['sso_session', 'sso_start_url', 'mfa_serial', 'login_session'];

/** Who takes on a role, where a profile says so in place of another profile (AWS SDKs and Tools, "Assume role credential provider"). */
const sources: Readonly<Record<string, (deps: CloudDeps) => Promise<AwsSession | undefined>>> = {
  Environment: (deps) => Promise.resolve(fromEnvironment(deps)),
  EcsContainer: containerSession,
  Ec2InstanceMetadata: instanceSession,
};

/**
 * What a profile of AWS's shared files has: keys, a role and who takes it on, or a program that is asked. Undefined where it has
 * nothing.
 *
 * @throws CloudError
 */
export async function profileSession(
  profiles: AwsProfiles,
  name: string,
  region: string,
  deps: CloudDeps,
  above: readonly string[] = [],
): Promise<AwsSession | undefined> {
  const profile = profiles.get(name);
  const asked = unknown.find((setting) => profile.has(setting));
  if (asked !== undefined) {
    throw unavailable(
      `the profile uses ${asked}, which is not followed here; set AWS_ACCESS_KEY_ID and its companions, as ` +
        '`aws configure export-credentials` prints them',
    );
  }
  const role = profile.get('role_arn');
  // A profile may take on its role by its own keys; it is asked for them the second time.
  if (role === undefined || above.at(-1) === name) return fromKeys(profile, deps);
  const wanted = { role, name: profile.get('role_session_name'), externalId: profile.get('external_id') };
  const file = profile.get('web_identity_token_file');
  if (file !== undefined) return await assumeRoleByToken(wanted, file, region, deps);
  if (above.includes(name) || above.length >= cloudLimits.profiles) {
    throw unavailable(`the profile ${name} builds on itself; correct source_profile`);
  }
  const base = await baseOf(profile, profiles, region, deps, [...above, name]);
  if (base === undefined) {
    throw unavailable(
      `whoever is to take on the role_arn of the profile ${name} has no credentials; check source_profile`,
    );
  }
  return await assumeRole(wanted, base.credentials, region, deps);
}

async function baseOf(
  profile: AwsProfile,
  profiles: AwsProfiles,
  region: string,
  deps: CloudDeps,
  above: readonly string[],
): Promise<AwsSession | undefined> {
  const [other, source] = [profile.get('source_profile'), profile.get('credential_source')];
  if (other !== undefined) return await profileSession(profiles, other, region, deps, above);
  return Object.hasOwn(sources, source ?? '') ? await sources[source ?? '']?.(deps) : undefined;
}

async function fromKeys(profile: AwsProfile, deps: CloudDeps): Promise<AwsSession | undefined> {
  const [id, secret] = [profile.get('aws_access_key_id'), profile.get('aws_secret_access_key')];
  const keys = credentialsOf(id, secret, profile.get('aws_session_token'));
  if (keys !== undefined) return lastingSession(keys, deps.now());
  const command = profile.get('credential_process');
  return command === undefined ? undefined : await fromProgram(command, deps);
}

/** "Process credential provider". Programs are run only where whoever asks lets them. */
async function fromProgram(command: string, { exec, env, signal, now }: CloudDeps): Promise<AwsSession> {
  const source = "the profile's credential_process";
  if (exec === undefined) {
    throw unavailable(`${source} is not run here; give this process a role of its own, or set AWS_ACCESS_KEY_ID`);
  }
  const [program = '', ...args] = splitCommand(command);
  const { status, output } = await exec({ program, args, env, signal });
  if (status !== 0) throw unavailable(`${source} ended with status ${status}`);
  return sessionOf(parseJson(output, source), source, 'SessionToken', now());
}

/** Words apart at blanks, quotes kept together; no shell sees them. */
function splitCommand(command: string): string[] {
  return (command.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}
