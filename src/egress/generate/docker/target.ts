import type { Target } from '../target.ts';
import { verifyNodeFiles } from '../verify-node.ts';

/** The Docker daemon, as far as it can be led. */
export const dockerTarget: Target = {
  name: 'docker',
  generate({ policy, authorization }) {
    const { registry } = policy;
    const settings = {
      'registry-mirrors': [`${registry.scheme}://${registry.authority}`],
      ...(registry.scheme === 'http' ? { 'insecure-registries': [registry.authority] } : {}),
    };
    const notes = [
      'docker: this leads images of Docker Hub alone, and Docker asks Docker Hub when the private registry has none or does not answer; only a firewall closes that way (nftables, terraform)',
      'docker: only with its containerd image store does Docker tell a mirror whose images it wants (ns); with the older one, name images by the private registry (HOST/docker.io/library/nginx)',
    ];
    const certificates = `/etc/docker/certs.d/${registry.authority}`;
    if (registry.ca !== undefined) notes.push(`docker: link ${registry.ca} as ${certificates}/ca.crt`);
    if (registry.client !== undefined)
      notes.push(`docker: link the client's certificate and key as ${certificates}/client.cert and client.key`);
    if (authorization !== undefined) notes.push('docker: no header can be sent; give nodes a client certificate');
    return { files: [{ path: '/etc/docker/daemon.json', text: `${JSON.stringify(settings, undefined, 2)}\n` }], notes };
  },
  verify: (files, policy) => verifyNodeFiles(files, policy, 'docker', true),
};
