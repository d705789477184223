import type { Problem } from '../base/problem.ts';
import type { Digest } from '../oci/digest.ts';
import type { BySigner, Gathered, SignatureCheck } from '../policy/evidence.ts';
import type { Signer } from '../policy/model.ts';
import { VerificationError } from '../signing/verify/verification-error.ts';
import type { AttachedTo } from './attached/attached-to.ts';
import type { Found, Look } from './attached/part.ts';
import { type Gathering, wishOf } from './gathering.ts';
import { judge } from './judge.ts';
import { observeJudged } from './observe-judged.ts';
import { gathered } from './look.ts';
import type { CompiledSigner } from './signer/compile-signer.ts';
import { whyNot } from './why.ts';

/**
 * Looks for the signatures of signers. What signs an index signs the images in it, which it names by their digests. All signers look
 * at the same; it is looked no further when each has signed by a key or identity of its own, since then no more could change anything.
 *
 * @param digests of the image, and of indexes that name it
 * @param complete whether all keys and identities by which a signer signed are wanted, however many there are
 */
export async function gatherSignatures(
  gathering: Gathering,
  digests: readonly Digest[],
  signers: readonly Signer[],
  complete: boolean,
): Promise<BySigner<SignatureCheck>> {
  const { now, signal } = gathering;
  const searches = signers.map((signer) => new Search(gathering, signer));
  await searchAll(gathering, digests, searches, complete);
  if (!complete && !areDistinct(searches)) await searchAll(gathering, digests, searches, true);
  const checks: Record<string, Gathered<SignatureCheck>> = {};
  for (const search of searches) checks[search.name] = await gathered(now, signal, () => search.outcome());
  return checks;
}

async function searchAll(
  gathering: Gathering,
  digests: readonly Digest[],
  searches: readonly Search[],
  complete: boolean,
): Promise<void> {
  const groups = Map.groupBy(searches, ({ compiled }) => compiled?.repository);
  for (const digest of digests) {
    for (const [repository, group] of groups) {
      const open = group.filter((search) => search.isOpen(digest));
      if (open.length > 0) await searchIn(gathering, digest, repository, open, complete);
    }
  }
}

async function searchIn(
  { attachments, signal }: Gathering,
  digest: Digest,
  repository: string | undefined,
  searches: readonly Search[],
  complete: boolean,
): Promise<void> {
  try {
    const attached = attachments.to(digest, repository);
    for await (const look of attached.signatures(wishOf(searches.flatMap(({ compiled }) => compiled ?? [])))) {
      for (const search of searches) await search.take(look, attached, digest);
      if (!complete && searches.every(({ by }) => by.size > 0)) return;
    }
  } catch (error) {
    if (signal.aborted) throw error;
    for (const search of searches) search.fail(error);
  }
}

/** Whether each has signed, and none by what another signed by. */
function areDistinct(searches: readonly Search[]): boolean {
  const all = searches.flatMap(({ by }) => [...by]);
  return searches.some(({ by }) => by.size === 0) || new Set(all).size === all.length;
}

/** The search for one signer's signatures. */
class Search {
  readonly name: string;
  readonly compiled: CompiledSigner | undefined;
  readonly by = new Set<string>();
  readonly #gathering: Gathering;
  readonly #failures: VerificationError[] = [];
  readonly #problems = new Set<Problem>();
  readonly #seen = new Set<Found>();
  /** Where it signed: what others are signed besides says nothing more. */
  #place: Digest | undefined;
  #error: unknown;

  constructor(gathering: Gathering, signer: Signer) {
    this.name = signer.name;
    this.#gathering = gathering;
    try {
      this.compiled = gathering.compile(signer);
    } catch (error) {
      this.compiled = undefined;
      this.#error = error;
    }
  }

  /** Whether anything attached to a digest could still say something. */
  isOpen(digest: Digest): boolean {
    return this.compiled !== undefined && (this.#place === undefined || this.#place === digest);
  }

  async take({ found, problems }: Look, attached: AttachedTo, digest: Digest): Promise<void> {
    const { compiled } = this;
    if (compiled === undefined) return;
    for (const problem of problems) this.#problems.add(problem);
    const { observe } = this.#gathering;
    const about = { signer: this.name, digest, repository: attached.place };
    observe({ ...about, kind: 'place', found: found.length, unreadable: problems.map(({ message }) => message) });
    for (const one of found) {
      this.#gathering.signal.throwIfAborted();
      if (this.#seen.has(one)) continue;
      this.#seen.add(one);
      const now = new Date(this.#gathering.now());
      const judged = await judge(one, attached, digest, compiled, { kind: 'signature' }, now);
      observeJudged(observe, about, one, judged);
      if (judged instanceof VerificationError) this.#failures.push(judged);
      else if (judged !== undefined) {
        this.by.add(judged.by);
        this.#place = digest;
      }
    }
  }

  /** What could not be looked at may have held a signature. */
  fail(error: unknown): void {
    this.#error ??= error;
  }

  /** @throws what kept it from being told */
  async outcome(): Promise<SignatureCheck | undefined> {
    if (this.by.size > 0) return await Promise.resolve({ verified: true, by: [...this.by].sort() });
    const error = this.#error ?? this.compiled?.unready;
    if (error !== undefined) throw error;
    const why = whyNot('signature', this.#failures, [...this.#problems]);
    return why === undefined ? undefined : { verified: false, why };
  }
}
