import type { TestRegistryOptions } from '../registry/test-registry.ts';
import { openSignatureScene, type SignatureScene } from '../evidence/signature-scene.ts';
import { pemOfKey } from '../evidence/check-signers.ts';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { clientOf, type KubernetesLab, kubernetesLab } from '../kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../kubernetes/resource-types.ts';
import type { NewObject } from '../../src/kubernetes/client.ts';
import type { Signer } from '../../src/signing/signer.ts';
import { type AdmissionLab, type AdmissionLabOptions, startAdmissionLab } from './admission-lab.ts';

/** A cluster with a registry and a webhook that both API server and registry know. */
export interface AdmissionScene extends AsyncDisposable {
  readonly cluster: KubernetesLab;
  readonly images: SignatureScene;
  readonly lab: AdmissionLab;
  /** With the registry's host. */
  readonly name: (image: string) => string;
  /** Makes a Pod of these images, and gives those that it was kept with. */
  readonly create: (...images: readonly string[]) => Promise<readonly string[]>;
}

/** How a scene differs from the usual one. */
export interface AdmissionSceneOptions extends Partial<AdmissionLabOptions> {
  /** Seconds that the API server waits for webhooks; 10 where it is absent. */
  readonly timeoutSeconds?: number;
  /** The paths that it asks, for what happens when a webhook fails; `fail` where it is absent. */
  readonly failurePolicies?: readonly ('fail' | 'ignore')[];
  readonly registry?: TestRegistryOptions;
}

const { pods, mutatingWebhooks, validatingWebhooks } = builtInTypes;

/** What webhooks of a scene are asked about. */
const rules = [
  { apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['pods', 'pods/ephemeralcontainers'] },
  {
    apiGroups: ['apps', 'batch'],
    apiVersions: ['v1'],
    operations: ['*'],
    resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets', 'jobs', 'cronjobs'],
  },
];

/** Opens one. The webhook has no policies yet. */
export async function openAdmissionScene(options: AdmissionSceneOptions = {}): Promise<AdmissionScene> {
  const { timeoutSeconds = 10, failurePolicies = ['fail'], registry = {}, ...labOptions } = options;
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory());
  const cluster = opened.use(await kubernetesLab());
  const images = opened.use(await openSignatureScene(registry));
  // A client of its own: what waits for webhooks must not take the places of what webhooks ask.
  const client = opened.use(await clientOf(cluster.api));
  const lab = opened.use(await startAdmissionLab({ cacheFolder: folder.path, client, ...labOptions }));
  cluster.api.service('default/webhook', lab.port);
  for (const [type, phase] of [
    [mutatingWebhooks, 'mutate'],
    [validatingWebhooks, 'validate'],
  ] as const) {
    const webhooks = failurePolicies.map((failure) => ({
      name: failure === 'fail' ? `${phase}.seaworthy.svc` : `${phase}-${failure}.seaworthy.svc`,
      clientConfig: {
        service: { namespace: 'default', name: 'webhook', path: `/${phase}/${failure}` },
        caBundle: Buffer.from(lab.authority).toString('base64'),
      },
      rules,
      timeoutSeconds,
      failurePolicy: failure === 'fail' ? 'Fail' : 'Ignore',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    }));
    cluster.api.seed(type, { metadata: { name: phase }, webhooks });
  }
  let made = 0;
  const held = opened.move();
  return {
    cluster,
    images,
    lab,
    name: (image) => `${images.registry.host}/${image}`,
    async create(...names) {
      const pod = await cluster.client.create(pods, podOfImages(`pod-${(made += 1)}`, names));
      return imagesOfPod(pod);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The images of a Pod's containers. */
function imagesOfPod(pod: object): readonly string[] {
  const { spec } = pod as { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  return spec.containers.map(({ image }) => image);
}

/** A Pod of one container for each image. */
export function podOfImages(name: string, images: readonly string[], spec: object = {}): NewObject {
  const containers = images.map((image, at) => ({ name: `c${at}`, image }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { containers, ...spec },
  };
}

/** A verifyImages policy of Kyverno that wants images signed by a key. */
export interface VerifyPolicy {
  readonly key: Signer;
  readonly name?: string;
  readonly references: readonly string[];
  /** More fields of the spec, the rule and the entry of verifyImages. */
  readonly spec?: object;
  readonly rule?: object;
  readonly entry?: object;
}

/** The policy as an object; as JSON, it is YAML too. */
export function verifyPolicy({ key, name = 'check-image', references, spec, rule, entry }: VerifyPolicy): NewObject {
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name },
    spec: {
      validationFailureAction: 'Enforce',
      webhookTimeoutSeconds: 30,
      rules: [
        {
          name: 'check-image',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          verifyImages: [{ imageReferences: references, attestors: [attestorOf(key)], ...entry }],
          ...rule,
        },
      ],
      ...spec,
    },
  };
}

/** A set of attestors that one key makes up, without a log. */
export function attestorOf(key: Signer): object {
  const publicKeys = pemOfKey(key.publicKey.spki);
  return { entries: [{ keys: { publicKeys, rekor: { url: 'https://rekor.example', ignoreTlog: true } } }] };
}
