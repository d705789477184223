import type { CheckedFile } from '../../finding/misconfiguration.ts';
import type { CheckOptions } from '../format.ts';
import { runChecks } from '../run-checks.ts';
import { setAsideBy } from './ignore/set-aside.ts';
import { manifestLimits } from './limits.ts';
import { kubernetesChecks } from './list.ts';
import type { ManifestFile } from './read-manifests.ts';

/** Runs the checks over what a file holds. */
export function checkManifests(
  path: string,
  file: ManifestFile,
  { skipped, now }: CheckOptions,
): Pick<CheckedFile, 'failures' | 'ignored' | 'passed' | 'problems'> {
  const setAside = setAsideBy(path, file, now);
  return runChecks({
    checks: kubernetesChecks,
    documents: file.manifests,
    skipped,
    setAside: (check, breach) => setAside({ check, ...breach }),
    unread: file.problems,
    most: { ofCheck: Infinity, ofFile: manifestLimits.failures },
  });
}
