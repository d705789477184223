import { SaxesParser } from 'saxes';
import { javaLimits } from './limits.ts';

/** What a pom says of itself, as written: placeholders are filled in where the pom itself tells their value. */
export interface Pom {
  /** Its own, or its parent's. */
  readonly group?: string;
  readonly artifact?: string;
  /** Its own, or its parent's. */
  readonly version?: string;
  /** Names of its licences. */
  readonly licenses: readonly string[];
}

const wanted: ReadonlySet<string> = new Set([
  'project/groupId',
  'project/artifactId',
  'project/version',
  'project/parent/groupId',
  'project/parent/version',
  'project/licenses/license/name',
]);
const propertyPrefix = 'project/properties/';

/**
 * Reads a pom.xml (Maven POM reference, 4.0.0).
 *
 * @returns undefined when it is no well-formed XML; entities of its own are not expanded
 */
export function parsePom(text: string): Pom | undefined {
  const values = new Map<string, string>();
  const licenses: string[] = [];
  const path: string[] = [];
  let content = '';
  const parser = new SaxesParser();
  parser.on('opentag', ({ name }) => {
    path.push(name);
    content = '';
  });
  parser.on('text', (piece) => {
    if (path.length <= 4) content += piece;
  });
  parser.on('cdata', (piece) => {
    if (path.length <= 4) content += piece;
  });
  parser.on('closetag', () => {
    const place = path.length <= 4 ? path.join('/') : '';
    path.pop();
    const value = content.trim();
    content = '';
    // Longer ones are none, and would multiply when filled into others.
    if (value.length > javaLimits.pomValue) return;
    if (place === 'project/licenses/license/name') licenses.push(value);
    else if (wanted.has(place) || (place.startsWith(propertyPrefix) && values.size < javaLimits.pomProperties)) {
      values.set(place, value);
    }
  });
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  const fill = (value: string | undefined): string | undefined => fillIn(value, values);
  const group = fill(values.get('project/groupId') ?? values.get('project/parent/groupId'));
  const artifact = fill(values.get('project/artifactId'));
  const version = fill(values.get('project/version') ?? values.get('project/parent/version'));
  return {
    ...(group === undefined ? {} : { group }),
    ...(artifact === undefined ? {} : { artifact }),
    ...(version === undefined ? {} : { version }),
    licenses,
  };
}

/** Replaces `${name}` by the pom's own property or element of that name, once; others stay as they are. */
function fillIn(value: string | undefined, values: ReadonlyMap<string, string>): string | undefined {
  return value?.replaceAll(/\$\{([\w.-]{1,100})\}/g, (placeholder, name: string) => {
    const element = name.replace(/^(?:project|pom)\./, '').replaceAll('.', '/');
    return values.get(`${propertyPrefix}${name}`) ?? values.get(`project/${element}`) ?? placeholder;
  });
}
