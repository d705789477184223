import { parseYamlTexts } from '../../codec/yaml/parse-yaml-texts.ts';
import { CatalogError } from '../error.ts';
import { isJsonObject, type JsonObject } from '../document/json.ts';
import { lockLimits } from './limits.ts';

/**
 * Reads a lock file in YAML: all its scalars are texts, as versions must be.
 *
 * @throws CatalogError MALFORMED, LIMIT_EXCEEDED
 */
export function readYaml(text: string): JsonObject {
  if (text.length > lockLimits.yaml) {
    throw new CatalogError('LIMIT_EXCEEDED', `It has more than ${lockLimits.yaml} characters; skip it by its path`);
  }
  const { value, mistake } = parseYamlTexts(text, lockLimits.depth);
  if (mistake !== undefined) {
    throw new CatalogError('MALFORMED', `Line ${mistake.line}: ${mistake.sentence}; make the lock file anew`);
  }
  if (isJsonObject(value)) return value;
  throw new CatalogError('MALFORMED', 'The file holds YAML but no mapping; make the lock file anew');
}
