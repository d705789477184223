import { cleanId } from './coordinates.ts';
import { knownGroup } from './known-groups.ts';
import type { Manifest } from './manifest.ts';

/** First labels under which Java packages, and so most groups, are named. */
const topLevel = /^(?:com|org|net|io|edu|gov|mil|int|info|biz|dev|app|me|tv|javax?|jakarta|[a-z]{2})$/;

/** Attributes that hold the group itself: Jenkins' and Maven's own. */
const groupAttributes = ['group-id', 'implementation-vendor-id', 'specification-vendor-id'] as const;

/** Attributes that hold a name made of group and artifact. */
const nameAttributes = ['bundle-symbolicname', 'automatic-module-name', 'extension-name'] as const;

/**
 * The group of an artifact whose archive has no pom of its own: well-known artifacts first, then the manifest.
 *
 * @returns undefined when nothing tells it. The artifact's name is not taken in its place, as such a guess is either
 * never right or, worse, right for another artifact.
 */
export function findGroup(artifact: string, manifest: Manifest): string | undefined {
  const known = knownGroup(artifact);
  if (known !== undefined) return known;
  for (const attribute of groupAttributes) {
    const group = cleanId(manifest.get(attribute));
    if (group !== undefined && (isQualified(group) || attribute === 'group-id' || group === artifact)) return group;
    // Old Apache projects have groups of one word: `commons-io`.
    if (group !== undefined && artifact.startsWith(group)) return group;
  }
  for (const attribute of nameAttributes) {
    // Parameters follow a semicolon: `org.example.thing;singleton:=true`.
    const group = groupOfName(cleanId(manifest.get(attribute)?.split(';')[0]), artifact);
    if (group !== undefined) return group;
  }
  return undefined;
}

/**
 * Undoes how the Maven plugins make a bundle's name: group and artifact with a dot between, or, when the artifact
 * begins with the group's last word, that word only once.
 */
function groupOfName(name: string | undefined, artifact: string): string | undefined {
  if (name === undefined || !isQualified(name)) return undefined;
  if (name.endsWith(`.${artifact}`)) {
    const group = name.slice(0, -artifact.length - 1);
    // `org.jsoup` is group and name in one: no group has a top-level label only.
    return isQualified(group) ? group : name;
  }
  const [first = '', ...rest] = artifact.split('-');
  if (rest.length === 0) return undefined;
  const tails = [`.${first}.${rest.join('.')}`, `.${first}.${rest.join('-')}`, `.${first}.${rest.join('')}`];
  const tail = tails.find((each) => name.endsWith(each));
  if (tail === undefined) return undefined;
  return `${name.slice(0, -tail.length)}.${first}`;
}

function isQualified(name: string): boolean {
  const [first = '', second = ''] = name.split('.');
  return second !== '' && topLevel.test(first);
}
