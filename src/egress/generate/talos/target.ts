import { talosFile } from '../../runtime/talos/model.ts';
import type { Target } from '../target.ts';
import { upstreamName } from '../../upstream-name.ts';
import { verifyNodeFiles } from '../verify-node.ts';
import { yamlText } from '../yaml-text.ts';

/** Talos: documents that are joined with the configuration of machines. */
export const talosTarget: Target = {
  name: 'talos',
  generate({ policy, authorization }) {
    const { registry, exceptions } = policy;
    const url = `${registry.scheme}://${registry.authority}`;
    const mirror = (name: string, endpoint: object): { readonly value: object } => ({
      value: { apiVersion: 'v1alpha1', kind: 'RegistryMirrorConfig', name, endpoints: [endpoint], skipFallback: true },
    });
    const documents = [
      mirror('*', { url }),
      ...registry.prefixed.map((host) => mirror(host, { url: `${url}/v2/${upstreamName(host)}`, overridePath: true })),
      ...exceptions.map(({ host }) => mirror(host, { url: `https://${host}` })),
    ];
    const notes = ['talos: apply the documents with "talosctl patch machineconfig --patch @registry-mirrors.yaml"'];
    if (registry.ca !== undefined || registry.client !== undefined) {
      notes.push(
        `talos: add a RegistryTLSConfig named ${registry.authority}, which holds certificates and keys themselves`,
      );
    }
    if (authorization !== undefined) notes.push('talos: no header can be sent; give nodes a client certificate');
    return { files: [{ path: 'registry-mirrors.yaml', text: yamlText(documents) }], notes };
  },
  verify: (files, policy) =>
    verifyNodeFiles(
      files.map((file) => ({ ...file, path: talosFile })),
      policy,
      'talos',
    ),
};
