import type { Package } from '../../../package/package.ts';
import { CatalogError } from '../../error.ts';
import { elements, isJsonObject, member, members, parseJson } from '../../document/json.ts';
import { cleanText, cleanTexts, isAbsent, textLimits, tryIdentity, type Identity } from '../../document/text.ts';

/** What an `installed.json` holds. */
export interface InstalledPackages {
  readonly packages: readonly Package[];
  /** Entries whose name or version cannot be one. */
  readonly unusable: number;
}

/**
 * Reads Composer's `installed.json` in both layouts: a list (Composer 1), or an object with `packages` (Composer 2).
 *
 * Packages for development count like the others, for they are listed only where they were installed. Sources:
 * Composer documentation, "The composer.json schema"; Composer\Repository\FilesystemRepository.
 *
 * @throws CatalogError MALFORMED when it is neither layout, LIMIT_EXCEEDED
 */
export function parseInstalledJson(bytes: Buffer): InstalledPackages {
  const document = parseJson(bytes);
  const entries = Array.isArray(document) ? document : member(document, 'packages');
  if (!Array.isArray(entries)) {
    throw new CatalogError('MALFORMED', 'The installed.json lists no packages; run composer install again');
  }
  const found: { readonly entry: unknown; readonly identity: Identity }[] = [];
  let unusable = 0;
  for (const entry of elements(entries)) {
    const name = member(entry, 'name');
    const version = member(entry, 'version');
    if (isJsonObject(entry) && (isAbsent(name) || isAbsent(version))) continue;
    const identity = tryIdentity(name, version);
    if (identity === undefined) unusable += 1;
    else found.push({ entry, identity });
  }
  const names = new Set(found.map(({ identity }) => identity.name));
  return { packages: found.map(({ entry, identity }) => readPackage(entry, identity, names)), unusable };
}

function readPackage(entry: unknown, identity: Identity, installed: ReadonlySet<string>): Package {
  const shasum = cleanText(member(member(entry, 'dist'), 'shasum'), 40);
  const vcsUrl = readVcsUrl(member(entry, 'source'), identity.version);
  const dependsOn = members(member(entry, 'require')).flatMap(([name]) => (installed.has(name) ? [name] : []));
  return {
    type: 'composer',
    ...identity,
    licenses: cleanTexts([member(entry, 'license')].flat(), textLimits.license, textLimits.licenses),
    cataloger: 'composer',
    ...(shasum !== undefined && /^[0-9a-f]{40}$/i.test(shasum) && { digest: `sha1:${shasum.toLowerCase()}` }),
    ...(vcsUrl !== undefined && { qualifiers: { vcs_url: vcsUrl } }),
    ...(dependsOn.length > 0 && { dependsOn: dependsOn.slice(0, textLimits.dependencies) }),
  };
}

/**
 * The commit that a branch version (`dev-main`, `2.x-dev`) was taken from, as purl-spec writes a `vcs_url`; such a
 * version alone does not say which code is there. Released versions do, and addresses that carry a user or password
 * are not passed on.
 */
function readVcsUrl(source: unknown, version: string): string | undefined {
  if (!/^dev-|-dev$/i.test(version) || member(source, 'type') !== 'git') return undefined;
  const url = cleanText(member(source, 'url'), 500);
  const reference = cleanText(member(source, 'reference'), 100);
  if (url === undefined || reference === undefined || !/^[0-9a-f]{7,64}$/i.test(reference)) return undefined;
  return /^https?:\/\/[^@\s]+$/.test(url) ? `git+${url}@${reference}` : undefined;
}
