import { userInfo } from 'node:os';

/** Who runs this program, as the machine names them. */
export function machineUser(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container, a process may have a number that no user has.
    return 'a user without a name';
  }
}
