import type { ProviderQuestion } from './answer.ts';
import { providerName } from './provider-name.ts';
import { templateRego } from './template-rego.ts';

/** What Gatekeeper is to be told. */
export interface GatekeeperSettings {
  /** `https://service.namespace.svc:443`, without a path. */
  readonly url: string;
  /** PEM of whom to trust there. Gatekeeper refuses a Provider without one. */
  readonly caBundle: string;
  /** Seconds that Gatekeeper waits: some, since 0 is over at once for a validation. */
  readonly verifySeconds: number;
  readonly mutateSeconds: number;
  readonly enforcement: 'deny' | 'dryrun' | 'warn';
  /** Patterns of Gatekeeper's own, such as `kube-*`. */
  readonly excludedNamespaces: readonly string[];
  /** Whether images are given their digests too. */
  readonly mutate: boolean;
  /** Whether there is a provider that tells of flaws, for templates of others. */
  readonly scan: boolean;
}

/** An object for Gatekeeper. */
export interface GatekeeperManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

const kind = 'SeaworthyImages';

/** Kinds that run pods, by where they have their description. */
const places: readonly (readonly [
  path: string,
  applyTo: readonly (readonly [group: string, kinds: readonly string[]])[],
])[] = [
  ['spec', [['', ['Pod']]]],
  [
    'spec.template.spec',
    [
      ['', ['ReplicationController']],
      ['apps', ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet']],
      ['batch', ['Job']],
    ],
  ],
  ['spec.jobTemplate.spec.template.spec', [['batch', ['CronJob']]]],
];

/** Names of mutations, and where in a description of pods images stand. */
const members: readonly (readonly [name: string, path: string, needed?: string])[] = [
  ['containers', 'containers[name: *].image'],
  ['init-containers', 'initContainers[name: *].image'],
  ['ephemeral-containers', 'ephemeralContainers[name: *].image'],
  // Other volumes would be given an image.
  ['volumes', 'volumes[name: *].image.reference', 'volumes[name: *].image'],
];

/**
 * What has Gatekeeper ask this program about images (open-policy-agent.github.io/gatekeeper, "External Data"), in the order in which it
 * is to be applied: a constraint is of a kind that its template makes, a moment later.
 */
export function gatekeeperManifests(settings: GatekeeperSettings): readonly GatekeeperManifest[] {
  const { enforcement, excludedNamespaces, mutate, scan } = settings;
  const match = { excludedNamespaces };
  return [
    provider('verify', settings),
    ...(mutate ? [provider('mutate', settings)] : []),
    ...(scan ? [provider('scan', settings)] : []),
    {
      apiVersion: 'templates.gatekeeper.sh/v1',
      kind: 'ConstraintTemplate',
      metadata: { name: kind.toLowerCase() },
      spec: {
        crd: { spec: { names: { kind } } },
        targets: [
          { target: 'admission.k8s.gatekeeper.sh', rego: templateRego(kind.toLowerCase(), providerName('verify')) },
        ],
      },
    },
    {
      apiVersion: 'constraints.gatekeeper.sh/v1beta1',
      kind,
      metadata: { name: 'seaworthy-images' },
      spec: {
        enforcementAction: enforcement,
        match: {
          ...match,
          kinds: places.flatMap(([, applyTo]) => applyTo.map(([group, kinds]) => ({ apiGroups: [group], kinds }))),
        },
      },
    },
    ...(mutate ? places.flatMap((place) => members.map((member) => assign(place, member, match))) : []),
  ];
}

function provider(question: ProviderQuestion, settings: GatekeeperSettings): GatekeeperManifest {
  const { url, caBundle, verifySeconds, mutateSeconds } = settings;
  return {
    apiVersion: 'externaldata.gatekeeper.sh/v1beta1',
    kind: 'Provider',
    metadata: { name: providerName(question) },
    spec: {
      url: `${url}/gatekeeper/${question}`,
      timeout: question === 'mutate' ? mutateSeconds : verifySeconds,
      caBundle: Buffer.from(caBundle).toString('base64'),
    },
  };
}

function assign(
  [path, applyTo]: (typeof places)[number],
  [name, member, needed]: (typeof members)[number],
  match: Readonly<Record<string, unknown>>,
): GatekeeperManifest {
  const owner = { spec: 'pod', 'spec.template.spec': 'controller' }[path] ?? 'cron-job';
  return {
    apiVersion: 'mutations.gatekeeper.sh/v1',
    kind: 'Assign',
    metadata: { name: `seaworthy-${owner}-${name}` },
    spec: {
      applyTo: applyTo.map(([group, kinds]) => ({ groups: [group], kinds, versions: ['v1'] })),
      match: { ...match, scope: 'Namespaced' },
      location: `${path}.${member}`,
      parameters: {
        ...(needed === undefined ? {} : { pathTests: [{ subPath: `${path}.${needed}`, condition: 'MustExist' }] }),
        assign: {
          externalData: { provider: providerName('mutate'), dataSource: 'ValueAtLocation', failurePolicy: 'Fail' },
        },
      },
    },
  };
}
