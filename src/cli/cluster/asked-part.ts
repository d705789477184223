import { severities } from '../../finding/severity.ts';
import type { PackageScope, Settings } from '../config/settings.ts';
import { type ClusterOptions, namesIn } from './options.ts';

/** Settings by which less of images is told. */
type Narrowing = Pick<Settings, 'severity' | 'ignoreUnfixed' | 'pkgTypes' | 'skipDirs' | 'skipFiles'>;

const everyScope: readonly PackageScope[] = ['os', 'library'];

/**
 * What a scan was told to leave out, as flags that say it, each one the same however it was written: two scans tell of the same things where
 * these are the same. None where nothing was left out.
 */
export function askedPart(options: ClusterOptions, settings: Narrowing): readonly string[] {
  const { namespace, includeNamespaces, excludeNamespaces, includeKinds, excludeKinds, skipImages } = options;
  const lists: readonly (readonly [flag: string, names: readonly string[]])[] = [
    ['--include-namespaces', namespace === undefined ? namesIn(includeNamespaces) : [namespace]],
    ['--exclude-namespaces', namesIn(excludeNamespaces)],
    ['--include-kinds', namesIn(includeKinds)],
    ['--exclude-kinds', namesIn(excludeKinds)],
    ['--skip-images', namesIn(skipImages)],
    ['--severity', severities.every((severity) => settings.severity.includes(severity)) ? [] : settings.severity],
    ['--pkg-types', everyScope.every((scope) => settings.pkgTypes.includes(scope)) ? [] : settings.pkgTypes],
    ['--skip-dirs', settings.skipDirs],
    ['--skip-files', settings.skipFiles],
  ];
  const named = lists.flatMap(([flag, names]) =>
    names.length === 0 ? [] : [`${flag} ${[...new Set(names)].sort().join(',')}`],
  );
  return [
    ...named,
    ...(options.excludeOwned === true ? ['--exclude-owned'] : []),
    ...(settings.ignoreUnfixed ? ['--ignore-unfixed'] : []),
  ];
}
