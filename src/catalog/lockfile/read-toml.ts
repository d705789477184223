import { parseTomlValues } from '../../codec/toml/parse-toml-values.ts';
import type { TomlTable } from '../../codec/toml/parse-toml.ts';
import { CatalogError } from '../error.ts';
import { lockLimits } from './limits.ts';

/**
 * Reads a lock file in TOML. One without a word in it does not say what there is: every tool writes more for a project without packages.
 *
 * @throws CatalogError MALFORMED
 */
export function readToml(bytes: Buffer): TomlTable {
  const { root, mistake } = parseTomlValues(bytes.toString('utf8'), lockLimits.depth);
  if (root !== undefined && Object.keys(root).length > 0) return root;
  if (root !== undefined) throw new CatalogError('MALFORMED', 'The file holds nothing; make the lock file anew');
  const { line, sentence } = mistake;
  throw new CatalogError('MALFORMED', `Line ${line}: ${sentence}; make the lock file anew`);
}

/** A manifest in TOML beside a lock file; undefined when there is none that can be read. */
export function readTomlManifest(bytes: Buffer | undefined): TomlTable | undefined {
  if (bytes === undefined || bytes.length > lockLimits.manifest) return undefined;
  return parseTomlValues(bytes.toString('utf8'), lockLimits.depth).root;
}
