import { roffOf, sectionsOf } from './markdown.ts';

/** Which commands a section of docs/exit-codes.md is about, where its heading does not name one. */
const groups: Readonly<Record<string, (path: string) => boolean>> = {
  'verify and its kin': (path) =>
    /^(?:verify|verify-attestation|verify-blob|verify-blob-attestation|tree|download|attach|copy|save|load|clean|triangulate)\b/.test(
      path,
    ),
  'a registry of your own': (path) => path === 'registry' || path.startsWith('registry '),
  'policy check': (path) => path === 'policy check' || path === 'policy explain',
};

/** What the status of a command says, from the page that tells scripts. @param path of the command; empty for the program */
export function exitStatus(page: string, path: readonly string[]): readonly string[] {
  const [general, ...others] = sectionsOf(page);
  const own = others.filter(({ heading }) => isAbout(heading, path.join(' ')));
  return [...roffOf(general?.lines ?? []), ...own.flatMap(({ lines }) => roffOf(lines))];
}

/** Headings that no command has, which is a mistake in this file or in that page. */
export function headingsOfNobody(page: string, paths: readonly string[]): readonly string[] {
  return sectionsOf(page)
    .map(({ heading }) => heading)
    .filter((heading) => heading.startsWith('Of ') && !paths.some((path) => isAbout(heading, path)));
}

function isAbout(heading: string, path: string): boolean {
  const name = heading.replace(/^Of /, '');
  return groups[name]?.(path) ?? name === path;
}
