import { listByApi, listByTag } from '../../oci/client/list-referrers.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { type Attachment, atTag, describeReferrer } from '../../signing/cosign/attachments.ts';
import type { LayerBudget } from '../../signing/cosign/fetch-layers.ts';
import { findLegacySignatures, type LegacyKind } from '../../signing/cosign/legacy-signatures.ts';
import { lookUp } from '../../signing/cosign/look-up.ts';
import { checkCount, isProblem, readListed, whatIsAttached } from '../../signing/cosign/read-referrers.ts';
import { legacyCandidates } from '../../signing/image/candidate.ts';
import { saysOther } from './hints.ts';
import { once } from '../once.ts';
import { type Found, type Look, type Manifests, openPart, type Part } from './part.ts';

/** What those who look care for. */
export interface Wish {
  readonly layouts: ReadonlySet<Found['layout']>;
  /** What stands before tags of the older layout, for each who takes that layout. */
  readonly tagPrefixes: ReadonlySet<string>;
}

/**
 * What is attached to one manifest in one repository. Everything is read when it is first asked for, and once, however many ask; an image
 * that is signed as usual costs three requests: the list of referrers or the tag, the signature's manifest, and its content.
 */
export class AttachedTo {
  /** The repository, with the host. */
  readonly place: string;
  readonly #remote: RemoteRepository;
  readonly #digest: Digest;
  /** The manifest that it is attached to, for its size and type. @throws SigningError SIGNATURES_UNAVAILABLE */
  readonly describe: () => Promise<Descriptor>;
  readonly #budget: LayerBudget;
  readonly #signal: AbortSignal;
  readonly #first: Part;
  readonly #others: Part;
  readonly #tagged = new Map<string, () => Promise<Look>>();

  constructor(
    remote: RemoteRepository,
    digest: Digest,
    describe: () => Promise<Descriptor>,
    budget: LayerBudget,
    signal: AbortSignal,
  ) {
    this.place = repositoryName(remote);
    this.#remote = remote;
    this.#digest = digest;
    this.describe = describe;
    this.#budget = budget;
    this.#signal = signal;
    this.#first = openPart(remote, digest, this.#readFirst, budget, signal);
    this.#others = openPart(remote, digest, this.#readOthers, budget, signal);
  }

  /**
   * Looks for signatures step by step, the likeliest place first, so that whoever has found enough leaves the others alone: what the
   * referrers API lists, the tags, and then what is listed as something else and the fallback tag. All steps together leave nothing out.
   */
  async *signatures(wish: Wish): AsyncGenerator<Look, void> {
    const { client, repository } = this.#remote;
    const tags = wish.layouts.has('legacy') ? [...wish.tagPrefixes] : [];
    // Where the registry is known to have no such API, the tag that stands in for it is the likelier one.
    const hasNoApi = client.referrersApi.recall(repository) === false;
    if (!hasNoApi) yield await this.#signaturesIn(this.#first, wish);
    else yield await this.#allOthers(wish);
    for (const prefix of tags) yield await this.#atTag('signature', prefix);
    if (!hasNoApi) yield await this.#allOthers(wish);
  }

  /** All attestations, none left out: a condition may have to hold for each. */
  async attestations({ layouts, tagPrefixes }: Wish): Promise<Look> {
    const looks: Look[] = [];
    for (const part of [this.#first, this.#others]) {
      looks.push({ found: [], problems: (await part.manifests()).problems });
      if (layouts.has('bundle')) looks.push(await part.signing(), await part.stating());
      if (layouts.has('legacy')) looks.push(await part.older.attestation());
    }
    const tags = layouts.has('legacy') ? [...tagPrefixes] : [];
    for (const prefix of tags) looks.push(await this.#atTag('attestation', prefix));
    return merge(looks);
  }

  /** Bills of materials, by their manifests: attached as such, and not stated. */
  async sboms(): Promise<readonly Attachment[]> {
    const [likely, rest, tagged] = await Promise.all([
      this.#first.manifests(),
      this.#others.manifests(),
      atTag(this.#remote, this.#digest, 'sbom', { signal: this.#signal }),
    ]);
    const attached = [...likely.manifests, ...rest.manifests].map(describeReferrer);
    const atTheTag = tagged === undefined || isProblem(tagged) ? [] : [tagged];
    return [...atTheTag, ...attached].filter(({ kind }) => kind === 'sbom');
  }

  readonly #listed = once(async () => {
    const { client, repository } = this.#remote;
    const what = whatIsAttached(this.#remote, this.#digest);
    const listed = await lookUp(what, () => listByApi(client, repository, this.#digest, undefined, this.#signal));
    const distinct = [...new Map((listed ?? []).map((one) => [one.digest, one])).values()];
    checkCount(what, distinct.length);
    return distinct;
  });

  /** What the API lists and does not call something else. */
  readonly #readFirst = async (): Promise<Manifests> => {
    const listed = await this.#listed();
    return await this.#read(listed.filter((one) => !saysOther(one)));
  };

  /** What it does, and what the fallback tag lists besides. */
  readonly #readOthers = async (): Promise<Manifests> => {
    const { client, repository } = this.#remote;
    const what = whatIsAttached(this.#remote, this.#digest);
    const [listed, fallback = []] = await Promise.all([
      this.#listed(),
      lookUp(what, () => listByTag(client, repository, this.#digest, this.#signal)),
    ]);
    const known = new Set(listed.map(({ digest }) => digest));
    const more = [...new Map(fallback.map((one) => [one.digest, one])).values()].filter(
      ({ digest }) => !known.has(digest),
    );
    checkCount(what, listed.length + more.length);
    return await this.#read([...listed.filter(saysOther), ...more]);
  };

  async #read(descriptors: readonly Descriptor[]): Promise<Manifests> {
    if (descriptors.length === 0) return { manifests: [], problems: [] };
    return await readListed(this.#remote, descriptors, this.#digest, this.#signal);
  }

  async #signaturesIn({ manifests, signing, older, envelopes }: Part, { layouts }: Wish): Promise<Look> {
    return merge([
      { found: [], problems: (await manifests()).problems },
      ...(layouts.has('bundle') ? [await signing()] : []),
      ...(layouts.has('legacy') ? [await older.signature()] : []),
      ...(layouts.has('notation') ? [await envelopes()] : []),
    ]);
  }

  /** Of the others all that may be a signature, and bundles that only call themselves something else. */
  async #allOthers(wish: Wish): Promise<Look> {
    const disguised = wish.layouts.has('bundle') ? [await this.#first.stating(), await this.#others.stating()] : [];
    return merge([await this.#signaturesIn(this.#others, wish), ...disguised]);
  }

  #atTag(kind: LegacyKind, prefix: string): Promise<Look> {
    const key = `${kind} ${prefix}`;
    const known = this.#tagged.get(key);
    if (known !== undefined) return known();
    const look = once(async (): Promise<Look> => {
      const options = { prefix, signal: this.#signal, budget: this.#budget };
      const tagged = await findLegacySignatures(this.#remote, this.#digest, kind, options);
      const found = legacyCandidates(tagged?.signatures ?? []).map((one) => ({ ...one, tagPrefix: prefix }));
      return { found, problems: tagged?.problems ?? [] };
    });
    this.#tagged.set(key, look);
    return look();
  }
}

/** What several looks brought. */
function merge(looks: readonly Look[]): Look {
  return { found: looks.flatMap(({ found }) => found), problems: looks.flatMap(({ problems }) => problems) };
}
