import { compileRepositories } from '../compile-repositories.ts';
import { RegistryAuthError } from '../error.ts';
import type { RepositoryGrant } from '../grant.ts';
import { formatIdentity, type Identity } from '../identity.ts';
import { robotLimits } from './limits.ts';
import { checkRobotName } from './name.ts';
import type { RobotRecord, RobotRecords } from './records.ts';
import { makeSecret } from './secret.ts';

/** What a new robot account is to be. */
export interface NewRobot {
  readonly name: string;
  readonly description?: string;
  readonly grants: readonly RepositoryGrant[];
  /** Milliseconds since 1970. */
  readonly expires?: number;
}

/** A robot account and the secret that was just made for it, which is shown now or never. */
export interface RobotWithSecret {
  readonly record: RobotRecord;
  readonly secret: string;
}

/**
 * Makes a robot account.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID, ROBOT_EXISTS, AUTH_UNAVAILABLE
 */
export async function createRobot(
  records: RobotRecords,
  robot: NewRobot,
  by: Pick<Identity, 'kind' | 'name'>,
  now: number,
): Promise<RobotWithSecret> {
  const { grants, expires, description = '' } = robot;
  checkGrants(grants);
  if (description.length > robotLimits.descriptionLength) throw invalid('its description is too long');
  if (expires !== undefined) checkExpiry(expires, now, robotLimits.maxLife);
  const { secret, sha256 } = makeSecret();
  const record: RobotRecord = {
    name: checkRobotName(robot.name),
    description,
    secrets: [{ sha256, created: now }],
    created: now,
    createdBy: formatIdentity(by),
    ...(expires === undefined ? {} : { expires }),
    disabled: false,
    grants,
    revision: 1,
  };
  if (await records.add(record)) return { record, secret };
  const { name } = record;
  throw new RegistryAuthError(
    'ROBOT_EXISTS',
    `There is a robot account ${name} already; choose another name, or have "registry robot rotate ${name}" make another secret`,
  );
}

/**
 * Gives a robot account another secret. What it had counts on for `overlap` milliseconds, so that whoever uses it can be
 * told the new one; older ones end at once.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID, ROBOT_UNKNOWN, ROBOT_CHANGED, AUTH_UNAVAILABLE
 */
export async function rotateRobot(
  records: RobotRecords,
  name: string,
  overlap: number,
  now: number,
): Promise<RobotWithSecret> {
  if (!(overlap >= 0 && overlap <= robotLimits.maxOverlap)) throw invalid('the overlap is longer than 30 days');
  const { secret, sha256 } = makeSecret();
  const record = await changeRobot(records, name, (old) => {
    const [latest] = old.secrets;
    const end = Math.min(now + overlap, latest?.expires ?? Number.POSITIVE_INFINITY);
    const kept = latest === undefined || end <= now ? [] : [{ ...latest, expires: end }];
    return { secrets: [{ sha256, created: now }, ...kept] };
  });
  return { record, secret };
}

/** What may be changed of a robot account. */
export type RobotChange = Partial<Pick<RobotRecord, 'description' | 'disabled' | 'grants' | 'secrets'>>;

/**
 * Changes a robot account, as it is when the change is made.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID, ROBOT_UNKNOWN, ROBOT_CHANGED when others kept changing it, AUTH_UNAVAILABLE
 */
export async function changeRobot(
  records: RobotRecords,
  name: string,
  change: (record: RobotRecord) => RobotChange,
): Promise<RobotRecord> {
  for (let tries = 0; tries < robotLimits.tries; tries += 1) {
    const record = await records.find(name);
    if (record === undefined) throw unknown();
    const changed: RobotRecord = { ...record, ...change(record), revision: record.revision + 1 };
    checkGrants(changed.grants);
    if (await records.replace(changed)) return changed;
  }
  throw new RegistryAuthError(
    'ROBOT_CHANGED',
    'The robot account was changed by somebody else; look at it and try again',
  );
}

/** Ends a robot account for good. @throws RegistryAuthError ROBOT_UNKNOWN, AUTH_UNAVAILABLE */
export async function revokeRobot(records: RobotRecords, name: string): Promise<void> {
  if (!(await records.remove(name))) throw unknown();
}

function checkGrants(grants: readonly RepositoryGrant[]): void {
  if (grants.length > robotLimits.grants) throw invalid(`it has more than ${robotLimits.grants} grants`);
  grants.forEach((grant, index) => {
    if (grant.repositories.length > robotLimits.repositories) {
      throw invalid(`grant ${index + 1} has more than ${robotLimits.repositories} patterns`);
    }
    compileRepositories(grant, `grant ${index + 1}`);
  });
}

function checkExpiry(expires: number, now: number, most: number): void {
  if (!(expires > now && expires <= now + most)) throw invalid('it is to end in the future, within five years');
}

function unknown(): RegistryAuthError {
  return new RegistryAuthError('ROBOT_UNKNOWN', 'There is no robot account of that name; list them to see the names');
}

function invalid(why: string): RegistryAuthError {
  return new RegistryAuthError('AUTH_SETTING_INVALID', `The robot account cannot be so: ${why}`);
}
