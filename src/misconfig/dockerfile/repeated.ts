import type { Breach } from '../check.ts';
import { linesOf, type DockerfileDocument } from './document.ts';

/** Instructions that another of the same stage takes the effect of. */
export function* repeatedInstructions({ stages }: DockerfileDocument, keyword: string): Generator<Breach> {
  for (const { steps } of stages) {
    const same = steps.filter(({ instruction, onbuild }) => !onbuild && instruction.keyword === keyword);
    const last = same.at(-1)?.instruction.start;
    for (const { instruction } of same.slice(0, -1)) {
      const message = `This ${keyword} has no effect, since line ${last} of the same stage has another`;
      yield { message, lines: linesOf(instruction) };
    }
  }
}
