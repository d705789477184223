import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';

/** What an entry may say and hardly means; it is carried out all the same. Patterns know no borders, so that some match less, or more. */
export function adviceOf(
  { image, imageReferences = [], skipImageReferences = [] }: KyvernoVerification,
  path: ConfigPath,
): readonly Finding[] {
  const wanted = [
    ...imageReferences.map((pattern, at) => ({ pattern, at: [...path, 'imageReferences', at] })),
    ...(image === undefined ? [] : [{ pattern: image, at: [...path, 'image'] }]),
  ];
  const skipped = skipImageReferences.map((pattern, at) => ({ pattern, at: [...path, 'skipImageReferences', at] }));
  return [
    ...wanted.flatMap(({ pattern, at }) => (missesDigests(pattern) ? [{ path: at, sentence: digests(pattern) }] : [])),
    ...skipped.flatMap(({ pattern, at }) => {
      if (hasOpenHost(pattern))
        return [{ path: at, sentence: 'begins with * and so skips images of hosts of anybody; write the host' }];
      return hasOpenEnd(pattern)
        ? [
            {
              path: at,
              sentence: 'ends with * within a name and so skips other repositories too; end it with /*, :* or @*',
            },
          ]
        : [];
    }),
  ];
}

/** Nothing with a digest has a tag that could match, but a `*` before the colon takes the `@` as well. */
function missesDigests(pattern: string): boolean {
  const [, before = ''] = /^(.*):[^/:@]*$/.exec(pattern) ?? [];
  return before.includes('/') && !before.includes('@') && !before.endsWith('*');
}

function digests(pattern: string): string {
  const open = pattern.replace(/:[^/:@]*$/, '@*');
  return `is about no image that is named by its digest, which nobody verifies then; write ${open} too`;
}

/** A host is over at the first slash, and `*` is not. */
function hasOpenHost(pattern: string): boolean {
  const slash = pattern.indexOf('/');
  return pattern !== '*' && pattern.slice(0, slash < 0 ? undefined : slash).includes('*');
}

function hasOpenEnd(pattern: string): boolean {
  return /[^/:@*]\*+$/.test(pattern) && pattern.lastIndexOf(':') <= pattern.lastIndexOf('/');
}
