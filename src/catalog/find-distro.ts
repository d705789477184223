import type { Distro } from '../package/distro.ts';
import type { ReleaseFact, RepositoryFact } from './cataloger.ts';

/**
 * The distribution that an image's release files name.
 *
 * The file of the lowest rank that names one decides; files about the same distribution may add what it leaves open.
 */
export function findDistro(
  releases: readonly ReleaseFact[],
  repositories: readonly RepositoryFact[],
): Distro | undefined {
  const ranked = releases.toSorted((a, b) => a.rank - b.rank);
  const chosen = ranked.find(({ distro }) => distro.id !== undefined && distro.id !== '')?.distro;
  if (chosen?.id === undefined) return undefined;
  const related = ranked
    .filter(({ distro }) => distro.id === undefined || distro.id === chosen.id)
    .map(({ distro }) => distro);
  const first = <Key extends keyof Distro>(key: Key): Distro[Key] | undefined =>
    related.map((distro) => distro[key]).find((value) => value !== undefined && value !== '');
  const branches = [...new Set(repositories.flatMap((fact) => fact.branches))];
  const prettyName = first('prettyName');
  const codename = first('codename');
  return {
    id: chosen.id,
    version: first('version') ?? '',
    idLike: chosen.idLike ?? [],
    ...(prettyName === undefined ? {} : { prettyName }),
    ...(codename === undefined ? {} : { codename }),
    ...(branches.length === 0 ? {} : { repositories: branches }),
    ...(first('esm') === true ? { esm: true } : {}),
  };
}
