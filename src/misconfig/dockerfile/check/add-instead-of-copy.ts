import type { Step } from '../../../lang/dockerfile/stages.ts';
import type { Check } from '../../check.ts';
import { linesOf, stepsOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';

/** What `ADD` can do and `COPY` cannot: unpack archives, and get files from elsewhere (Dockerfile reference, "ADD"). */
const onlyAdd: readonly RegExp[] = [
  /\.tar(?:\.[a-z0-9*]+)?$/i,
  /\.t(?:gz|az|bz2?|xz|lz|zst|zstd?)$/i,
  /^https?:\/\//i,
  /^(?:git@|git:\/\/|ssh:\/\/)/i,
  /\.git(?:[#?].*)?$/i,
];

/** `ADD` of plain files. */
export const addInsteadOfCopy: Check<DockerfileDocument> = {
  info: dockerfileInfo('0005', 'use-copy-over-add', {
    severity: 'LOW',
    title: 'ADD instead of COPY',
    description:
      'ADD unpacks archives and fetches addresses: with it, what a file is called decides what happens with it.',
    resolution: 'Write COPY for files that are only to be copied.',
  }),
  *find(document) {
    for (const step of stepsOf(document, 'ADD')) {
      const sources = step.words.slice(0, -1);
      if (sources.length === 0 || sources.some(({ text, endsOpen }) => endsOpen || needsAdd(text))) continue;
      yield { message: `ADD of '${targetOf(step)}' copies only; write COPY`, lines: linesOf(step.instruction) };
    }
  },
};

function needsAdd(source: string): boolean {
  return onlyAdd.some((form) => form.test(source));
}

function targetOf({ words }: Step): string {
  return words.map(({ text }) => text).join(' ');
}
