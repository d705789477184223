import { SigningError } from '../../error.ts';
import { buildkiteSource } from './buildkite.ts';
import { environmentSource } from './environment.ts';
import { fileSource } from './file.ts';
import { githubActionsSource } from './github-actions.ts';
import { googleSource } from './google.ts';
import type { TokenSource, TokenSurroundings } from './source.ts';
import { spiffeSource } from './spiffe.ts';

/** Every source, by hand; the first that exists counts. */
const tokenSources: readonly TokenSource[] = [
  environmentSource,
  githubActionsSource,
  buildkiteSource,
  fileSource,
  spiffeSource,
  googleSource,
];

/**
 * The token that the surroundings offer without anybody being asked; undefined where there is none.
 *
 * @param only the id of the one source to ask
 * @throws SigningError IDENTITY_TOKEN_UNAVAILABLE for an unknown id, or one that has no token here
 */
export async function ambientToken(
  surroundings: TokenSurroundings,
  only?: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const sources = only === undefined ? tokenSources : tokenSources.filter(({ id }) => id === only);
  for (const source of sources) {
    const token = await source.find(surroundings, signal);
    if (token !== undefined) return token;
  }
  if (only === undefined) return undefined;
  const names = tokenSources.map(({ id }) => id).join(', ');
  const why = sources.length === 0 ? `there is none of that name; write one of ${names}` : 'it has no token here';
  throw new SigningError(
    'IDENTITY_TOKEN_UNAVAILABLE',
    `The token source "${only.slice(0, 60)}" does not serve: ${why}`,
  );
}
