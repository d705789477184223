import type { EgressPolicy } from '../../policy/model.ts';
import type { Target } from '../target.ts';
import { tomlText } from '../toml-text.ts';
import { upstreamName } from '../../upstream-name.ts';
import { verifyNodeFiles } from '../verify-node.ts';

/** Domains of which registries that nobody listed are blocked; what is under none of them, `policy.json` refuses. */
const blockedDomains: readonly string[] = [
  'com',
  'net',
  'org',
  'io',
  'dev',
  'app',
  'cloud',
  'ai',
  'co',
  'sh',
  'run',
  'info',
  'me',
  'aws',
  'ms',
  'us',
  'eu',
  'uk',
  'de',
  'fr',
  'nl',
  'ch',
  'pl',
  'br',
  'ca',
  'au',
  'in',
  'jp',
  'kr',
  'cn',
  'ru',
];

/** CRI-O and Podman: each host remapped, so that there is nothing to fall back to, and the rest blocked. */
export const crioTarget: Target = {
  name: 'crio',
  generate({ policy, authorization }) {
    const { registry } = policy;
    const certificates = `/etc/containers/certs.d/${registry.authority}`;
    const notes = [
      'crio: this library knows no wildcard for all hosts; hosts that are not listed are blocked by domain, and refused by policy.json',
      'crio: join policy.json with yours where you have one that verifies signatures',
    ];
    if (registry.ca !== undefined) notes.push(`crio: link ${registry.ca} as ${certificates}/ca.crt`);
    if (registry.client !== undefined) {
      const { certificate, key } = registry.client;
      notes.push(`crio: link ${certificate} as ${certificates}/client.cert, and ${key} as ${certificates}/client.key`);
    }
    if (authorization !== undefined)
      notes.push('crio: no header can be sent; give nodes a client certificate or a pull secret');
    return {
      files: [
        { path: '/etc/containers/registries.conf.d/zz-seaworthy.conf', text: registriesConf(policy) },
        { path: '/etc/containers/policy.json', text: `${JSON.stringify(trustPolicy(policy), undefined, 2)}\n` },
      ],
      notes,
    };
  },
  verify: (files, policy) => verifyNodeFiles(files, policy, 'crio'),
};

function registriesConf({ registry, hosts, exceptions }: EgressPolicy): string {
  const insecure = registry.scheme === 'http' ? 'insecure = true\n' : '';
  const named = [registry.authority, ...hosts, ...registry.prefixed, ...exceptions.map(({ host }) => host)];
  // Of two prefixes of one length the wildcard counts: "*.com" is as long as "x.com".
  const blocked = blockedDomains.filter((domain) => {
    return !named.some((host) => host.endsWith(`.${domain}`) && host.length <= domain.length + 2);
  });
  const tables = [
    `[[registry]]\nlocation = ${tomlText(registry.authority)}\n${insecure}`,
    ...[...new Set([...hosts, ...registry.prefixed])].map(
      (host) =>
        `[[registry]]\nprefix = ${tomlText(host)}\nlocation = ${tomlText(`${registry.authority}/${upstreamName(host)}`)}\n${insecure}`,
    ),
    ...exceptions.map(({ host }) => `[[registry]]\nlocation = ${tomlText(host)}\n`),
    ...blocked.map((domain) => `[[registry]]\nprefix = ${tomlText(`*.${domain}`)}\nblocked = true\n`),
  ];
  const search = 'unqualified-search-registries = []\nshort-name-mode = "enforcing"\n';
  return `# Hosts are remapped: a mirror would be followed by the registry itself.\n${search}\n${tables.join('\n')}`;
}

function trustPolicy({ registry, hosts, exceptions }: EgressPolicy): object {
  const accepted = [registry.authority, ...hosts, ...registry.prefixed, ...exceptions.map(({ host }) => host)];
  const accept = [{ type: 'insecureAcceptAnything' }];
  const docker = Object.fromEntries([...new Set(accepted)].map((host) => [host, accept]));
  // Images of other transports come from this machine.
  const local = Object.fromEntries(
    ['containers-storage', 'dir', 'docker-archive', 'docker-daemon', 'oci', 'oci-archive'].map((name) => [
      name,
      { '': accept },
    ]),
  );
  return { default: [{ type: 'reject' }], transports: { docker, ...local } };
}
