import { RE2JS } from 're2js';
import { policyControllerLimits } from '../limits.ts';

/** A pattern of names of images, ready to be used. */
export interface ImageGlob {
  readonly text: string;
  /** Whether a whole name matches. Takes linear time. */
  readonly matches: (name: string) => boolean;
  /** Whether it is about a digest of a repository; undefined where it names none, which no digest keeps from matching. */
  readonly namesDigestOf: ((repository: string) => boolean) | undefined;
}

/** Patterns that policy-controller reads as ones of Docker Hub. */
const shortForms: Readonly<Record<string, string>> = {
  '*': 'index.docker.io/library/*',
  '*/*': 'index.docker.io/*/*',
};

/**
 * Compiles a pattern (sigstore/policy-controller, "Configuring image patterns"): `*` is any run of characters without a slash, `**` any
 * run at all, and everything else itself.
 *
 * @returns a sentence about what is wrong with it, which completes one that begins with its path
 */
export function compileImageGlob(text: string): ImageGlob | string {
  if (text === '') return 'is empty; write "**" for every image';
  if (text.length > policyControllerLimits.glob) return `has more than ${policyControllerLimits.glob} characters`;
  if (!/^[\w.:/*@-]+$/.test(text)) {
    return 'may have letters, digits, and . _ - : / @ with * and **; there is no ? and no [ ] in it';
  }
  const pattern = Object.hasOwn(shortForms, text) ? (shortForms[text] ?? text) : text;
  const mark = pattern.indexOf('@');
  const before = mark < 0 ? undefined : compile(pattern.slice(0, mark));
  return { text, matches: compile(pattern), namesDigestOf: before };
}

function compile(pattern: string): (name: string) => boolean {
  const source = pattern.replaceAll(/\*\*|\*|[^*]+/g, (part) =>
    part === '**' ? '.*' : part === '*' ? '[^/]*' : RE2JS.quote(part),
  );
  const expression = RE2JS.compile(source);
  return (name) => expression.testExact(name);
}
