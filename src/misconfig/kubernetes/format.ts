import type { ConfigFormat } from '../format.ts';
import { checkManifests } from './check-manifests.ts';
import { decodeManifest } from './decode.ts';
import { readManifests } from './read-manifests.ts';

const name = 'kubernetes';

/** Objects of Kubernetes as files of YAML or JSON have them: several documents, and lists. */
export const kubernetesFormat: ConfigFormat = {
  name,
  mayBe: (path) => /\.(?:ya?ml|json)$/i.test(path),
  check(path, bytes, options) {
    const decoded = decodeManifest(bytes);
    if (decoded === undefined) return undefined;
    if ('problem' in decoded) {
      return { path, type: name, failures: [], ignored: [], passed: [], problems: [decoded.problem] };
    }
    const file = readManifests(decoded.text);
    return file === undefined ? undefined : { path, type: name, ...checkManifests(path, file, options) };
  },
};
