import { isLoopback } from '../../../net/host.ts';
import { isPrivateHost } from '../../../net/private-address.ts';
import { clouds } from '../../../cloud/list.ts';
import type { ConfigCheck } from '../config-check.ts';
import type { Finding } from '../../../codec/yaml/mistake.ts';
import { findMissingSecrets } from '../value/named-files.ts';

const section = ['registry', 'upstreams', 'registries'];

const names: ConfigCheck = {
  needs: ['upstreams'],
  find({ upstreams: { registries } }) {
    return (['name', 'host'] as const).flatMap((member) =>
      registries.flatMap((one, index): Finding[] => {
        const first = registries.findIndex((other) => other[member] === one[member]);
        if (first === index) return [];
        return [{ path: [...section, index, 'host'], sentence: `has the ${member} of entry ${first + 1} too` }];
      }),
    );
  },
};

const addresses: ConfigCheck = {
  needs: ['upstreams', 'accept'],
  find({ upstreams: { registries }, accept }) {
    return registries.flatMap(({ url, allowPrivate }, index): Finding[] => {
      const { protocol, hostname } = new URL(url);
      const path = [...section, index, 'url'];
      if (isPrivateHost(hostname) && !allowPrivate) {
        const sentence = 'is on this machine or in a private network; add allowPrivate: true where that is meant';
        return [{ path, sentence }];
      }
      if (protocol === 'https:' || isLoopback(hostname) || accept.includes('plain-http')) return [];
      const sentence =
        'would be asked in the clear, so that images can be changed on the way; write https://, or accept: [plain-http] under registry';
      return [{ path, sentence }];
    });
  },
};

const providers: ConfigCheck = {
  needs: ['upstreams'],
  find({ upstreams: { registries } }) {
    return registries.flatMap(({ url, credentials }, index): Finding[] => {
      if (credentials?.kind !== 'cloud') return [];
      const { protocol, host } = new URL(url);
      const cloud = clouds.find(({ name }) => name === credentials.provider);
      // What this process is at a cloud is shown to that cloud alone.
      if (protocol === 'https:' && cloud?.owns(host) === true) return [];
      const path = [...section, index, 'provider'];
      return [
        { path, sentence: `is ${credentials.provider}, and ${host} is none of its registries; correct host or url` },
      ];
    });
  },
};

const secrets: ConfigCheck = {
  needs: ['upstreams'],
  servingOnly: true,
  find: ({ upstreams: { registries } }, context) =>
    findMissingSecrets(
      registries.map(({ credentials }, index) => ({
        path: [...section, index, 'password'],
        secret: credentials?.kind === 'password' ? credentials.password : undefined,
      })),
      context,
    ),
};

const prefetched: ConfigCheck = {
  needs: ['upstreams'],
  find({ upstreams: { registries, prefetch } }) {
    return prefetch.images.flatMap(({ repository }, index): Finding[] => {
      if (registries.some(({ name }) => repository.startsWith(`${name}/`))) return [];
      const path = ['registry', 'upstreams', 'prefetch', 'images', index, 'repository'];
      return [{ path, sentence: 'begins with the name of no upstream; write one of registries before it' }];
    });
  },
};

/** Checks of where images are fetched from. */
export const upstreamChecks: readonly ConfigCheck[] = [names, addresses, providers, secrets, prefetched];
