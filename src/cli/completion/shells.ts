import type { CommandOutline } from '../outline/outline.ts';
import { renderBash } from './bash.ts';
import { renderFish } from './fish.ts';
import { renderZsh } from './zsh.ts';

/** The shells for which there is a completion. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** One of them. */
export type Shell = (typeof shells)[number];

const renderers: Readonly<Record<Shell, (program: CommandOutline) => string>> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
};

/** The script that makes a shell complete what the program takes. It holds all that it needs: the program is not asked while somebody types. */
export function renderCompletion(shell: Shell, program: CommandOutline): string {
  return renderers[shell](program);
}
