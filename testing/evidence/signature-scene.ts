import { openNetwork } from '../../src/net/open-network.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import type { RemoteRepository } from '../../src/oci/client/remote-repository.ts';
import { type Digest, digestHex } from '../../src/oci/digest.ts';
import { compilePolicy } from '../../src/policy/compile.ts';
import type { SignatureCheck, Gathered } from '../../src/policy/evidence.ts';
import type { Policy, Rule, Signer } from '../../src/policy/model.ts';
import type { SignatureContext } from '../../src/evidence/context.ts';
import { type AttachedEvidence, gatherAttached } from '../../src/evidence/gather-attached.ts';
import { encodeBundle } from '../../src/signing/bundle/encode.ts';
import { bundleMediaType } from '../../src/signing/bundle/media-type.ts';
import { bundleAnnotations } from '../../src/signing/cosign/annotations.ts';
import { entityAnnotations } from '../../src/signing/cosign/entity-annotations.ts';
import {
  envelopeMediaType,
  legacySignatureType,
  simpleSigningMediaType,
} from '../../src/signing/cosign/media-types.ts';
import { attachmentTag } from '../../src/signing/cosign/tags.ts';
import { buildSimpleSigning } from '../../src/signing/image/simple-signing.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import type { SigningServices } from '../../src/signing/sign/services.ts';
import { signMessage, signStatement } from '../../src/signing/sign/sign-entity.ts';
import type { CertifiedSigner, Signer as SigningKey } from '../../src/signing/signer.ts';
import { buildSignStatement, buildStatement } from '../../src/signing/statement/build.ts';
import { nobody } from '../../src/signing/trust/trust-material.ts';
import { makeSubject } from '../policy/make-evidence.ts';
import { storeArtifact, storeIndexOf } from '../registry/attached.ts';
import { instantClock } from '../registry/instant-clock.ts';
import { makeSyntheticImage, storeImage } from '../registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry, type TestRegistryOptions } from '../registry/test-registry.ts';

/** How something is attached. */
export interface HowAttached {
  readonly repository?: string;
  /** Before the tag. */
  readonly prefix?: string;
  readonly annotations?: ReadonlyMap<string, string>;
  readonly services?: Partial<SigningServices>;
  /** Another image than the one that it is attached to. */
  readonly named?: Digest;
  /** Listed by the fallback tag in place of the API. */
  readonly byTag?: boolean;
  /** What the manifest calls the statement, where that is another. */
  readonly predicateType?: string;
}

/** An image in a registry, and what is attached to it. */
export interface SignatureScene extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly remote: RemoteRepository;
  readonly digest: Digest;
  /** A signature in cosign's older form, at its tag. */
  signByTag(key: SigningKey | CertifiedSigner, how?: HowAttached): Promise<void>;
  /** The same as a referrer, as cosign attached it with `oci-1-1`. */
  signByReferrer(key: SigningKey | CertifiedSigner, how?: HowAttached): Promise<void>;
  signByBundle(key: SigningKey | CertifiedSigner, how?: HowAttached): Promise<void>;
  attest(
    key: SigningKey | CertifiedSigner,
    predicateType: string,
    predicate: unknown,
    how?: HowAttached,
  ): Promise<void>;
  attestByTag(key: SigningKey, predicateType: string, predicate: unknown): Promise<void>;
  /** Attaches bytes as a bundle, whatever they are. */
  attachBundle(bytes: Uint8Array, how?: HowAttached): void;
  /** What came of looking for each signer's signature. */
  look(
    signers: readonly Signer[],
    context?: Partial<SignatureContext>,
  ): Promise<Record<string, Gathered<SignatureCheck>>>;
  gather(
    policy: Partial<Policy>,
    context?: Partial<SignatureContext>,
    digests?: readonly Digest[],
  ): Promise<AttachedEvidence>;
  /** A client that knows nothing yet. */
  fresh(): RemoteRepository;
}

/** The repository of the image. */
export const sceneRepository = 'team/app';

const noServices = { logs: [], timestampAuthorities: [] } as const;

/** Starts a registry with an image, to which a test attaches things. */
export async function openSignatureScene(options: TestRegistryOptions = {}): Promise<SignatureScene> {
  await using opened = new AsyncDisposableStack();
  const registry = opened.use(await startTestRegistry(options));
  const network = opened.use(openNetwork({ clock: instantClock() }));
  const { store } = registry;
  const digest = storeImage(store, sceneRepository, 'v1', makeSyntheticImage([{ a: '1' }])) as Digest;
  const fresh = (): RemoteRepository => ({
    client: new RegistryClient(network, registry.host),
    repository: sceneRepository,
  });
  const remote = fresh();
  const servicesOf = ({ services = {} }: HowAttached): SigningServices => ({ network, ...noServices, ...services });
  const olderLayer = async (key: SigningKey | CertifiedSigner, how: HowAttached) => {
    const payload = buildSimpleSigning('registry.example/app', how.named ?? digest, how.annotations ?? new Map());
    const annotations = entityAnnotations(await signMessage(payload, key, servicesOf(how)));
    return { mediaType: simpleSigningMediaType, bytes: payload, annotations };
  };
  const list = (stored: object, how: HowAttached): void => {
    if (how.byTag === true) storeIndexOf(store, how.repository ?? sceneRepository, digest.replace(':', '-'), [stored]);
  };
  const attachBundle = (bytes: Uint8Array, how: HowAttached = {}): void => {
    const stored = storeArtifact(store, how.repository ?? sceneRepository, {
      artifactType: bundleMediaType,
      layers: [{ mediaType: bundleMediaType, bytes }],
      subject: digest,
      ...(how.predicateType === undefined
        ? {}
        : { annotations: { [bundleAnnotations.predicateType]: how.predicateType } }),
    });
    list(stored, how);
  };
  const statementOf = (predicateType: string, predicate: unknown): Buffer =>
    buildStatement('app', { algorithm: 'sha256', hex: digestHex(digest) }, predicateType, predicate);
  const gather: SignatureScene['gather'] = async (policy, context = {}, digests = []) =>
    await gatherAttached(
      { remote, trust: { trust: nobody, logsForKeys: 0, timestamps: 0 }, now: () => Date.now(), ...context },
      compilePolicy({ rules: [], signers: [], exceptions: [], unknown: 'deny', ...policy }),
      makeSubject({ digest }),
      digests,
      new AbortController().signal,
    );
  const kept = opened.move();
  return {
    registry,
    remote,
    digest,
    fresh,
    attachBundle,
    gather,
    async signByTag(key, how = {}) {
      const tag = attachmentTag(digest, 'signature', how.prefix);
      const layer = await olderLayer(key, how);
      const repository = how.repository ?? sceneRepository;
      storeArtifact(store, repository, { layers: [...layersAt(registry, repository, tag), layer] }, tag);
    },
    async signByReferrer(key, how = {}) {
      const artifact = { configType: legacySignatureType, layers: [await olderLayer(key, how)], subject: digest };
      list(storeArtifact(store, how.repository ?? sceneRepository, artifact), how);
    },
    async signByBundle(key, how = {}) {
      const payload = buildSignStatement(
        { algorithm: 'sha256', hex: digestHex(how.named ?? digest) },
        how.annotations ?? new Map(),
      );
      attachBundle(encodeBundle(await signStatement(payload, key, servicesOf(how))), how);
    },
    async attest(key, predicateType, predicate, how = {}) {
      const entity = await signStatement(statementOf(predicateType, predicate), key, servicesOf(how));
      attachBundle(encodeBundle(entity), { predicateType, ...how });
    },
    async attestByTag(key, predicateType, predicate) {
      const { content } = await signStatement(statementOf(predicateType, predicate), key, servicesOf({}));
      if (content.kind !== 'envelope') throw new Error('a statement is in an envelope');
      const { payloadType, payload, signature } = content;
      const signatures = [{ sig: signature.toString('base64') }];
      const bytes = Buffer.from(JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures }));
      const layer = { mediaType: envelopeMediaType, bytes, annotations: { 'dev.cosignproject.cosign/signature': '' } };
      storeArtifact(store, sceneRepository, { layers: [layer] }, attachmentTag(digest, 'attestation'));
    },
    async look(signers, context) {
      const rule: Rule = {
        name: 'signed',
        action: 'deny',
        kind: 'signatures',
        signers: signers.map(({ name }) => name),
        atLeast: 1,
      };
      return (await gather({ rules: [rule], signers }, context)).signatures ?? {};
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What stands at a tag already, to be kept. */
function layersAt(
  { store }: TestRegistry,
  repository: string,
  tag: string,
): { mediaType: string; bytes: Uint8Array; annotations: Record<string, string> }[] {
  const stored = store.manifest(repository, tag);
  if (stored === undefined) return [];
  const { layers } = JSON.parse(Buffer.from(stored.bytes).toString()) as {
    layers: { mediaType: string; digest: string; annotations: Record<string, string> }[];
  };
  return layers.map(({ digest, ...layer }) => ({ ...layer, bytes: store.blob(repository, digest) as Uint8Array }));
}

/** A signer of a policy by a key. */
export function keySigner(name: string, key: SigningKey, more: Partial<Signer> = {}): Signer {
  return { name, keys: [{ pem: formatPublicKey(key.publicKey) }], identities: [], ...more };
}

/** What came of a look, in a word: `verified`, `unavailable`, `absent`, or why it does not count. */
export function outcomeOf(check: Gathered<SignatureCheck> | undefined): string {
  if (check?.state === 'unavailable') return `unavailable: ${check.reason}`;
  if (check?.state !== 'known') return check?.state ?? 'not looked for';
  return check.value.verified ? 'verified' : check.value.why;
}
