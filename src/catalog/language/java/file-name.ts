import { cleanVersion } from './coordinates.ts';

/** What an archive's file name tells. */
export interface NamedArtifact {
  readonly artifact: string;
  readonly version?: string;
}

/** Words that are part of a version when they follow its number. */
const qualifier =
  /^(?:\d.*|[vbr]\d.*|a|b|alpha.*|beta.*|milestone.*|m\d.*|rc[\d.]*|cr[\d.]*|pre\d*|preview.*|dev\d*|ga|final|release.*|snapshot|sp\d*|build.*|jre\d*|jdk\d*|java\d*|android\d*|incubating|redhat.*|jboss.*|fuse.*|nightly.*|atlassian.*|hadoop.*|spark.*|scala.*|lts|patch.*|hotfix.*|sec\d*|[\da-f]{7,40})$/i;

/** Words after a version that name a variant of the artifact, which is no part of the version. */
const classifier =
  /^(?:all|exec|boot|shaded|uber|standalone|with|dependencies|jar|full|min|bundle|tests?|sources|javadoc|natives?|linux.*|osx.*|macos.*|windows.*|win32|win64|x86.*|amd64|aarch.*|arm.*|ppc.*|s390x|jakarta|javax|nodeps|no_aop|classes|client|server|runner)$/i;

/** No id is longer, and the words are compared with each other. */
const longestName = 250;

/**
 * Splits an archive's file name, without its extension, into artifact and version (`log4j-1.2-api-2.14.1`). Between
 * words, the version begins at the first number that only version words follow; a variant's name behind it
 * (`netty-transport-native-epoll-4.1.100.Final-linux-x86_64`) is dropped.
 */
export function parseFileName(stem: string): NamedArtifact {
  if (stem.length > longestName) return { artifact: stem };
  const words = stem.split('-');
  let start: number | undefined;
  let end = words.length;
  for (let index = 1; index < words.length; index++) {
    const word = words[index] ?? '';
    if (start === undefined) {
      if (/^\d/.test(word)) start = index;
      continue;
    }
    if (end === words.length && qualifier.test(word)) continue;
    if (classifier.test(word)) {
      end = Math.min(end, index);
      continue;
    }
    // Another word: what looked like a version was part of the name, if another number follows.
    if (words.slice(index + 1).some((each) => /^\d/.test(each))) {
      start = undefined;
      end = words.length;
    }
  }
  if (start === undefined) return { artifact: stem };
  const artifact = words.slice(0, start).join('-');
  const text = words.slice(start, end).join('-');
  // Debian links `maven-core-3.x.jar` to whatever 3.x it has.
  const version = text.endsWith('.x') ? undefined : cleanVersion(text);
  return artifact === '' ? { artifact: stem } : { artifact, ...(version === undefined ? {} : { version }) };
}
