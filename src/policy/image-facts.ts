import type { ImageConfig } from '../oci/config.ts';
import type { ImageFacts } from './evidence.ts';

/** What rules look at in an image's config. Of variables only the names are kept, since their values may be secrets. */
export function imageFactsOf(config: ImageConfig): ImageFacts {
  const { created, user, labels, env, exposedPorts = [], healthcheck = false } = config;
  const time = created === undefined ? Number.NaN : Date.parse(created);
  return {
    ...(Number.isNaN(time) ? {} : { created: time }),
    ...(user === undefined ? {} : { user }),
    labels,
    environment: [...new Set(env.map((each) => each.split('=', 1)[0] ?? ''))].sort(),
    ports: [...exposedPorts].sort(),
    healthcheck,
  };
}
