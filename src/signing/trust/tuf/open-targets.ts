import type { Network } from '../../../net/network.ts';
import { SigningError } from '../../error.ts';
import { type Generation, readAnchored, readTarget } from './generation.ts';
import { type TufSeed } from './public-good.ts';
import { refreshTufRepository, type TufRepository } from './refresh.ts';

/** How the targets of a repository are come by. */
export interface TargetsOptions {
  readonly repository: TufRepository;
  /** What the program ships of this repository. */
  readonly seed?: TufSeed;
  /** Absent: nothing is fetched, whatever the age of what is there. */
  readonly network?: Network;
  readonly now: Date;
  /** Called with a sentence when the repository could not be asked and what is known still holds. */
  readonly warn: (sentence: string) => void;
}

/** The targets of a repository by name; undefined for one that it does not have. */
export type Targets = (name: string) => Promise<Buffer | undefined>;

/** What was asked within this time is not asked again, in milliseconds: as cosign has it, a day. */
const freshMs = 86_400_000;

/**
 * Gives the targets of a TUF repository: what is known when it is fresh, else what the repository says now. When that fails,
 * what is known serves until the repository's own timestamp ends, with a warning. Without a network, what is known or was
 * shipped serves.
 *
 * @throws SigningError TRUSTED_ROOT_UNAVAILABLE, TRUSTED_ROOT_INVALID
 */
export async function openTargets(options: TargetsOptions, signal?: AbortSignal): Promise<Targets> {
  const { repository, seed, network, now, warn } = options;
  const known = await readAnchored(repository.root, repository.folder);
  if (network === undefined) {
    return async (name) => {
      const kept = known === undefined ? undefined : await readTarget(repository.folder, known, name);
      return kept ?? seed?.targets.get(name);
    };
  }
  const generation = await current(known, options, network, signal);
  return async (name) => {
    const kept = await readTarget(repository.folder, generation, name);
    if (kept !== undefined || !generation.targets.has(name)) return kept;
    warn(`What was kept of ${repository.mirror} is damaged and is fetched again`);
    return readTarget(repository.folder, await refreshTufRepository(repository, network, now, signal), name);
  };
}

async function current(
  known: Generation | undefined,
  { repository, now, warn }: TargetsOptions,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<Generation> {
  const age = known === undefined ? Number.POSITIVE_INFINITY : now.getTime() - known.refreshedAt.getTime();
  if (known !== undefined && age >= 0 && age < freshMs && now < known.expires) return known;
  try {
    return await refreshTufRepository(repository, network, now, signal);
  } catch (error) {
    const silent = error instanceof SigningError && error.code === 'TRUSTED_ROOT_UNAVAILABLE';
    if (!silent || known === undefined || now >= known.expires) throw error;
    warn(`${error.message}; what was fetched on ${known.refreshedAt.toISOString().slice(0, 10)} is used`);
    return known;
  }
}
