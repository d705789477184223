import { RegistryAuthError } from '../error.ts';
import { robotLimits } from './limits.ts';

/**
 * What stands before a robot's name where a user is typed: `docker login -u robot+ci`. A plus sign means nothing to shells,
 * YAML and Compose, unlike a dollar, and no other user can have it at that place.
 */
export const robotPrefix = 'robot+';

/** The name of the robot that a user stands for; undefined for all other users. */
export function robotNameOf(user: string): string | undefined {
  return user.startsWith(robotPrefix) ? user.slice(robotPrefix.length) : undefined;
}

/**
 * Checks the name of a robot account: small letters, digits, and `.`, `_`, `-`, `/` between them.
 *
 * @throws RegistryAuthError AUTH_SETTING_INVALID
 */
export function checkRobotName(name: string): string {
  if (name.length <= robotLimits.nameLength && /^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/.test(name)) return name;
  throw new RegistryAuthError(
    'AUTH_SETTING_INVALID',
    `A robot account cannot have that name; use small letters and digits with ".", "_", "-" or "/" between them, at most ${robotLimits.nameLength}`,
  );
}
