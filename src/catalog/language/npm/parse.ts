import type { Package } from '../../../package/package.ts';
import { isJsonObject, member, parseJsonObject, type JsonObject } from '../../document/json.ts';
import { cleanTexts, readIdentity, textLimits } from '../../document/text.ts';

/**
 * npm's name grammar as far as published packages keep it, the oldest included: capitals and most signs are allowed,
 * but neither blanks nor slashes beyond the one after a scope, nor what templates write (`<%= name %>`, `{{name}}`).
 * Source: npm documentation, "package.json", name; validate-npm-package-name on legacy names.
 */
const packageName = /^(?:@[^\s/@<>{}%\\:]+\/)?[^\s/@<>{}%\\:.][^\s/@<>{}%\\:]*$/;

/**
 * Reads the `package.json` of an installed package.
 *
 * @returns undefined when it has no name or version, or a name that npm cannot install: such a file is no package
 * @throws CatalogError MALFORMED when it is no JSON object, or its name or version is something other than text
 */
export function parsePackageJson(bytes: Buffer): Package | undefined {
  const manifest = parseJsonObject(bytes);
  const identity = readIdentity(member(manifest, 'name'), member(manifest, 'version'));
  if (identity === undefined || !packageName.test(identity.name)) return undefined;
  return { type: 'npm', ...identity, licenses: readLicenses(manifest), cataloger: 'npm' };
}

/** `license` as text or `{ type }`, and the older `licenses`, a list (or one) of either. */
function readLicenses(manifest: JsonObject): string[] {
  const statements = [member(manifest, 'license'), member(manifest, 'licenses')].flat();
  return cleanTexts(
    statements.map((value) => (isJsonObject(value) ? (member(value, 'type') ?? member(value, 'name')) : value)),
    textLimits.license,
    textLimits.licenses,
  );
}
