import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { SigningError } from '../../signing/error.ts';
import { type LayerBudget, newBudget } from '../../signing/cosign/fetch-layers.ts';
import { lookUp } from '../../signing/cosign/look-up.ts';
import type { SignatureContext } from '../context.ts';
import { AttachedTo } from './attached-to.ts';
import { once } from '../once.ts';

type Places = Pick<SignatureContext, 'remote' | 'remoteFor' | 'manifests'>;

/** What is attached to an image and to what is attached to it, wherever that lies: for one gathering, in which nothing is read twice. */
export class Attachments {
  readonly #context: Places;
  readonly #signal: AbortSignal;
  readonly #budget: LayerBudget = newBudget();
  readonly #known = new Map<string, AttachedTo>();

  constructor(context: Places, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
  }

  /**
   * What is attached to a digest, in the image's own repository or in another.
   *
   * @throws SigningError SIGNATURES_UNAVAILABLE where no other repository may be asked, and what `remoteFor` throws
   */
  to(digest: Digest, repository: string | undefined): AttachedTo {
    const key = `${repository ?? ''} ${digest}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const own = this.#context.manifests?.find((one) => one.digest === digest);
    const describe = own === undefined ? () => this.#describe(digest) : () => Promise.resolve(own);
    const attached = new AttachedTo(this.#remote(repository), digest, once(describe), this.#budget, this.#signal);
    this.#known.set(key, attached);
    return attached;
  }

  /** The manifest itself, which lies in the image's repository wherever its signatures do. */
  async #describe(digest: Digest): Promise<Descriptor> {
    const { remote } = this.#context;
    const { client, repository } = remote;
    return await lookUp(`The manifest ${repositoryName(remote)}@${digest}`, async () => {
      return (await fetchManifest(client, repository, digest, this.#signal)).descriptor;
    });
  }

  #remote(repository: string | undefined): RemoteRepository {
    const { remote, remoteFor } = this.#context;
    if (repository === undefined) return remote;
    if (remoteFor !== undefined) return remoteFor(repository);
    throw new SigningError('SIGNATURES_UNAVAILABLE', `No signatures are looked for in ${repository} here`);
  }
}
