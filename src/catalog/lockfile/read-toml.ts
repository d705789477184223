import { parseTomlValues } from '../../codec/toml/parse-toml-values.ts';
import type { TomlTable } from '../../codec/toml/parse-toml.ts';
import { CatalogError } from '../error.ts';
import { lockLimits } from './limits.ts';

/**
 * Reads a lock file in TOML.
 *
 * @throws CatalogError MALFORMED
 */
export function readToml(bytes: Buffer): TomlTable {
  const { root, mistake } = parseTomlValues(bytes.toString('utf8'), lockLimits.depth);
  if (root !== undefined) return root;
  const { line, sentence } = mistake;
  throw new CatalogError('MALFORMED', `Line ${line}: ${sentence}; make the lock file anew`);
}

/** A manifest in TOML beside a lock file; undefined when there is none that can be read. */
export function readTomlManifest(bytes: Buffer | undefined): TomlTable | undefined {
  if (bytes === undefined || bytes.length > lockLimits.manifest) return undefined;
  return parseTomlValues(bytes.toString('utf8'), lockLimits.depth).root;
}
