import type { Step } from '../../lang/dockerfile/stages.ts';

/** Ports that an `EXPOSE` names: one, or a range. */
export interface PortRange {
  /** As it is written, variables put in. */
  readonly text: string;
  readonly first: number;
  readonly last: number;
}

/** The ports of an `EXPOSE`, without those that are not known (Dockerfile reference, "EXPOSE"). */
export function portsOf({ words }: Step): PortRange[] {
  return words.flatMap(({ text }) => {
    const [, first, last] = /^(\d{1,15})(?:-(\d{1,15}))?(?:\/[a-z]+)?$/i.exec(text) ?? [];
    return first === undefined ? [] : [{ text, first: Number(first), last: Number(last ?? first) }];
  });
}
