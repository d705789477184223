import { posix } from 'node:path';
import type { SetVariable, Step } from '../../../lang/dockerfile/stages.ts';
import type { Breach, Check } from '../../check.ts';
import { linesOf, type DockerfileDocument } from '../document.ts';
import { dockerfileInfo } from '../info.ts';
import { literalOfLogin } from '../login-literals.ts';
import { mountsSecret } from '../mounts.ts';
import { namesSecret, namesSecretFile } from '../secret-names.ts';

/** Secrets that stay in the image, or in its history. Their values are never told. */
export const leakedSecrets: Check<DockerfileDocument> = {
  info: dockerfileInfo('0031', 'do-not-pass-secrets', {
    severity: 'CRITICAL',
    title: 'Secrets by build arguments, variables or copied files',
    description:
      'What ARG, ENV, COPY and RUN are given stays in the image or in its history: whoever can pull the image can read it.',
    resolution: "Give secrets to a build by '--mount=type=secret', and to a container when it starts.",
  }),
  *find({ shipped }) {
    const files = new Map<string, string>();
    for (const step of shipped) {
      for (const set of step.sets) {
        if (namesSecretFile(set.name) && set.value !== undefined && !set.value.open) {
          files.set(posix.resolve('/', set.value.text), set.name);
        }
      }
    }
    let workdir = '/';
    for (const step of shipped) {
      const { keyword } = step.instruction;
      if (keyword === 'WORKDIR') workdir = posix.resolve(workdir, step.words[0]?.text ?? '');
      if (keyword === 'ARG' || keyword === 'ENV') yield* secretVariables(step);
      if (keyword === 'COPY' || keyword === 'ADD') yield* copiedFiles(step, workdir, files);
      if (keyword === 'RUN') yield* logins(step);
    }
  },
};

function* secretVariables({ instruction, sets }: Step): Generator<Breach> {
  for (const set of sets) {
    if (!namesSecret(set.name) || (instruction.keyword === 'ENV' && !mayBeSecret(set))) continue;
    const message = `${instruction.keyword} '${set.name}' looks like a secret, which stays in the image or its history`;
    yield { message, lines: linesOf(instruction) };
  }
}

/** Nothing, a switch and a number are none. */
function mayBeSecret({ value }: SetVariable): boolean {
  return value !== undefined && !/^(?:\d{0,6}|true|false|yes|no|on|off|none|null)$/i.test(value.text);
}

function* copiedFiles(
  { instruction, words }: Step,
  workdir: string,
  files: ReadonlyMap<string, string>,
): Generator<Breach> {
  const target = words.at(-1)?.text;
  if (target === undefined || files.size === 0) return;
  const place = posix.resolve(workdir, target);
  const places = [place, ...words.slice(0, -1).map(({ text }) => posix.join(place, posix.basename(text)))];
  for (const each of new Set(places)) {
    const variable = files.get(each);
    if (variable === undefined) continue;
    const message = `${instruction.keyword} puts '${each}' into the image, which '${variable}' names as a file with credentials`;
    yield { message, lines: linesOf(instruction) };
  }
}

function* logins({ instruction, commands }: Step): Generator<Breach> {
  if (mountsSecret(instruction)) return;
  for (const command of commands) {
    const what = literalOfLogin(command);
    if (what === undefined) continue;
    yield {
      message: `RUN gives '${what}' to ${command.words[0]} as a literal, which stays in the history`,
      lines: command.lines,
    };
  }
}
