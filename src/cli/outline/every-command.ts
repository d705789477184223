import type { CommandOutline } from './outline.ts';

/** A command, and all below it, each before what is below it. */
export function everyCommandOf(outline: CommandOutline): readonly CommandOutline[] {
  return [outline, ...outline.commands.flatMap(everyCommandOf)];
}

/** How a command's flags are written: `--format`, `-f`. */
export function namesOf(option: CommandOutline['options'][number]): readonly string[] {
  return [option.long, option.short].filter((name) => name !== undefined);
}
