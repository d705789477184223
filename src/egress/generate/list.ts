import { buildkitTarget } from './buildkit/target.ts';
import { calicoTarget } from './calico/target.ts';
import { ciliumTarget } from './cilium/target.ts';
import { containerdTarget } from './containerd/target.ts';
import { crioTarget } from './crio/target.ts';
import { dockerTarget } from './docker/target.ts';
import { k3sTarget } from './k3s/target.ts';
import { networkpolicyTarget } from './networkpolicy/target.ts';
import { nftablesTarget } from './nftables/target.ts';
import { rke2Target } from './rke2/target.ts';
import { talosTarget } from './talos/target.ts';
import type { Target } from './target.ts';
import { terraformTarget } from './terraform/target.ts';

/** Everything that configuration can be written for. */
export const targets: readonly Target[] = [
  containerdTarget,
  crioTarget,
  k3sTarget,
  rke2Target,
  talosTarget,
  dockerTarget,
  buildkitTarget,
  nftablesTarget,
  networkpolicyTarget,
  ciliumTarget,
  calicoTarget,
  terraformTarget,
];
