import type { Package } from '../../../package/package.ts';
import { cleanText, cleanTexts, readIdentity, textLimits } from '../../document/text.ts';
import { parseFullName, type FullName } from './full-name.ts';
import { readStatements } from './statements.ts';

/**
 * Reads the specification of an installed gem: Ruby source, mostly written by RubyGems itself.
 *
 * Name, version and platform come from the assignments where these are literals, else from the `# stub:` line that
 * RubyGems writes for its own quick look, else from the file's name.
 *
 * @param fileName base name: `rake-13.0.6.gemspec`
 * @returns undefined when nothing tells name and version
 * @throws CatalogError MALFORMED when name or version is no plain text
 */
export function parseGemspec(bytes: Buffer, fileName: string): Package | undefined {
  const source = bytes.toString('utf8');
  const statements = readStatements(source);
  const stub = parseStubLine(source);
  const named = parseFullName(fileName.replace(/\.gemspec$/i, ''));
  const identity = readIdentity(
    statements.name ?? stub?.name ?? named?.name,
    statements.version ?? stub?.version ?? named?.version,
  );
  if (identity === undefined) return undefined;
  const platform = cleanText(statements.platform ?? stub?.platform ?? named?.platform, textLimits.version);
  const dependsOn = cleanTexts(statements.dependencies, textLimits.name, textLimits.dependencies);
  return {
    type: 'gem',
    ...identity,
    licenses: cleanTexts(statements.licenses, textLimits.license, textLimits.licenses),
    cataloger: 'gemspec',
    // purl-spec, gem definition: `platform`, whose default is `ruby`.
    ...(platform !== undefined && platform !== 'ruby' && { qualifiers: { platform } }),
    ...(dependsOn.length > 0 && { dependsOn }),
  };
}

/** `# stub: name version platform require_paths` in one of the first lines (RubyGems, Gem::StubSpecification). */
function parseStubLine(source: string): FullName | undefined {
  const match = /^# stub: (\S{1,500}) (\S{1,200}) (\S{1,200})/m.exec(source.slice(0, 4096));
  if (match === null) return undefined;
  return { name: match[1] as string, version: match[2] as string, platform: match[3] as string };
}
