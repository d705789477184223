import { textLimits } from '../../document/text.ts';
import type { Manifest } from './manifest.ts';

/**
 * The licences that `Bundle-License` names (OSGi Core 8, 3.2.1.10): identifiers or addresses with commas between, each
 * with parameters behind a semicolon. `<<EXTERNAL>>` names none.
 */
export function manifestLicenses(manifest: Manifest): readonly string[] {
  const names: string[] = [];
  // The first match of a clause is its name; parameters may hold commas within quotes.
  for (const [clause] of (manifest.get('bundle-license') ?? '').matchAll(/(?:[^",]+|"[^"]*"?)+/g)) {
    const name = (clause.split(';', 1)[0] ?? '').replaceAll('"', '').trim();
    if (name !== '' && name !== '<<EXTERNAL>>') names.push(name);
    if (names.length === textLimits.licenses) break;
  }
  return names;
}
