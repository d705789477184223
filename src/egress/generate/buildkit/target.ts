import type { Target } from '../target.ts';
import { tomlText, tomlTexts } from '../toml-text.ts';
import { upstreamName } from '../../upstream-name.ts';
import { verifyNodeFiles } from '../verify-node.ts';

/** BuildKit, as far as it can be led. */
export const buildkitTarget: Target = {
  name: 'buildkit',
  generate({ policy, authorization }) {
    const { registry, hosts } = policy;
    const { ca, client } = registry;
    const own = `registry.${tomlText(registry.authority)}`;
    const tables = [...new Set([...hosts, ...registry.prefixed])].map(
      (host) =>
        `[registry.${tomlText(host)}]\nmirrors = ${tomlTexts([`${registry.authority}/${upstreamName(host)}`])}\n`,
    );
    const access = [
      `[${own}]\n`,
      registry.scheme === 'http' ? 'http = true\n' : '',
      ca === undefined ? '' : `ca = ${tomlTexts([ca])}\n`,
      client === undefined
        ? ''
        : `[[${own}.keypair]]\nkey = ${tomlText(client.key)}\ncert = ${tomlText(client.certificate)}\n`,
    ];
    const notes = [
      tables.length === 0
        ? 'buildkit: the policy lists no hosts, so that nothing is led to the private registry, and all images come from the upstream; only a firewall closes that way'
        : 'buildkit: this leads the listed hosts alone, and BuildKit asks the upstream when the private registry has none or does not answer; only a firewall closes that way',
    ];
    if (authorization !== undefined) notes.push('buildkit: no header can be sent; give builders a client certificate');
    return { files: [{ path: '/etc/buildkit/buildkitd.toml', text: [...tables, access.join('')].join('\n') }], notes };
  },
  verify: (files, policy) => verifyNodeFiles(files, policy, 'buildkit', true),
};
