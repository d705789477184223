import { memberLines } from '../../../codec/json/member-lines.ts';
import { elements, isJsonObject, member, members, parseJson, parseJsonObject } from '../../document/json.ts';
import { cleanTexts, textLimits } from '../../document/text.ts';
import { CatalogError } from '../../error.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { lockLimits } from '../limits.ts';

/**
 * Reads `composer.lock`: `packages`, and `packages-dev` for development (Composer documentation, "Basic usage").
 *
 * @param manifest the `composer.json` beside it, which tells what the project itself asks for
 * @throws CatalogError MALFORMED
 */
export function parseComposerLock(bytes: Buffer, manifest?: Buffer): LockReading {
  const document = parseJsonObject(bytes);
  if (!Array.isArray(member(document, 'packages'))) {
    throw new CatalogError('MALFORMED', 'The file lists no packages; run composer update --lock');
  }
  const asked = readComposerJson(manifest);
  const text = bytes.toString('utf8');
  const sections = ['packages', 'packages-dev'].map((section) => ({
    listed: elements(member(document, section)),
    lines: memberLines(text, [section]),
    isForDevelopment: section === 'packages-dev',
  }));
  const ids = new Map<string, string>();
  for (const { listed } of sections) {
    for (const entry of listed) {
      const { name, version } = { name: member(entry, 'name'), version: member(entry, 'version') };
      if (typeof name === 'string' && typeof version === 'string') ids.set(name, lockId(name, version));
    }
  }
  const entries = sections.flatMap(({ listed, lines, isForDevelopment }) =>
    listed.map((entry, index): LockEntry => {
      const name = member(entry, 'name');
      return {
        name,
        version: member(entry, 'version'),
        direct: asked && typeof name === 'string' ? asked.has(name) : undefined,
        development: isForDevelopment,
        licenses: cleanTexts([member(entry, 'license')].flat(), textLimits.license, textLimits.licenses),
        dependsOn: members(member(entry, 'require')).flatMap(([need]) => ids.get(need) ?? []),
        lines: lines.get(String(index)),
      };
    }),
  );
  return packagesOf('composer', 'composer-lock', entries);
}

/** The names that a `composer.json` asks for; undefined when there is none that can be read. */
function readComposerJson(bytes: Buffer | undefined): ReadonlySet<string> | undefined {
  if (bytes === undefined || bytes.length > lockLimits.manifest) return undefined;
  try {
    const document = parseJson(bytes);
    if (!isJsonObject(document)) return undefined;
    const sections = ['require', 'require-dev'].flatMap((section) => members(member(document, section)));
    return new Set(sections.map(([name]) => name));
  } catch {
    return undefined;
  }
}
