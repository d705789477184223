import type { CheckedFile, CheckInfo, Misconfiguration } from '../../finding/misconfiguration.ts';
import type { CheckOptions } from '../format.ts';
import { setAsideBy } from './ignore/set-aside.ts';
import { manifestLimits } from './limits.ts';
import { kubernetesChecks } from './list.ts';
import type { ManifestFile } from './read-manifests.ts';

/**
 * Runs the checks over what a file holds. A check is passed where it was looked at and found nothing, and where all could be read: else
 * there is no saying.
 */
export function checkManifests(
  path: string,
  file: ManifestFile,
  { skipped, now }: CheckOptions,
): Pick<CheckedFile, 'failures' | 'ignored' | 'passed' | 'problems'> {
  const setAside = setAsideBy(path, file, now);
  const failures: Misconfiguration[] = [];
  const ignored: CheckedFile['ignored'][number][] = [];
  const passed: CheckInfo[] = [];
  const problems = [...file.problems];
  let found = 0;
  for (const check of kubernetesChecks) {
    const { info } = check;
    if (isSkipped(info, skipped)) continue;
    const before = found;
    for (const manifest of file.manifests) {
      for (const breach of check.find(manifest)) {
        found += 1;
        if (found > manifestLimits.failures) {
          problems.push(
            `More than ${manifestLimits.failures} places break rules, and further ones are not told; split the file`,
          );
          return { failures, ignored, passed: [], problems };
        }
        const failure = { check: info, ...breach };
        const by = setAside(failure);
        if (by === undefined) failures.push(failure);
        else ignored.push({ failure, by });
      }
    }
    if (found === before && problems.length === 0) passed.push(info);
  }
  return { failures, ignored, passed, problems };
}

function isSkipped({ id, aliases }: CheckInfo, skipped: ReadonlySet<string>): boolean {
  return [id, ...aliases].some((name) => skipped.has(name.toLowerCase()));
}
