import { buildkit } from './buildkit/model.ts';
import { containerd } from './containerd/model.ts';
import { crio } from './crio/model.ts';
import { docker } from './docker/model.ts';
import { k3s, rke2 } from './k3s/model.ts';
import type { RuntimeModel } from './runtime.ts';
import { talos } from './talos/model.ts';

/** Every runtime whose rules are known. */
export const runtimeModels: readonly RuntimeModel[] = [containerd, crio, k3s, rke2, talos, docker, buildkit];
