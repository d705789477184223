import { compileGlob } from '../base/glob.ts';
import { expandBraces } from '../base/glob-syntax.ts';
import { isSeaworthyError } from '../base/error.ts';

/** What may stand in a name of a repository (distribution-spec, "Pulling Manifests"). */
const repositoryCharacters = /^[a-z0-9._/-]*$/;
const tagCharacters = /^[A-Za-z0-9_.-]*$/;

/**
 * Why a pattern can match no repository, or not all that it lists; undefined when it may match. Such a pattern is a
 * mistake: whoever wrote it believes that it does something.
 */
export function whyNoRepository(pattern: string): string | undefined {
  return whyNot(pattern, (literal, shape) => {
    if (!repositoryCharacters.test(literal))
      return 'names of repositories have small letters, digits and . _ - / alone';
    if (/^\/|\/$|\/\//.test(shape)) return 'names of repositories have no "/" at either end, nor two in a row';
    return undefined;
  });
}

/** As {@link whyNoRepository}, of a pattern that begins with a registry's host, which may have a port: `docker.io/library/*`. */
export function whyNoSource(pattern: string): string | undefined {
  return whyNoRepository(pattern.replace(/^([^/]+):\d{1,5}(?=\/|$)/, '$1'));
}

/** Why a pattern can match no tag, or not all that it lists; undefined when it may match. */
export function whyNoTag(pattern: string): string | undefined {
  return whyNot(pattern, (literal) => {
    if (!tagCharacters.test(literal)) return 'tags have letters, digits and . _ - alone';
    if (literal.length > 128) return 'tags have at most 128 characters';
    return /^[.-]/.test(pattern) ? 'tags begin with a letter, a digit or _' : undefined;
  });
}

function whyNot(pattern: string, judge: (literal: string, shape: string) => string | undefined): string | undefined {
  if (pattern === '') return 'it is empty';
  try {
    compileGlob(pattern);
    for (const text of expandBraces(pattern)) {
      // What a class or an escape may be is not looked into: it stands for some character that is allowed.
      const shape = text.replaceAll(/\[(?:[!^]?\]?)[^\]]*\]|\\./gsu, 'x');
      const why = text === '' ? 'one of its choices is empty' : judge(shape.replaceAll(/[*?]/g, ''), shape);
      if (why !== undefined) return why;
    }
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    return error.message.replace(/^.*? is no path pattern: /, '');
  }
  return undefined;
}
