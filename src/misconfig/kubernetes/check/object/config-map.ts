import { printable } from '../../../../base/printable.ts';
import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofManifests } from '../../define.ts';
import { manifestLimits } from '../../limits.ts';
import type { Manifest } from '../../manifest.ts';
import { entriesAt, scalarAt } from '../../yaml/node.ts';
import { assignmentsIn, endsIn } from '../../assignments.ts';

const secretWords: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'passwrd',
  'passphrase',
  'pass',
  'pword',
  'pwd',
  'pswrd',
  'secret',
  'secretkey',
  'appsecret',
  'clientsecret',
  'token',
  'secret key',
  'access key',
  'access key id',
]);

/** KSV-0109: everybody who may read a namespace may read it. */
export const configMapSecrets: Check<Manifest> = ofManifests(
  describe('KSV-0109', 'HIGH', {
    name: 'configMap_with_secrets',
    title: 'ConfigMap with secrets',
    description: 'ConfigMaps are shown to all who may look at a namespace, and are kept and copied as they are.',
    resolution: 'Put passwords and tokens into a Secret, and remove them from the ConfigMap.',
  }),
  (manifest) => namesIn(manifest, (name) => endsIn(name, secretWords), 'a secret'),
);

const personalWords: ReadonlySet<string> = new Set(['username', 'email', 'phone', 'iban', 'key']);
/** Addresses of mail, names of hashes, and numbers of bank accounts (ISO 13616). */
const sensitiveText =
  /[\w.-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,}|\b(?:SHA1|sha1|MD5|md5)\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b/;

/** KSV-01010: what is about people, or lets others guess. */
export const configMapSensitive: Check<Manifest> = ofManifests(
  describe('KSV-01010', 'MEDIUM', {
    name: 'configMap_with_sensitive',
    title: "ConfigMap with what is nobody else's business",
    description: 'User names, addresses, numbers of people and hashes are shown to all who may look at a namespace.',
    resolution: 'Put them into a Secret, or leave them out.',
  }),
  (manifest) => namesIn(manifest, (name) => endsIn(name, personalWords), 'something sensitive', sensitiveText),
);

/** Values are never told: reports go to many. */
function namesIn(
  { kind, root }: Manifest,
  isBad: (name: string) => boolean,
  what: string,
  text?: RegExp,
): readonly Flaw[] {
  if (kind !== 'ConfigMap') return [];
  const flaws: Flaw[] = [];
  for (const [name, entry] of entriesAt(root, 'data')) {
    const value = String(scalarAt(entry.value) ?? '').slice(0, manifestLimits.searched);
    const found = new Set<string>();
    for (const assignment of assignmentsIn(name, value)) {
      if (isBad(assignment) && found.size < 5) found.add(printable(assignment));
    }
    const isText = found.size === 0 && text !== undefined && text.test(value);
    if (found.size === 0 && !isText) continue;
    const where = isText || found.has(name) ? '' : ` (${[...found].join(', ')})`;
    flaws.push({ message: `The entry ${printable(name)} seems to hold ${what}${where}`, lines: entry.lines });
  }
  return flaws;
}
