/**
 * What a cluster may have: images signed by a key and called by their digests, a policy of our own about where they come from, and 16
 * rules about Pods of the common kinds: patterns with anchors, alternatives, lists, conditions in JMESPath, CEL.
 */

/** What policies are about. */
export interface PolicyScene {
  /** `127.0.0.1:port` of the registry; images of `shop/` are verified. */
  readonly host: string;
  /** PEM of the public key. */
  readonly key: string;
}

/** The documents, by the names of their files; JSON, which is YAML too. */
export function policyFiles(scene: PolicyScene): Readonly<Record<string, string>> {
  const documents = { signed: signed(scene), sources: sources(scene), ...objectPolicies(scene) };
  return Object.fromEntries(Object.entries(documents).map(([name, each]) => [`${name}.yaml`, JSON.stringify(each)]));
}

function signed({ host, key }: PolicyScene): object {
  const keys = { publicKeys: key, rekor: { url: 'https://rekor.example', ignoreTlog: true } };
  return verification('signed', [`${host}/shop/*`], { keys });
}

/** A policy of Kyverno that wants images signed by somebody, and tags to become digests. */
export function verification(name: string, imageReferences: readonly string[], attestor: object): object {
  const entry = { imageReferences, mutateDigest: true, attestors: [{ entries: [attestor] }] };
  return clusterPolicy(name, [{ name: 'signed', match: pods, verifyImages: [entry] }]);
}

function sources({ host }: PolicyScene): object {
  return {
    apiVersion: 'seaworthy.dev/v1',
    kind: 'ImagePolicy',
    metadata: { name: 'sources' },
    spec: { match: { exceptNamespaces: ['kube-system'] }, sources: { allow: [`${host}/**`, 'ghcr.io/example/**'] } },
  };
}

function objectPolicies({ host }: PolicyScene): Readonly<Record<string, object>> {
  const containers = (pattern: object): object => ({
    spec: { '=(initContainers)': [pattern], '=(ephemeralContainers)': [pattern], containers: [pattern] },
  });
  const hosts = { '=(hostNetwork)': false, '=(hostPID)': false, '=(hostIPC)': false };
  const seccomp = { seccompProfile: { type: 'RuntimeDefault | Localhost' } };
  const all = 'request.object.spec.[ephemeralContainers, initContainers, containers][]';
  return {
    baseline: clusterPolicy('baseline', [
      pattern('privileged', containers({ '=(securityContext)': { '=(privileged)': false } })),
      pattern('host-namespaces', { spec: hosts }),
      pattern('host-path', { spec: { '=(volumes)': [{ 'X(hostPath)': 'null' }] } }),
      pattern('host-ports', containers({ '=(ports)': [{ '=(hostPort)': 0 }] })),
      pattern('proc-mount', containers({ '=(securityContext)': { '=(procMount)': 'Default' } })),
      deny('capabilities', [
        { key: `{{ ${all}.securityContext.capabilities.add[] }}`, operator: 'AnyNotIn', value: ['NET_BIND_SERVICE'] },
      ]),
    ]),
    restricted: clusterPolicy('restricted', [
      either('non-root', [
        { spec: { securityContext: { runAsNonRoot: true }, ...inner({ '=(runAsNonRoot)': true }) } },
        { spec: inner({ runAsNonRoot: true }) },
      ]),
      either('seccomp', [{ spec: { securityContext: seccomp } }, { spec: inner(seccomp) }]),
      pattern('escalation', containers({ securityContext: { allowPrivilegeEscalation: false } })),
      foreach('drop-all', all, [
        { key: 'ALL', operator: 'AnyNotIn', value: '{{ element.securityContext.capabilities.drop[] || `[]` }}' },
      ]),
    ]),
    practices: clusterPolicy('practices', [
      pattern('tag', { spec: { containers: [{ image: '*:* & !*:latest' }] } }),
      pattern('resources', {
        spec: { containers: [{ resources: { limits: { memory: '<=4Gi' }, requests: { cpu: '?*', memory: '?*' } } }] },
      }),
      pattern('team', { metadata: { labels: { 'example.com/team': '?*' } } }),
      pattern('registries', containers({ image: `${host}/* | ghcr.io/example/*` })),
      deny('namespace', [{ key: '{{ request.namespace }}', operator: 'AnyIn', value: ['default', 'kube-public'] }]),
      {
        name: 'names',
        match: pods,
        validate: {
          message: 'containers are called after what they run',
          cel: {
            expressions: [{ expression: 'object.spec.containers.all(c, c.name.size() < 40 && c.image.contains(":"))' }],
          },
        },
      },
    ]),
  };
}

const pods = { any: [{ resources: { kinds: ['Pod'] } }] };

function inner(securityContext: object): object {
  return { containers: [{ securityContext }], '=(initContainers)': [{ securityContext }] };
}

function clusterPolicy(name: string, rules: readonly object[]): object {
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name },
    spec: { validationFailureAction: 'Enforce', rules },
  };
}

function pattern(name: string, wanted: object): object {
  return { name, match: pods, validate: { message: `${name}: see the rules of Pods`, pattern: wanted } };
}

function either(name: string, patterns: readonly object[]): object {
  return { name, match: pods, validate: { message: `${name}: see the rules of Pods`, anyPattern: patterns } };
}

function deny(name: string, all: readonly object[]): object {
  const message = `${name}: {{ request.object.metadata.generateName || request.object.metadata.name }} may not`;
  return { name, match: pods, validate: { message, deny: { conditions: { all } } } };
}

function foreach(name: string, list: string, all: readonly object[]): object {
  const each = { list, deny: { conditions: { all } } };
  return { name, match: pods, validate: { message: `${name}: see the rules of Pods`, foreach: [each] } };
}
