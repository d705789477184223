import { languageRuleOf } from '../../../match/language/list.ts';
import { osRuleOf } from '../../../match/os/list.ts';
import { parsePackageUrl } from '../../../package/package-url.ts';
import { isPackageType } from '../../../package/purl-of-package.ts';
import { packagesNamed, packagesWithFlaw, type PackageRow } from '../../../store/metadata/triage.ts';
import type { SqlQueries } from '../../../store/sql/database.ts';
import { schemeOf } from '../../../version/list.ts';
import type { VersionScheme } from '../../../version/scheme.ts';
import type { TriageQuestion } from './parse-question.ts';
import { isNameOf } from './spelling.ts';
import { holdsVersion } from './version-set.ts';

/** Packages that are asked for. */
export interface FoundPackages {
  readonly packages: readonly PackageRow[];
  /** Those whose versions cannot be compared with what was asked: they may be meant or not. */
  readonly unreadable: readonly PackageRow[];
}

/** Orders of systems whose advisories this program does not know. */
const systems: Readonly<Record<string, string>> = { apk: 'Alpine', deb: 'Debian', rpm: 'Red Hat' };

/** Finds the distinct packages that a question is about. */
export async function findPackages(queries: SqlQueries, question: TriageQuestion): Promise<FoundPackages> {
  if (question.kind === 'flaw') return { packages: await packagesWithFlaw(queries, question.id), unreadable: [] };
  const packages: PackageRow[] = [];
  const unreadable: PackageRow[] = [];
  for (const row of await packagesNamed(queries, question.name)) {
    const held = isMeant(row, question);
    if (held === true) packages.push(row);
    else if (held === undefined) unreadable.push(row);
  }
  return { packages, unreadable };
}

/** Whether a package is asked for, by its own name or its source's; undefined where its version cannot be compared. */
export function isMeant(
  row: PackageRow,
  { name, type, namespace, versions }: TriageQuestion & { readonly kind: 'package' },
): boolean | undefined {
  const isOwnName = isNameOf(row, name);
  if (!isOwnName && row.source !== name) return false;
  if (type !== undefined && (row.type !== type || (namespace !== undefined && namespaceOf(row.purl) !== namespace)))
    return false;
  const version = isOwnName ? row.version : (row.sourceVersion ?? row.version);
  return holdsVersion(versions, schemeOfPackage(row), version);
}

/** How versions of a package are ordered. */
function schemeOfPackage({ type, distro }: PackageRow): VersionScheme | undefined {
  if (!isPackageType(type)) return undefined;
  const ecosystem = languageRuleOf(type)?.ecosystem ?? osRuleOf(distro.split(' ')[0] ?? '')?.ecosystem ?? systems[type];
  return ecosystem === undefined ? undefined : schemeOf(ecosystem);
}

function namespaceOf(purl: string): string | undefined {
  return parsePackageUrl(purl).namespace;
}
