import { commandName } from '../../lang/shell/command.ts';
import type { Breach } from '../check.ts';
import { stepsOf, type DockerfileDocument } from './document.ts';
import { mountsOver } from './mounts.ts';
import { packageCommands } from './package-command.ts';

/** A package manager that leaves a cache behind. */
export interface Uncleaned {
  readonly manager: string;
  /** What fills the cache. */
  readonly fills: ReadonlySet<string>;
  /** What empties it; `all` must follow where `needsAll` says so. */
  readonly cleans: ReadonlySet<string>;
  readonly needsAll: boolean;
  /** Managers that empty it, too. */
  readonly cleaners: readonly string[];
  readonly caches: readonly string[];
  /** What to write. */
  readonly advice: string;
}

/**
 * What is installed without the cache being emptied afterwards in the same `RUN`: then it stays in the layer. Where the cache is removed by
 * `rm`, or is a mount and so no part of a layer, nothing stays.
 */
export function* findUncleaned(document: DockerfileDocument, rule: Uncleaned): Generator<Breach> {
  for (const step of stepsOf(document, 'RUN')) {
    if (mountsOver(step.instruction, rule.caches)) continue;
    const commands = packageCommands(step);
    const fill = commands.findLastIndex(
      ({ manager, subcommand = '' }) => manager === rule.manager && rule.fills.has(subcommand),
    );
    const filling = commands[fill];
    if (filling === undefined) continue;
    const isClean = commands
      .slice(fill + 1)
      .some(
        ({ manager, subcommand = '', operands }) =>
          rule.cleaners.includes(manager) &&
          rule.cleans.has(subcommand) &&
          (!rule.needsAll || operands.includes('all')),
      );
    const isRemoved = step.commands.some(
      (command) =>
        command.lines.start >= filling.lines.start &&
        commandName(command) === 'rm' &&
        command.words.some((word) =>
          rule.caches.some((cache) => word === cache || word.startsWith(`${cache}/`) || word === `${cache}*`),
        ),
    );
    if (isClean || isRemoved) continue;
    const message = `${rule.manager} ${filling.subcommand} leaves its cache in the layer, since no ${rule.advice} follows in the same RUN`;
    yield { message, lines: filling.lines };
  }
}
