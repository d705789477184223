import type { CloudDeps } from '../../cloud/cloud-deps.ts';
import { runCredentialProgram } from '../../cloud/run-program.ts';
import type { KeyDeps } from './key-deps.ts';

/** What clouds need of the world: programs that a user's settings name are run, as the tools of clouds do. */
export function cloudDepsOf(deps: KeyDeps): CloudDeps & Required<Pick<CloudDeps, 'exec'>> {
  return { ...deps, exec: deps.exec ?? runCredentialProgram };
}
