import type { Stage } from '../../../lang/dockerfile/stages.ts';
import type { Check } from '../../check.ts';
import { linesOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** An image without a digest whose tag is `latest`, by name or by default. */
export const latestTag: Check<DockerfileDocument> = {
  info: dockerfileInfo('0001', 'use-specific-tags', {
    severity: 'MEDIUM',
    title: "Base image with the tag ':latest'",
    description:
      'The tag latest, which also holds where none is written, names another image whenever one is published: builds are not the same twice, and nobody sees from the file what they hold.',
    resolution: 'Name a tag of a version, or better a digest, in FROM.',
  }),
  *find({ stages }) {
    for (const stage of stages) {
      const tag = floatingTag(stage);
      if (tag === undefined) continue;
      const message =
        tag === ''
          ? `The base image '${stage.base.text}' has no tag, which means latest`
          : `The base image '${stage.base.text}' has the tag latest`;
      yield { message, lines: linesOf(stage.from) };
    }
  },
};

/** `latest`, or empty for none; undefined where the tag is another, is not known, or there is nothing to pull. */
function floatingTag({ base, parent }: Stage): string | undefined {
  if (parent !== undefined || base.endsOpen || base.text === 'scratch' || base.text === '') return undefined;
  if (base.text.includes('@')) return undefined;
  const name = base.text.slice(base.text.lastIndexOf('/') + 1);
  const tag = name.includes(':') ? name.slice(name.lastIndexOf(':') + 1) : '';
  return tag === '' || tag === 'latest' ? tag : undefined;
}
