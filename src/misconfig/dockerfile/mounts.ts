import type { Instruction } from '../../lang/dockerfile/instruction.ts';

/** What a `RUN` sees beside the layers (Dockerfile reference, "RUN --mount"). */
interface Mount {
  readonly type: string;
  readonly target?: string;
}

function mountsOf({ flags }: Instruction): Mount[] {
  return flags
    .filter(({ name }) => name === 'mount')
    .map(({ value = '' }) => {
      const fields = new Map(
        value.split(',').map((field) => {
          const [key = '', ...rest] = field.split('=');
          return [key.trim().toLowerCase(), rest.join('=').trim()];
        }),
      );
      const target = fields.get('target') ?? fields.get('dst') ?? fields.get('destination');
      return { type: fields.get('type') ?? 'bind', ...(target === undefined ? {} : { target }) };
    });
}

/** True where it is given a secret that stays out of layers. */
export function mountsSecret(instruction: Instruction): boolean {
  return mountsOf(instruction).some(({ type }) => type === 'secret');
}

/** True where one of these folders, or one above it, is no part of the layer. */
export function mountsOver(instruction: Instruction, folders: readonly string[]): boolean {
  return mountsOf(instruction).some(
    ({ type, target = '' }) =>
      (type === 'cache' || type === 'tmpfs') &&
      folders.some((folder) => `${folder}/`.startsWith(`${target.replace(/\/+$/, '')}/`)),
  );
}
