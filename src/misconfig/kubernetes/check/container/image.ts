import { printable } from '../../../../base/printable.ts';
import type { Check } from '../../../check.ts';
import { describe, ofContainers } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, textAt } from '../../yaml/node.ts';

/** KSV-0013: an image that is another one tomorrow. */
export const latestTag: Check<Manifest> = ofContainers(
  describe('KSV-0013', 'MEDIUM', {
    name: 'use-specific-tags',
    title: 'Image without a tag, or with the tag latest',
    description: 'What such a name stands for changes without notice, and nobody can say which version ran.',
    resolution: 'Name a version, or better a digest.',
  }),
  ({ name, node }) => {
    const image = textAt(node, 'image') ?? '';
    if (image === '' || image.includes('@')) return undefined;
    const last = image.slice(image.lastIndexOf('/') + 1);
    const tag = last.includes(':') ? last.slice(last.indexOf(':') + 1) : '';
    if (tag !== '' && tag !== 'latest') return undefined;
    return {
      message: `Container ${name} runs ${printable(image, 200)}, ${tag === '' ? 'which has no tag' : 'whose tag is latest'}: name a version or a digest`,
      lines: entryAt(node, 'image')?.lines,
    };
  },
);

/** Registries of the large clouds, in which what is there was put by whoever pays for them. */
const trusted =
  /^(?:(?:[a-z0-9-]+\.)*azurecr\.io|(?:[a-z0-9-]+\.)*gcr\.io|(?:[a-z0-9-]+\.)*ecr(?:-fips)?\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?)$/;

/** KSV-0125: an image that anybody may have put there. */
export const trustedRegistry: Check<Manifest> = ofContainers(
  describe('KSV-0125', 'MEDIUM', {
    name: 'use-trusted-registry',
    aliases: ['KSV0125'],
    title: 'Image of a registry that is not trusted',
    description:
      'Anybody may put images into public registries. Trusted by default are registries of Azure, of Amazon (ECR) and of Google (GCR).',
    resolution: 'Copy the image into a registry of your own, or set this check aside where you trust another one.',
  }),
  ({ name, node }) => {
    const image = textAt(node, 'image') ?? '';
    if (image === '') return undefined;
    const slash = image.indexOf('/');
    const host = slash < 0 ? '' : image.slice(0, slash).replace(/:\d+$/, '').toLowerCase();
    if (host.length <= 255 && trusted.test(host)) return undefined;
    return {
      message: `Container ${name} runs ${printable(image, 200)}, which is not of a trusted registry`,
      lines: entryAt(node, 'image')?.lines,
    };
  },
);
