import type { Package } from '../../../package/package.ts';
import type { CatalogResult } from '../../cataloger.ts';
import { unusableEntries } from '../../document/problem.ts';
import { cleanText, textLimits, tryIdentity } from '../../document/text.ts';
import { CatalogError } from '../../error.ts';
import { osLimits } from '../limits.ts';
import { formatEvr, parseSourceRpm } from '../rpm/evr.ts';

/**
 * Reads the list of packages that images of Azure Linux and CBL-Mariner without rpm carry: per line, parted by tabs,
 * name, version-release, install time, build time, vendor, epoch, size, architecture, epoch as a number, source rpm.
 * What is absent reads `(none)`.
 *
 * @throws CatalogError MALFORMED when a file that is not empty holds no package; LIMIT_EXCEEDED
 */
export function parseManifest(bytes: Buffer, path: string): CatalogResult {
  const lines = bytes
    .toString('utf8')
    .split('\n', osLimits.stanzas + 1)
    .filter((line) => line.trim() !== '');
  if (lines.length > osLimits.stanzas) {
    throw new CatalogError('LIMIT_EXCEEDED', 'The package list has more lines than any distribution has packages');
  }
  const packages = lines.map(parseLine).filter((found) => found !== undefined);
  if (packages.length === 0 && lines.length > 0) {
    throw new CatalogError('MALFORMED', 'The package list holds no package that can be read; look at it by hand');
  }
  return {
    facts: packages.map((found) => ({ kind: 'package', package: found })),
    problems: unusableEntries(path, lines.length - packages.length, 'database'),
  };
}

function parseLine(line: string): Package | undefined {
  const [name, versionRelease, , , vendor, epochText, , architecture, epochNumber, sourceRpm] = line
    .split('\t', 12)
    .map(present);
  const epoch = Number(epochNumber ?? epochText ?? '0');
  if (versionRelease === undefined || !Number.isSafeInteger(epoch) || epoch < 0) return undefined;
  const identity = tryIdentity(name, formatEvr(epoch, versionRelease, ''));
  if (identity === undefined) return undefined;
  const arch = cleanText(architecture, textLimits.name);
  const maintainer = cleanText(vendor, textLimits.maintainer);
  const sourceName = cleanText(sourceRpm, textLimits.name);
  const source = sourceName === undefined ? undefined : parseSourceRpm(sourceName, epoch);
  return {
    type: 'rpm',
    ...identity,
    ...(arch !== undefined && { arch }),
    ...(source !== undefined && { source }),
    licenses: [],
    ...(maintainer !== undefined && { maintainer }),
    cataloger: 'rpm-manifest',
  };
}

function present(field: string): string | undefined {
  const text = field.trim();
  return text === '' || text === '(none)' ? undefined : text;
}
