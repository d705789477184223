import { lineage, readStages, type Stage, type Step } from '../../lang/dockerfile/stages.ts';
import type { Instruction, ParsedDockerfile } from '../../lang/dockerfile/instruction.ts';
import type { LineRange } from '../../finding/misconfiguration.ts';

/** A Dockerfile as checks see it. */
export interface DockerfileDocument {
  /** In the order of the file; at least one. */
  readonly stages: readonly Stage[];
  /** Steps of the last stage and of those that it is built on, the lowest first: what ends in the image. */
  readonly shipped: readonly Step[];
}

/** Makes what checks look at of a Dockerfile that was read. @throws LangError */
export function makeDocument(parsed: ParsedDockerfile): DockerfileDocument {
  const stages = readStages(parsed);
  const last = stages.at(-1);
  return { stages, shipped: last === undefined ? [] : lineage(last).flatMap(({ steps }) => steps) };
}

/** Steps of all stages with one of these keywords, those that are put off by `ONBUILD` included. */
export function* stepsOf({ stages }: DockerfileDocument, ...keywords: readonly string[]): Generator<Step> {
  for (const { steps } of stages) {
    for (const step of steps) if (keywords.includes(step.instruction.keyword)) yield step;
  }
}

/** Where an instruction stands. */
export function linesOf({ start, end }: Instruction): LineRange {
  return { start, end };
}
