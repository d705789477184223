import type { Generated, GenerateInput } from '../target.ts';
import { upstreamName } from '../../upstream-name.ts';
import { yamlText } from '../yaml-text.ts';

/** The files of k3s and RKE2, which differ in the name of their folder. */
export function rancherFiles(name: 'k3s' | 'rke2', { policy, authorization }: GenerateInput): Generated {
  const { registry, exceptions } = policy;
  const url = `${registry.scheme}://${registry.authority}`;
  const mirrors: Record<string, { readonly endpoint: readonly string[] }> = { '*': { endpoint: [url] } };
  for (const host of registry.prefixed) mirrors[host] = { endpoint: [`${url}/v2/${upstreamName(host)}`] };
  for (const { host } of exceptions) mirrors[host] = { endpoint: [`https://${host}`] };
  const { ca, client } = registry;
  const tls = {
    ...(ca === undefined ? {} : { ca_file: ca }),
    ...(client === undefined ? {} : { cert_file: client.certificate, key_file: client.key }),
  };
  const configs = Object.keys(tls).length === 0 ? {} : { configs: { [registry.authority]: { tls } } };
  const notes = [
    `${name}: start ${name} again; it writes the files of its containerd when it starts`,
    `${name}: add no configs for image hosts to registries.yaml: a host that has them keeps its upstream`,
  ];
  if (authorization !== undefined) notes.push(`${name}: no header can be sent; give nodes a client certificate`);
  return {
    files: [
      { path: `/etc/rancher/${name}/registries.yaml`, text: yamlText([{ value: { mirrors, ...configs } }]) },
      {
        path: `/etc/rancher/${name}/config.yaml.d/zz-seaworthy.yaml`,
        text: yamlText([{ value: { 'disable-default-registry-endpoint': true } }]),
      },
    ],
    notes,
  };
}
